"""Image registries over the distribution API, v2."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote

import aiohttp

from adapters.bounded import TooLong, body
from bot.errors import AdapterError, Denied, Invalid, Limited, Missing, Unavailable
from bot.jsontext import loads
from bot.ports.registry import split

_TYPES = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
"""All four: a registry hides an index from who only asks for manifests."""
_CHALLENGE = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next\b')
_PAGE = "1000"
"""Tags asked for at once; a registry may give fewer."""
_MOST_PAGES = 200
_MOST_TAGS = 50_000
_LARGEST = 8_000_000
"""Bytes of one page: some registries list every manifest beside the tags."""
_EARLY = 10.0
"""Seconds before its end at which a token counts as spent."""
_LIMIT = aiohttp.ClientTimeout(total=15, connect=5)


@dataclass(frozen=True)
class Endpoint:
    """How a host is reached."""

    url: str
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def login(self) -> dict[str, str]:
        """The header that logs in; none without a name."""
        if not self.username:
            return {}
        pair = f"{self.username}:{self.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = b""


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
        answer = await self._ask("HEAD", host, path, f"repository:{name}:pull")
        if answer.status == 200:
            return _digest(host, answer.headers)
        if answer.status == 404:
            return None
        raise _refusal(host, name, answer.status, answer.headers)

    async def tags(self, repository: str) -> list[str]:
        """See the port."""
        host, name = split(repository)
        found: list[str] = []
        query = {"n": _PAGE}
        for _ in range(_MOST_PAGES):
            page = await self._page(host, name, query)
            found += _read_tags(host, page.body)
            after = _next(page.headers)
            if after is None:
                return found
            query = after
            if len(found) > _MOST_TAGS:
                break
        raise Invalid(host, f"{name} has more tags than Houston reads")

    async def _page(self, host: str, name: str, query: Mapping[str, str]) -> _Answer:
        path, scope = f"/v2/{name}/tags/list", f"repository:{name}:pull"
        answer = await self._ask("GET", host, path, scope, query)
        if answer.status == 404:
            raise Missing(host, f"there is no image {name}")
        if answer.status != 200:
            raise _refusal(host, name, answer.status, answer.headers)
        return answer

    async def reachable(self) -> dict[str, str]:
        """See the port."""
        hosts = list(self._hosts) or ["registry-1.docker.io"]
        found = await asyncio.gather(*(self._ping(host) for host in hosts))
        return dict(zip(hosts, found, strict=True))

    async def _ping(self, host: str) -> str:
        try:
            answer = await self._once("HEAD", host, "/v2/", {})
        except AdapterError as error:
            return error.message
        return "ok" if answer.status in {200, 401} else f"answers {answer.status}"

    async def _ask(
        self,
        method: str,
        host: str,
        path: str,
        scope: str,
        query: Mapping[str, str] | None = None,
    ) -> _Answer:
        known = self._tokens.get((host, scope))
        headers = {"Authorization": f"Bearer {known.text}"} if self._fresh(known) and known else {}
        answer = await self._once(method, host, path, headers, query)
        if answer.status != 401:
            return answer
        challenge = answer.headers.get("WWW-Authenticate", "")
        if challenge.lower().startswith("basic"):
            return await self._once(method, host, path, self._endpoint(host).login, query)
        token = await self._token(host, challenge, scope)
        bearer = {"Authorization": f"Bearer {token}"}
        return await self._once(method, host, path, bearer, query)

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
                realm, params=params, headers=self._endpoint(host).login, timeout=_LIMIT
            ) as answer:
                if answer.status != 200:
                    raise _refusal(host, "the image", answer.status, answer.headers)
                token = _read_token(loads(await answer.read()))
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable(host, f"no token ({type(error).__name__})") from error
        self._tokens[host, scope] = token
        return token.text

    async def _once(
        self,
        method: str,
        host: str,
        path: str,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
    ) -> _Answer:
        url = self._endpoint(host).url.rstrip("/") + path
        accept = {"Accept": _TYPES} if method == "HEAD" else {}
        try:
            async with self._session.request(
                method, url, params=query, headers={**accept, **headers}, timeout=_LIMIT
            ) as answer:
                content = await body(answer, _LARGEST)
                return _Answer(answer.status, answer.headers.copy(), content)
        except TooLong:
            raise Invalid(host, f"an answer of more than {_LARGEST} bytes") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(
                host, f"not reachable ({type(error).__name__})", "Try again in a moment"
            ) from error

    def _endpoint(self, host: str) -> Endpoint:
        return self._hosts.get(host) or Endpoint(f"https://{host}")

    def _fresh(self, token: Token | None) -> bool:
        return token is not None and token.until > asyncio.get_running_loop().time()


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


def _read_tags(host: str, content: bytes) -> list[str]:
    """From one page's JSON, in which an image without tags has null.

    Raises Unavailable when it is no list of tags: a proxy's page is a 200 too.
    """
    try:
        tags = loads(content)["tags"] or []
    except (ValueError, KeyError, TypeError):
        tags = None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise Unavailable(host, "something else than a list of tags", "A proxy may answer")
    return tags


def _next(headers: Mapping[str, str]) -> dict[str, str] | None:
    """What to ask for the next page; None after the last one.

    Only the query is taken: a link may not lead to another host or path.
    """
    link = _NEXT.search(headers.get("Link", ""))
    return dict(parse_qsl(link[1].partition("#")[0].partition("?")[2])) if link else None


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
