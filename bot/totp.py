"""One-time codes by time (RFC 6238: SHA-1, six digits, thirty seconds). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

_SECONDS = 30
_DIGITS = 6
_EITHER_WAY = 1
"""Steps by which a telephone's clock may be wrong."""


def secret_of(key: str, person: str, epoch: int) -> bytes:
    """A person's secret, made from the mounted key, so that it need not be stored anywhere.

    Args:
        epoch: counts enrolments; another number is another secret.
    """
    return hmac.digest(key.encode(), f"totp\0{person}\0{epoch}".encode(), hashlib.sha256)[:20]


def step_of(at: datetime) -> int:
    """The number of the thirty seconds this moment lies in."""
    return int(at.timestamp()) // _SECONDS


def code(secret: bytes, step: int) -> str:
    """The code of one step, with leading zeros."""
    digest = hmac.digest(secret, struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 0x0F
    (number,) = struct.unpack(">I", digest[offset : offset + 4])
    return f"{(number & 0x7FFFFFFF) % 10**_DIGITS:0{_DIGITS}}"


def matching_step(secret: bytes, said: str, at: datetime) -> int | None:
    """The step this code belongs to, now or one step off; None when to none.

    The comparison takes as long for every code.
    """
    now = step_of(at)
    found = None
    for step in range(now - _EITHER_WAY, now + _EITHER_WAY + 1):
        if hmac.compare_digest(code(secret, step).encode(), said.encode()):
            found = step
    return found


def address(secret: bytes, person: str, issuer: str) -> str:
    """What an authenticator app reads from the picture."""
    label = quote(f"{issuer}:{person}")
    text = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{label}?{urlencode({'secret': text, 'issuer': issuer})}"
