"""Operators' tokens, and what is kept of them: a salted scrypt hash (RFC 7914). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping

PREFIX = "hop_"
"""What a token begins with, so that it is known for one wherever it is pasted."""
_COST, _BLOCK, _LANES = 2**14, 8, 1
"""16 MiB and some 50 ms a try: enough, since tokens are 256 random bits and not chosen."""
_SHAPE = re.compile(r"scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]{22})\$([\w-]{43})", re.ASCII)


def new_token() -> str:
    """A token nobody can guess."""
    return PREFIX + secrets.token_urlsafe(32)


def hashed(token: str) -> str:
    """What is kept of a token: `scrypt$COST$BLOCK$LANES$SALT$HASH`, the latter two in base64."""
    salt = secrets.token_bytes(16)
    made = _scrypt(token, salt, _COST, _BLOCK, _LANES)
    return f"scrypt${_COST}${_BLOCK}${_LANES}${_text(salt)}${_text(made)}"


def matches(token: str, kept: str) -> bool:
    """Whether this is the token. It takes as long for every token."""
    shape = _SHAPE.fullmatch(kept)
    if shape is None:
        raise ValueError("is no scrypt hash")
    cost, block, lanes = (int(number) for number in shape.groups()[:3])
    made = _scrypt(token, _bytes(shape[4]), cost, block, lanes)
    return hmac.compare_digest(made, _bytes(shape[5]))


def listed(text: str) -> Mapping[str, str]:
    """The hashes by who they are of, from lines `NAME: HASH`; empty lines and `#` are skipped.

    Raises ValueError with the number of the line that is wrong, and nothing of what stands there.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name, _, kept = (part.strip() for part in line.partition(":"))
        if not name or name.startswith("#"):
            continue
        if not usable(kept):
            raise ValueError(f"line {number} is not NAME: HASH as `houston operator add` prints it")
        if name.lower() in found:
            raise ValueError(f"line {number} is for somebody who has a line already")
        found[name.lower()] = kept
    return found


def usable(kept: str) -> bool:
    """Whether this is a hash that costs no less than those made here, and no absurd amount."""
    shape = _SHAPE.fullmatch(kept)
    if shape is None:
        return False
    cost, block, lanes = (int(number) for number in shape.groups()[:3])
    power = cost & (cost - 1) == 0
    return power and _COST <= cost <= 2**18 and block == _BLOCK and 1 <= lanes <= 8


def _scrypt(token: str, salt: bytes, cost: int, block: int, lanes: int) -> bytes:
    memory = 256 * cost * block
    said = token.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(said, salt=salt, n=cost, r=block, p=lanes, maxmem=memory, dklen=32)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
