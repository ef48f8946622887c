"""Image registries over the distribution API, v2."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp

from bot.errors import AdapterError, Denied, Limited, Unavailable

_TYPES = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
"""All four: a registry hides an index from who only asks for manifests."""
_DOCKER_HUB = "registry-1.docker.io"
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_EARLY = 10.0
"""Seconds before its end at which a token counts as spent."""
_LIMIT = aiohttp.ClientTimeout(total=15, connect=5)


@dataclass(frozen=True)
class Endpoint:
    """How a host is reached."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Token:
    """A bearer token, good until then in the loop's time."""

    text: str = field(repr=False)
    until: float


class RegistryV2:
    """Every registry that images may come from.

    Args:
        session: shared; not closed here.
        hosts: endpoints by registry host; others are reached at `https://<host>`.
    """

    def __init__(self, session: aiohttp.ClientSession, hosts: Mapping[str, Endpoint]) -> None:
        self._session = session
        self._hosts = dict(hosts)
        self._tokens: dict[tuple[str, str], Token] = {}

    async def digest(self, repository: str, tag: str) -> str | None:
        """See the port."""
        host, name = split(repository)
        path = f"/v2/{name}/manifests/{quote(tag, safe='')}"
        answer = await self._head(host, path, f"repository:{name}:pull")
        status, headers = answer
        if status == 200:
            return _digest(host, headers)
        if status == 404:
            return None
        raise _refusal(host, name, status, headers)

    async def reachable(self) -> dict[str, str]:
        """See the port."""
        hosts = list(self._hosts) or [_DOCKER_HUB]
        found = await asyncio.gather(*(self._ping(host) for host in hosts))
        return dict(zip(hosts, found, strict=True))

    async def _ping(self, host: str) -> str:
        try:
            status, _ = await self._once(host, "/v2/", {})
        except AdapterError as error:
            return error.message
        return "ok" if status in {200, 401} else f"answers {status}"

    async def _head(self, host: str, path: str, scope: str) -> tuple[int, Mapping[str, str]]:
        known = self._tokens.get((host, scope))
        headers = {"Authorization": f"Bearer {known.text}"} if self._fresh(known) and known else {}
        status, answer = await self._once(host, path, headers)
        if status != 401:
            return status, answer
        challenge = answer.get("WWW-Authenticate", "")
        if challenge.lower().startswith("basic"):
            return await self._once(host, path, self._basic(host))
        token = await self._token(host, challenge, scope)
        return await self._once(host, path, {"Authorization": f"Bearer {token}"})

    async def _token(self, host: str, challenge: str, scope: str) -> str:
        """Follow the challenge. Raises Denied when even a token is refused."""
        wanted = dict(_CHALLENGE.findall(challenge))
        realm = wanted.get("realm", "")
        if not challenge.lower().startswith("bearer") or not realm:
            raise Denied(host, "401 and no way named to get a token", "Give registries credentials")
        params = {"scope": wanted.get("scope", scope)}
        if "service" in wanted:
            params["service"] = wanted["service"]
        try:
            async with self._session.get(
                realm, params=params, headers=self._basic(host), timeout=_LIMIT
            ) as answer:
                if answer.status != 200:
                    raise _refusal(host, "the image", answer.status, answer.headers)
                token = _read_token(await answer.json(content_type=None))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable(host, f"no token ({type(error).__name__})") from error
        self._tokens[host, scope] = token
        return token.text

    async def _once(
        self, host: str, path: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str]]:
        url = self._endpoint(host).url.rstrip("/") + path
        try:
            async with self._session.head(
                url, headers={"Accept": _TYPES, **headers}, timeout=_LIMIT, allow_redirects=True
            ) as answer:
                return answer.status, answer.headers.copy()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(
                host, f"not reachable ({type(error).__name__})", "Try again in a moment"
            ) from error

    def _basic(self, host: str) -> dict[str, str]:
        endpoint = self._endpoint(host)
        if not endpoint.username:
            return {}
        pair = f"{endpoint.username}:{endpoint.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def _endpoint(self, host: str) -> Endpoint:
        return self._hosts.get(host) or Endpoint(f"https://{host}")

    def _fresh(self, token: Token | None) -> bool:
        return token is not None and token.until > asyncio.get_running_loop().time()


def split(repository: str) -> tuple[str, str]:
    """Host and name of an image, by Docker's rules for names without a host."""
    first, _, rest = repository.partition("/")
    if not rest or not ("." in first or ":" in first or first == "localhost"):
        first, rest = "docker.io", repository
    if first != "docker.io":
        return first, rest
    return _DOCKER_HUB, rest if "/" in rest else f"library/{rest}"


def _digest(host: str, headers: Mapping[str, str]) -> str:
    """The manifest's digest, `unknown` when the registry keeps it to itself.

    Raises Unavailable when it is no manifest: a proxy's page is a 200 too.
    """
    kind = headers.get("Content-Type", "").partition(";")[0]
    digest = headers.get("Docker-Content-Digest", "")
    if not digest and kind not in _TYPES.split(", "):
        raise Unavailable(
            host, f"a {kind or 'nothing'} instead of a manifest", "A proxy may answer"
        )
    return digest or "unknown"


def _read_token(payload: Any) -> Token:
    """From the token service's JSON. Raises ValueError when there is no token in it."""
    known = payload if isinstance(payload, dict) else {}
    text = str(known.get("token") or known.get("access_token") or "")
    if not text:
        raise ValueError("no token")
    until = asyncio.get_running_loop().time() + float(known.get("expires_in") or 60) - _EARLY
    return Token(text, until)


def _refusal(host: str, name: str, status: int, headers: Mapping[str, str]) -> AdapterError:
    if status in {401, 403}:
        return Denied(
            host,
            f"{status}: {name} is not visible to us",
            "It is private or was never there; give registries credentials",
        )
    if status == 429:
        wait = headers.get("Retry-After", "60")
        seconds = float(wait) if wait.isdigit() else 60.0
        return Limited(host, "429 too many requests", timedelta(seconds=seconds))
    return Unavailable(host, f"answers {status}", "Try again in a moment")
