"""What a failure of Azure Resource Manager means, as one of our errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp

from adapters.http import no_answer, quoted
from bot.errors import (
    AdapterError,
    Busy,
    Conflict,
    Denied,
    Invalid,
    Limited,
    Missing,
    Unavailable,
    UnknownOutcome,
)
from bot.jsontext import loads

SYSTEM = "Azure"
_DEFAULT_WAIT = 5.0
_AADSTS = re.compile(r"AADSTS(\d+)")
_ACTION = re.compile(r"perform action '([\w./-]+)'")
_IDENTIFIER = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_RETRY_AFTER = re.compile(r"(?:^|-)retry-after$", re.IGNORECASE)
_SIGN_IN = {
    "70021": "no federated credential matches Houston's service account",
    "700213": "no federated credential matches Houston's service account",
    "700016": "the application is not known in this tenant",
    "700024": "the service account's token has expired",
    "7000215": "the client secret is wrong",
    "7000222": "the client secret has expired",
    "90002": "the tenant is not known",
}
"""What the numbers of a refused sign-in mean."""


def failure(status: int, text: str, headers: Mapping[str, str]) -> AdapterError:
    """The error an answer stands for: by its code first, since the status of some differs.

    Ids of people and applications are left out of what is quoted.
    """
    code, message = read_error(text)
    said = _IDENTIFIER.sub("…", " ".join(filter(None, (str(status), code, quoted(message)))))
    if code == "OperationNotAllowed":
        return Busy(SYSTEM, said, "See `!cluster status`")
    if status in {401, 403}:
        return _denied(status, code, message)
    if status == 429:
        return Limited(SYSTEM, said, retry_after(headers), "Try again later")
    return _refused(status, said)


def _denied(status: int, code: str, message: str) -> Denied:
    if status == 401:
        return Denied(SYSTEM, f"{status} {code or 'refused'}", "Renew what azure.identity uses")
    action = _ACTION.search(message)
    lacking = f"the right {action[1]}" if action else "a right"
    return Denied(SYSTEM, f"Houston lacks {lacking} ({code or status})", "Give it the role there")


def _refused(status: int, said: str) -> AdapterError:
    match status:
        case 404:
            return Missing(SYSTEM, said)
        case 409 | 412:
            return Conflict(SYSTEM, said)
        case _ if status >= 500 or status < 400:
            return Unavailable(SYSTEM, said, "Try again in a moment")
        case _:
            return Invalid(SYSTEM, said)


def read_error(text: str) -> tuple[str, str]:
    """Code and message of an error body, wrapped in `error` or flat; empty when it is neither.

    Key Vault says why only in an inner error.
    """
    body = read_json(text, strict=False)
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict) and inner.get("code"):
            closer = inner.get("innererror")
            code = closer.get("code") if isinstance(closer, dict) else None
            return str(code or inner["code"]), str(inner.get("message") or "")
    return "", text


def retry_after(headers: Mapping[str, str]) -> timedelta:
    """The longest time any of the headers asks to wait; Cost Management has several of its own."""
    waits = [value for name, value in headers.items() if _RETRY_AFTER.search(name)]
    seconds = [float(value) for value in waits if value.replace(".", "", 1).isdigit()]
    return timedelta(seconds=max(seconds, default=_DEFAULT_WAIT))


def read_json(text: str, *, strict: bool = True) -> Any:
    """None for nothing. Raises Unavailable for what is no JSON, unless not `strict`."""
    if not text.strip():
        return None
    try:
        return loads(text)
    except ValueError:
        if not strict:
            return None
        raise Unavailable(
            SYSTEM, f"something else than JSON: {quoted(text)}", "A proxy may stand in between"
        ) from None


def sign_in(error: Exception) -> Denied:
    """What azure-identity's error means; of its text only the number is shown."""
    number = _AADSTS.search(str(error))
    why = _SIGN_IN.get(number[1], "refused") if number else "Houston could not sign in"
    shown = f" (AADSTS{number[1]})" if number else ""
    return Denied(SYSTEM, f"the sign-in failed: {why}{shown}", "Renew what azure.identity uses")


def broken(error: Exception, *, sent: bool) -> AdapterError:
    """What it means that no answer came.

    Args:
        sent: it was a change, so that it may have happened unless no connection was made.
    """
    cause = error.__cause__ or error
    what = no_answer(cause)
    if isinstance(cause, aiohttp.ClientConnectorError):
        key = "ca_file" if isinstance(cause, aiohttp.ClientSSLError) else "url"
        return Unavailable(SYSTEM, what, f"Check azure.{key}")
    if sent:
        return UnknownOutcome(SYSTEM, f"{what} after the change was sent")
    return Unavailable(SYSTEM, what, "Try again in a moment")
