"""The one JSON client: time limits, retries of reads, and every failure as one of our errors."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from bot.errors import (
    AdapterError,
    Conflict,
    Denied,
    Invalid,
    Limited,
    Missing,
    Unavailable,
    UnknownOutcome,
)
from bot.jsontext import loads

_SHOWN = 200
"""Characters of a body that an error may quote."""
_READS = 3
_LONGEST_WAIT = 30.0
_TAGS = re.compile(r"(?:<[^>]*>|\s)+")


class JsonClient:
    """Speaks JSON with one server.

    Args:
        session: shared by every adapter; not closed here.
        base_url: without a slash at the end.
        system: the server's name as people know it, for errors.
        headers: sent with every request; they may hold a credential and never show in errors.
        timeout: of a whole request.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        *,
        system: str,
        headers: Mapping[str, str] | None = None,
        timeout: timedelta = timedelta(seconds=20),
    ) -> None:
        self._session = session
        self._base = base_url.rstrip("/")
        self.system = system
        self._headers = dict(headers or {})
        self._timeout = timeout

    async def get(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        within: timedelta | None = None,
        tries: int = _READS,
    ) -> Any:
        """Read; tried again when the server is away.

        Raises the errors of `failure`, Unavailable when no usable answer came.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Unavailable),
            stop=stop_after_attempt(tries),
            wait=_wait,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._ask("GET", path, params=params, headers=headers, within=within)
        raise AssertionError("unreachable")

    async def post(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Change something; never sent twice.

        Raises UnknownOutcome when it was sent and no answer came.
        """
        return await self._ask("POST", path, params=params, headers=headers, body=body)

    async def put(
        self, path: str, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Make something be so; asking twice must be the same as once. Raises UnknownOutcome."""
        return await self._ask("PUT", path, headers=headers, body=body)

    async def delete(self, path: str, *, params: Mapping[str, str] | None = None) -> Any:
        """Remove or stop something; asking twice must be the same as once.

        When the server hangs up, aiohttp itself sends it a second time. It says that it speaks JSON
        although it has no body: Argo CD wants to know that of every change. Raises UnknownOutcome
        when it was sent and no answer came.
        """
        return await self._ask(
            "DELETE", path, params=params, headers={"Content-Type": "application/json"}
        )

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        within: timedelta | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = aiohttp.ClientTimeout(total=(within or self._timeout).total_seconds(), connect=10.0)
        try:
            async with self._session.request(
                method,
                self._base + path,
                params=params,
                json=body,
                headers={**self._headers, **(headers or {})},
                timeout=limit,
                allow_redirects=False,
            ) as answer:
                text = await answer.text(errors="replace")
                return self._read(answer, text)
        except aiohttp.ClientConnectorError as error:
            raise Unavailable(self.system, no_answer(error), "Check its address") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            what = no_answer(error)
            if method == "GET":
                raise Unavailable(self.system, what, "Try again in a moment") from error
            raise UnknownOutcome(self.system, f"{what} after the change was sent") from error

    def _read(self, answer: aiohttp.ClientResponse, text: str) -> Any:
        if answer.content_type.startswith("application/grpc"):
            raise Unavailable(self.system, f"{answer.status} in gRPC where JSON was asked for")
        if answer.status >= 300:
            raise failure(self.system, answer.status, text, answer.headers)
        if not text.strip():
            return None
        try:
            return loads(text)
        except ValueError:
            raise Unavailable(
                self.system,
                f"{answer.status} with something else than JSON: {_said(text)}",
                "A proxy may stand in between",
            ) from None


def failure(system: str, status: int, text: str, headers: Mapping[str, str]) -> AdapterError:
    """The error an HTTP status stands for; the body is quoted, cut, without markup."""
    said = f"{status} {_said(text)}".strip()
    match status:
        case 401 | 403:
            return Denied(system, said, "Renew its token, or give it the right")
        case 404:
            return Missing(system, said)
        case 409 | 412:
            return Conflict(system, said)
        case 429:
            return Limited(system, said, _retry_after(headers), "Try again later")
        case _ if status >= 500 or status < 400:
            return Unavailable(system, said, "Try again in a moment")
        case _:
            return Invalid(system, said)


def _said(text: str) -> str:
    """The body, cut; of a page it is said that it is one: no API answers with that."""
    page = text.lstrip()[:9].lower().startswith(("<!doctype", "<html"))
    return f"{quoted(text)} (a page for people)" if page else quoted(text)


def quoted(text: str) -> str:
    """A body as an error shows it."""
    return _TAGS.sub(" ", text).strip()[:_SHOWN]


def _retry_after(headers: Mapping[str, str]) -> timedelta:
    try:
        seconds = float(headers.get("Retry-After", "5"))
    except ValueError:
        seconds = _LONGEST_WAIT
    return timedelta(seconds=min(max(seconds, 0.0), _LONGEST_WAIT))


_JITTER = wait_random_exponential(multiplier=0.2, max=3)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Limited):
        return error.retry_after.total_seconds()
    return float(_JITTER(state))


def no_answer(error: BaseException) -> str:
    """Why none came, in words. A server that speaks HTTP/2 alone breaks off at the first line."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return f"the name {error.host} is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return f"{error.host} shows a certificate that is not trusted"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"{error.host}:{error.port} refuses the connection"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, aiohttp.ClientResponseError):
        return "an answer that is no HTTP/1.1; it may be gRPC only"
    return f"the connection broke ({type(error).__name__})"
