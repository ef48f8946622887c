"""Lists and watches of the world's Kubernetes API, on the wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from adapters.sim.kinds import Kind
from adapters.sim.objectstore import Change, Refusal
from adapters.sim.selectors import matches
from adapters.sim.world import World

Object = dict[str, Any]

_LOOK = 0.05
_BOOKMARK = 1.0
_LONGEST = 300.0


def one(found: Object, request: web.Request) -> web.Response:
    """An object as the request accepts it."""
    if metadata_only(request):
        found = _metadata(found)
    return web.json_response(found)


def page(world: World, kind: Kind, namespace: str | None, request: web.Request) -> web.Response:
    """A page of a list as the request accepts it. Raises Refusal."""
    query = request.query
    found = world.cluster.api.page(
        kind.plural,
        namespace,
        labels=query.get("labelSelector", ""),
        fields=query.get("fieldSelector", ""),
        limit=int(query.get("limit") or 0),
        token=query.get("continue", ""),
    )
    metadata: Object = {"resourceVersion": str(found.version)}
    if found.token:
        metadata["continue"] = found.token
        if not (query.get("labelSelector") or query.get("fieldSelector")):
            metadata["remainingItemCount"] = found.left
    only = metadata_only(request)
    body = {
        "kind": "PartialObjectMetadataList" if only else f"{kind.kind}List",
        "apiVersion": "meta.k8s.io/v1" if only else kind.version,
        "metadata": metadata,
        "items": [_metadata(item) if only else _bare(item) for item in found.items],
    }
    return web.json_response(body)


async def watch(
    world: World, kind: Kind, namespace: str | None, request: web.Request
) -> web.StreamResponse:
    """Tell every change, a line each, until the asked time is over or the history has expired."""
    answer = web.StreamResponse(headers={"Content-Type": "application/json"})
    answer.enable_chunked_encoding()
    await answer.prepare(request)
    query = request.query
    wanted = _filter(namespace, query.get("labelSelector", ""), query.get("fieldSelector", ""))
    version = int(query.get("resourceVersion") or 0)
    loop = asyncio.get_running_loop()
    end = loop.time() + float(query.get("timeoutSeconds") or _LONGEST)
    marked = loop.time()
    store = world.cluster.objects
    if not version:
        version = store.version()
        for found in filter(wanted, store.select(kind.plural, namespace)):
            await _tell(answer, "ADDED", found)
    while loop.time() < end:
        try:
            changes = store.since(version)
        except Refusal as refused:
            await _tell(answer, "ERROR", refused.body)
            break
        for change in _seen(changes, kind.plural, wanted):
            await _tell(answer, change.type, change.object)
        version = changes[-1].version if changes else version
        if query.get("allowWatchBookmarks") == "true" and loop.time() - marked > _BOOKMARK:
            marked = loop.time()
            await _tell(answer, "BOOKMARK", _bookmark(kind, version))
        await asyncio.sleep(_LOOK)
    await answer.write_eof()
    return answer


def limited(text: str, limit: str | None) -> str:
    """The text, at most so many bytes."""
    return text.encode()[: int(limit)].decode("utf-8", "replace") if limit else text


def _seen(changes: list[Change], plural: str, wanted: Callable[[Object], bool]) -> Iterator[Change]:
    """What a watcher with this selector is told: an object that fits no longer is gone for it."""
    for change in changes:
        if change.plural == plural and wanted(change.object):
            yield change


def _filter(namespace: str | None, labels: str, fields: str) -> Callable[[Object], bool]:
    def wanted(found: Object) -> bool:
        inside = namespace is None or found["metadata"].get("namespace") == namespace
        return inside and matches(found, labels, fields)

    return wanted


def _bookmark(kind: Kind, version: int) -> Object:
    return {
        "kind": kind.kind,
        "apiVersion": kind.version,
        "metadata": {"resourceVersion": str(version)},
    }


async def _tell(answer: web.StreamResponse, type: str, found: Object) -> None:
    line = json.dumps({"type": type, "object": found})
    await answer.write(line.encode() + b"\n")


def metadata_only(request: web.Request) -> bool:
    """Whether the content is not asked for."""
    return "as=PartialObjectMetadata" in request.headers.get("Accept", "").split(",")[0]


def _metadata(found: Object) -> Object:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": found["metadata"],
    }


def _bare(found: Object) -> Object:
    """An item of a list carries neither kind nor version."""
    return {key: value for key, value in found.items() if key not in {"apiVersion", "kind"}}
