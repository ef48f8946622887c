"""Rocket.Chat's REST interface: one call, and what its answer means.

Judged by the status and the error type, never by an error's text; only the seconds to wait are
read from it where no header says them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import structlog

from bot.errors import AdapterError, Denied, Invalid, Limited, Missing, Unavailable
from bot.jsontext import loads

log = structlog.get_logger()

SYSTEM = "Rocket.Chat"
_EXCERPT = 200
_AT_LEAST = timedelta(seconds=1)
_FORBIDDEN = {
    "error-action-not-allowed",
    "error-forbidden",
    "error-not-allowed",
    "error-not-authorized",
    "error-unauthorized",
    "not-allowed",
    "not-authorized",
    "unauthorized",
}
_ABSENT = {"error-message-not-found", "error-invalid-message", "error-invalid-user"}
_TOO_MANY = {"error-too-many-requests", "too-many-requests"}
_TWO_FACTOR = {"totp-required", "totp-invalid", "totp-max-attempts"}
_RESTRICTED = "restricted-workspace"


class TokenRefused(Denied):
    """The server does not know the token, whatever it was used for."""


class Unexplained(Invalid):
    """A 400 without an error type: the server stumbled over something it did not foresee.

    After a post with an id of our own it may mean that the message is already there.
    """


class Rest:
    """Calls as one account.

    Args:
        url: the server's address, with its path when it has one.
        timeout: for one whole call.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        user_id: str,
        token: str,
        timeout: timedelta,
    ) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._headers = {"X-User-Id": user_id, "X-Auth-Token": token}
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())
        self._told: set[str] = set()

    async def get(self, endpoint: str, **params: str) -> dict[str, Any]:
        """Read. Raises what `judge` raises, and Unavailable."""
        return await self._call("GET", f"/api/v1/{endpoint}", params=params)

    async def post(self, endpoint: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Change. Raises what `judge` raises, and Unavailable, after which it may have happened."""
        return await self._call("POST", f"/api/v1/{endpoint}", body=body)

    async def upload(self, endpoint: str, name: str, type: str, content: bytes) -> dict[str, Any]:
        """Send a file as the form's part `file`. Raises as `post` does."""
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type=type)
        return await self._call("POST", f"/api/v1/{endpoint}", form=form)

    async def info(self) -> dict[str, Any]:
        """What the server says of itself."""
        return await self._call("GET", "/api/info")

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        form: aiohttp.FormData | None = None,
    ) -> dict[str, Any]:
        name = path.split("/")[-1 if path.startswith("/api/info") else 3]
        try:
            async with self._session.request(
                method,
                self._url + path,
                params=params,
                json=body,
                data=form,
                headers=self._headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                content = await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unavailable(
                SYSTEM,
                f"{name} got no answer ({type(error).__name__})",
                "The server may be restarting",
            ) from error
        self._note_deprecation(name, response.headers)
        return judge(name, response.status, response.headers, content)

    def _note_deprecation(self, name: str, headers: Mapping[str, str]) -> None:
        if "x-deprecation-type" in headers and name not in self._told:
            self._told.add(name)
            log.warning(
                "rocketchat.deprecated",
                endpoint=name,
                type=headers["x-deprecation-type"],
                message=headers.get("x-deprecation-message", ""),
                version=headers.get("x-deprecation-version", ""),
            )


def judge(name: str, status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """The answer's object, when it is a good one.

    Raises Limited, TokenRefused, Denied, Missing, Invalid, Unexplained, or Unavailable for
    everything that is no answer of Rocket.Chat.
    """
    answer = _object(content)
    if status == 429:
        raise _limited(name, answer or {}, headers)
    if status == 401:
        raise TokenRefused(SYSTEM, f"{name}: 401, the token is refused", "Renew chat.token")
    if status == 413:
        raise Invalid(SYSTEM, f"{name}: 413, the request is too large")
    if 300 <= status < 400:
        hint = "Set chat.url to the address it redirects to"
        raise Unavailable(SYSTEM, f"{name}: {status}, redirected elsewhere", hint)
    if answer is None or status >= 500 or _foreign(status, answer):
        raise Unavailable(SYSTEM, f"{name}: {status} {_excerpt(content)}", "Check chat.url")
    if status == 200 and answer.get("success", True):
        return answer
    raise _refused(name, status, answer, headers)


def _foreign(status: int, answer: Mapping[str, Any]) -> bool:
    """Whether a refusal is not the server's: each of its own says `success` or `status`. A gateway
    that finds no way to it must not pass for a message that is not there."""
    return status >= 400 and not {"success", "status"} & answer.keys()


def _refused(
    name: str, status: int, answer: Mapping[str, Any], headers: Mapping[str, str]
) -> AdapterError:
    code = str(answer.get("errorType") or "")
    text = str(answer.get("error") or answer.get("message") or "no reason given")[:_EXCERPT]
    why = f"{name}: {status}, {text}"
    if code in _TOO_MANY:
        return _limited(name, answer, headers)
    if code == _RESTRICTED:
        return Denied(
            SYSTEM,
            f"{name}: the workspace is restricted: without a licence a server that could not "
            "report statistics to its vendor's cloud for 10 days refuses messages",
            "Let the server reach the vendor's cloud, or give it a licence",
        )
    if code in _TWO_FACTOR:
        return Denied(SYSTEM, why, "Make chat.token with two-factor ignored")
    if status == 403 or code in _FORBIDDEN:
        return Denied(SYSTEM, why, "Check the roles of Houston's account and the room's settings")
    if status == 404 or code in _ABSENT:
        return Missing(SYSTEM, why)
    return Invalid(SYSTEM, why) if code else Unexplained(SYSTEM, why)


def _limited(name: str, answer: Mapping[str, Any], headers: Mapping[str, str]) -> Limited:
    wait = max(_until_reset(headers), _said(answer), _AT_LEAST)
    seconds = wait.total_seconds()
    return Limited(SYSTEM, f"{name}: too many requests, {seconds:.0f} s to wait", wait)


def _until_reset(headers: Mapping[str, str]) -> timedelta:
    """From the server's own clock to X-RateLimit-Reset, which is in milliseconds."""
    try:
        now = parsedate_to_datetime(headers["Date"]).timestamp()
        return timedelta(seconds=int(headers["X-RateLimit-Reset"]) / 1000 - now)
    except (KeyError, ValueError, OverflowError):
        return timedelta(0)


def _said(answer: Mapping[str, Any]) -> timedelta:
    details = answer.get("details")
    if isinstance(details, dict) and isinstance(details.get("timeToReset"), int | float):
        return timedelta(milliseconds=details["timeToReset"])
    said = re.search(r"wait (\d+) second", str(answer.get("error")))
    return timedelta(seconds=int(said[1]) if said else 0)


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        answer = loads(content)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _excerpt(content: bytes) -> str:
    text = " ".join(content.decode("utf-8", "replace").split())
    if text.startswith("<"):
        return "with an HTML page, not an answer"
    return text[:_EXCERPT] or "without a body"
