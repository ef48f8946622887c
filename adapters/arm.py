"""One small client for Azure Resource Manager, and every failure as one of our errors.

azure-identity gives the token, azure-core's pipeline signs and sends. Nothing is retried by the
pipeline: it would send a change again whenever an answer says how long to wait. The libraries are
heavy, so they are imported for the first call: who asks nothing of Azure does not pay for them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential
from yarl import URL

from adapters.arm_errors import SYSTEM, broken, failure, read_json, sign_in
from adapters.http import quoted
from bot.errors import Denied, Limited, Unavailable

if TYPE_CHECKING:
    from azure.core import AsyncPipelineClient
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.rest import AsyncHttpResponse, HttpRequest

_READS = 3
_PAGES = 20
_LONGEST_WAIT = timedelta(seconds=30)


@dataclass(frozen=True)
class Answer:
    """Status, JSON body (None when empty) and headers of an answer that is no error."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Identity:
    """How Houston signs in. `kind` is workload_identity, client_secret or cli.

    `authority` is the sign-in server; `ca_file` a certificate authority to trust beside none.
    """

    kind: str
    tenant_id: str = ""
    client_id: str = ""
    client_secret: str = ""
    token_file: str = ""
    authority: str = ""
    ca_file: Path | None = None


def credential(identity: Identity) -> AsyncTokenCredential:
    """The credential of azure-identity; signs in at its first use. Raises Denied."""
    from azure.identity.aio import (
        AzureCliCredential,
        ClientSecretCredential,
        WorkloadIdentityCredential,
    )

    options: dict[str, Any] = {"connection_verify": _trusted(identity.ca_file), "retry_total": 1}
    if identity.authority:
        options["authority"] = identity.authority
    try:
        match identity.kind:
            case "client_secret":
                return ClientSecretCredential(
                    identity.tenant_id, identity.client_id, identity.client_secret, **options
                )
            case "cli":
                return AzureCliCredential(tenant_id=identity.tenant_id)
            case _:
                return WorkloadIdentityCredential(
                    tenant_id=identity.tenant_id or None,
                    client_id=identity.client_id or None,
                    token_file_path=identity.token_file or None,
                    **options,
                )
    except ValueError as error:
        raise Denied(
            SYSTEM,
            f"this identity is not complete: {quoted(str(error))}",
            "Set azure.tenant_id, azure.client_id and what azure.identity needs",
        ) from None


class Arm:
    """Azure Resource Manager, as one identity. Close it at the end.

    Args:
        scope: what a token is asked for; empty: `url` itself.
    """

    def __init__(
        self,
        identity: Identity,
        *,
        url: str = "https://management.azure.com",
        scope: str = "",
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self._base = url.rstrip("/")
        self._host = _host(url)
        self._identity = identity
        self._scope = scope or f"{self._base}/.default"
        self._timeout = timeout
        self._opened: _Opened | None = None

    async def close(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.client.close()
            await opened.session.close()
            await opened.credential.close()

    async def get(self, path: str, version: str, *, tries: int = _READS) -> Answer:
        """Read; tried again when Azure is away, or busy for a short while.

        Raises the errors of `arm_errors.failure`, Unavailable when no usable answer came.
        """
        return await self._patiently("GET", self._base + path, {"api-version": version}, tries)

    async def follow(self, url: str) -> Answer:
        """Read an address that Azure gave, exactly as it is. Such addresses are signed: they are
        never shown."""
        return await self._patiently("GET", url, {}, _READS)

    async def items(self, path: str, version: str, *, pages: int = _PAGES) -> list[dict[str, Any]]:
        """Every element of a list, page by page."""
        answer = await self.get(path, version)
        found: list[dict[str, Any]] = []
        for page in range(1, pages + 1):
            body = answer.body if isinstance(answer.body, dict) else {}
            found += body.get("value") or []
            if page == pages or not body.get("nextLink"):
                break
            answer = await self.follow(str(body["nextLink"]))
        return found

    async def send(
        self,
        method: str,
        path: str,
        version: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Change something; never sent twice, but for a PUT whose connection broke.

        aiohttp repeats that one by itself; with the same address and body it is the same change.

        Raises the errors of `failure`, UnknownOutcome when it was sent and no answer came.
        """
        url = path if path.startswith("https:") else self._base + path
        params = {} if path.startswith("https:") else {"api-version": version}
        return await self._ask(method, url, params, body, headers)

    async def _patiently(
        self, method: str, url: str, params: Mapping[str, str], tries: int
    ) -> Answer:
        retrying = AsyncRetrying(
            retry=retry_if_exception(_passes_soon),
            stop=stop_after_attempt(tries),
            wait=_wait,
            reraise=True,
        )
        async for attempt in retrying:
            with attempt:
                return await self._ask(method, url, params)
        raise AssertionError("unreachable")

    async def _ask(
        self,
        method: str,
        url: str,
        params: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        if self._opened is None:
            await asyncio.to_thread(_load)
        from azure.core import exceptions
        from azure.core.rest import HttpRequest

        if _host(url) != self._host:
            raise Unavailable(SYSTEM, "an answer points to another server", "A proxy may be wrong")
        request = HttpRequest(
            method, url, params=dict(params), json=body, headers=dict(headers or {})
        )
        client = self._open().client
        try:
            response = await client.send_request(request)
            text = response.text()
        except exceptions.ClientAuthenticationError as error:
            raise sign_in(error) from None
        except (exceptions.AzureError, TimeoutError) as error:
            raise broken(error, sent=method != "GET") from error
        if response.status_code >= 300:
            raise failure(response.status_code, text, response.headers)
        return Answer(response.status_code, read_json(text), response.headers)

    def _open(self) -> _Opened:
        """What calls go through, made for the first. Raises Denied for an incomplete identity."""
        if self._opened is None:
            from azure.core import AsyncPipelineClient
            from azure.core.pipeline import policies
            from azure.core.pipeline.transport import AioHttpTransport
            from azure.mgmt.core.policies import AsyncARMChallengeAuthenticationPolicy

            signed = credential(self._identity)
            session = aiohttp.ClientSession(trust_env=True)
            client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] = AsyncPipelineClient(
                self._base,
                policies=[
                    policies.RequestIdPolicy(),
                    policies.UserAgentPolicy("houston"),
                    AsyncARMChallengeAuthenticationPolicy(signed, self._scope),
                ],
                transport=AioHttpTransport(
                    session=cast(aiohttp.ClientSession, _Verbatim(session)),
                    session_owner=False,
                    connection_timeout=10.0,
                    read_timeout=self._timeout.total_seconds(),
                    connection_verify=_trusted(self._identity.ca_file),
                ),
            )
            self._opened = _Opened(signed, session, client)
        return self._opened


@dataclass(frozen=True)
class _Opened:
    """Closed with the client that made it."""

    credential: AsyncTokenCredential
    session: aiohttp.ClientSession
    client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse]


def _load() -> None:
    """Off the loop, at the first call: it takes a few tenths of a second."""
    import azure.identity.aio
    import azure.mgmt.core.policies  # noqa: F401


class _Verbatim:
    """A session that leaves addresses as they are.

    azure-core gives them as text, and aiohttp would write them anew: what Azure signed must come
    back to the letter.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self.auto_decompress = session.auto_decompress

    async def __aenter__(self) -> _Verbatim:
        return self

    async def request(self, method: str, url: str, **rest: Any) -> aiohttp.ClientResponse:
        return await self._session.request(method, URL(url, encoded=True), **rest)


def _host(url: str) -> str:
    """Name and port, nothing for no URL; Key Vault writes the usual port out, others do not."""
    try:
        return urlsplit(url).netloc.removesuffix(":443")
    except ValueError:
        return ""


def _passes_soon(error: BaseException) -> bool:
    if isinstance(error, Limited):
        return error.retry_after <= _LONGEST_WAIT
    return isinstance(error, Unavailable)


_JITTER = wait_random_exponential(multiplier=0.2, max=3)


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Limited):
        return error.retry_after.total_seconds()
    return float(_JITTER(state))


def _trusted(ca_file: Path | None) -> str | bool:
    return str(ca_file) if ca_file else True
