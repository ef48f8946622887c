"""Helm chart repositories that answer over HTTP with an `index.yaml`.

https://helm.sh/docs/topics/chart_repository/#the-index-file
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import aiohttp
import yaml

from adapters.bounded import TooLong, body
from adapters.registry import Endpoint
from bot.errors import Denied, Invalid, Limited, Missing, Unavailable
from bot.ports.charts import ChartVersion

_LARGEST = 10_000_000
"""Bytes of an index."""
_LIMIT = aiohttp.ClientTimeout(total=20, connect=5)
_SAID = ("version", "appVersion")


class HttpCharts:
    """Every chart repository.

    Args:
        session: shared; not closed here.
        hosts: endpoints by host; others are reached at the repository's own address.
    """

    def __init__(self, session: aiohttp.ClientSession, hosts: Mapping[str, Endpoint]) -> None:
        self._session = session
        self._hosts = dict(hosts)

    async def versions(self, repository: str, chart: str) -> list[ChartVersion]:
        """See the port."""
        host, index = await self._index(repository)
        try:
            found = await asyncio.to_thread(read_index, index, chart)
        except (yaml.YAMLError, ValueError):
            raise Unavailable(
                host, "something else than an index of charts", "A proxy may answer"
            ) from None
        if found is None:
            raise Missing(host, f"there is no chart {chart}")
        return found

    async def _index(self, repository: str) -> tuple[str, bytes]:
        """The repository's host, and its index."""
        try:
            parts = urlsplit(repository)
        except ValueError:
            raise Invalid(repository[:80], "this is no address of a repository") from None
        host, path = parts.netloc.rpartition("@")[2], parts.path.rstrip("/")
        known = self._hosts.get(host) or Endpoint(f"{parts.scheme}://{host}")
        url = f"{known.url.rstrip('/')}{path}/index.yaml"
        try:
            async with self._session.get(url, headers=known.login, timeout=_LIMIT) as answer:
                _check(host, answer)
                return host, await body(answer, _LARGEST)
        except TooLong:
            raise Invalid(host, f"its index has more than {_LARGEST} bytes") from None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise Unavailable(host, f"not reachable ({type(error).__name__})") from None


def read_index(content: bytes, chart: str) -> list[ChartVersion] | None:
    """A chart's versions; None when the index has no such chart.

    An index may be large, so it is read event by event and nothing but these is kept. Raises
    YAMLError or ValueError when it is none.
    """
    found: list[dict[str, str]] = []
    is_index = listed = False
    for path, value in _walk(content):
        is_index = is_index or path[:1] == ("entries",)
        if path[:2] != ("entries", chart):
            continue
        listed = True
        if len(path) == 3:
            found.append({})
        elif len(path) == 4 and found and path[3] in _SAID:
            found[-1][path[3]] = value
    if not is_index:
        raise ValueError("no entries")
    versions = (ChartVersion(one.get("version", ""), one.get("appVersion", "")) for one in found)
    return [one for one in versions if one.version] if listed else None


def _walk(content: bytes) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every scalar with the keys that lead to it, and every list and mapping with an empty value.

    An item of a list has the key 0, whichever it is. Aliases are not unfolded.
    """
    keys: list[str | int | None] = []
    for event in yaml.parse(content, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            keys.pop()
            _value_read(keys)
        elif isinstance(event, yaml.NodeEvent):
            scalar = event.value if isinstance(event, yaml.ScalarEvent) else ""
            if keys and keys[-1] is None:
                keys[-1] = scalar
                continue
            yield tuple("" if key is None else key for key in keys), scalar
            if isinstance(event, yaml.CollectionStartEvent):
                keys.append(None if isinstance(event, yaml.MappingStartEvent) else 0)
            else:
                _value_read(keys)


def _value_read(keys: list[str | int | None]) -> None:
    """In a mapping a key follows."""
    if keys and isinstance(keys[-1], str):
        keys[-1] = None


def _check(host: str, answer: aiohttp.ClientResponse) -> None:
    """Raises the error that the status stands for."""
    match answer.status:
        case 200:
            return
        case 401 | 403:
            raise Denied(host, f"{answer.status}: its charts are not visible to us")
        case 404 | 410:
            raise Missing(host, f"{answer.status}: there is no index of charts")
        case 429:
            raise Limited(host, "429 too many requests", timedelta(minutes=1))
        case status:
            raise Unavailable(host, f"answers {status}")
