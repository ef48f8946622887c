"""The simulated way of traces: a Job makes them, the collector passes them on, the hub keeps them.

Laws: a pod whose image no registry gives never starts; what a generator sends, the collector notes
in its log and sends on; the hub keeps it, or answers why not.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import yaml

from adapters.sim import podmaker
from adapters.sim.remote import Remote
from adapters.sim.seed.shapes import MONITORING
from bot.ports.jobs import Outcome

if TYPE_CHECKING:
    from adapters.sim.world import World

SERVICE, SPAN = "rocket-chat", "lets-go"
_GENERATOR = "telemetrygen"
_COLLECTOR = "otel-collector"
_MADE = 300
_NANOS = 1_000_000_000
_CONDITION = re.compile(r'\s*(resource\.service\.name|name)\s*=\s*"([^"]*)"\s*')
_QUERY = re.compile(r"\s*\{(.*)\}\s*")
_FIELDS = {"resource.service.name": "rootServiceName", "name": "rootTraceName"}
_REVISION = re.compile(r"-\d{4}-\d\d-\d\d-\d\d+$")
_SENT = (
    '{stamp}\tinfo\tTraces\t{{"otelcol.component.id": "debug", "otelcol.signal": "traces", '
    '"resource spans": 1, "spans": 5}}'
)
_REFUSED = (
    "{stamp}\terror\tinternal/queue_sender.go:57\tExporting failed. Dropping data.\t"
    '{{"otelcol.component.id": "otlphttp/hub", "otelcol.signal": "traces", "error": "not retryable '
    "error: Permanent error: rpc error: code = Unimplemented desc = error exporting items, request "
    'to https://hub.fernhill.example/tempo/v1/traces responded with HTTP Status Code {status}", '
    '"dropped_items": 5}}'
)
_FORBIDDEN = (
    'failed to pull and unpack image "{image}": failed to resolve reference "{image}": failed to '
    "authorize: failed to fetch anonymous token: unexpected status from GET request to "
    "https://{host}/token?scope=repository%3A{name}%3Apull: 403 Forbidden"
)
_NOT_FOUND = (
    'failed to pull and unpack image "{image}": failed to resolve reference "{image}": '
    "{image}: not found"
)


def job(remote: Remote) -> dict[str, str]:
    """Which file declares the generator's Job and which annotation counts it, as settings."""
    for path in remote.paths():
        if not path.endswith((".yaml", ".yml")):
            continue
        content = remote.read(path)
        if b"\nkind: Job" not in content or _GENERATOR.encode() not in content:
            continue
        metadata = (yaml.safe_load(content) or {}).get("metadata") or {}
        counted = [name for name in metadata.get("annotations") or {} if name.endswith("-rev")]
        if counted and _REVISION.search(str(metadata.get("name", ""))):
            return {"manifest": path, "annotation": counted[0]}
    return {}


class BadTraceQuery(Exception):
    """The query is none this hub understands."""


class Tracing:
    """State and laws.

    `refused` is the HTTP status with which the hub refuses what the collector sends, 0 when it does
    not. `mute` is a collector whose log says nothing of spans. `lost` is what the hub takes and
    nobody finds.
    """

    def __init__(self) -> None:
        self.refused = 0
        self.mute = False
        self.lost = False
        self._kept: list[dict[str, Any]] = []

    def bind(self, world: World) -> None:
        self._world = world

    def unpullable(self, image: str) -> str:
        """Why the kubelet cannot pull a generator's image, empty when it can."""
        if _GENERATOR not in image:
            return ""
        repository, _, tag = image.rpartition(":") if "@" not in image else (image, "", "")
        host, _, name = repository.partition("/")
        cluster = self._world.cluster
        if repository.partition("@")[0] in cluster.private_images:
            return _FORBIDDEN.format(image=image, host=host, name=name.replace("/", "%2F"))
        if tag and not cluster.tag_exists(repository, tag):
            return _NOT_FOUND.format(image=image)
        return ""

    def ended(self, pod: dict[str, Any], outcome: Outcome) -> None:
        """A Job's pod has ended; a generator has sent its spans."""
        image = podmaker.containers(pod)[0]["image"]
        if _GENERATOR not in image or outcome is not Outcome.SUCCEEDED:
            return
        now = self._world.clock.now()
        line = _REFUSED if self.refused else _SENT
        if not self.mute or self.refused:
            self._write(now, line.format(stamp=f"{now:%Y-%m-%dT%H:%M:%SZ}", status=self.refused))
        if not self.refused and not self.lost:
            self._kept += [_trace(now, pod["metadata"]["uid"], n) for n in range(_MADE)]

    def found(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """The hub's answer to `/api/search`. Raises BadTraceQuery."""
        inner = _QUERY.fullmatch(asked.get("q", ""))
        parts = [part for part in inner[1].split("&&") if part.strip()] if inner else []
        conditions = [_CONDITION.fullmatch(part) for part in parts]
        if inner is None or not all(conditions):
            raise BadTraceQuery(f"invalid TraceQL query: parse error: {asked.get('q', '')[:60]}")
        wanted = [(_FIELDS[each[1]], each[2]) for each in conditions if each]
        begin, end = (int(asked[key]) for key in ("start", "end"))
        traces = [
            trace
            for trace in self._kept
            if begin <= int(trace["startTimeUnixNano"]) // _NANOS <= end
            and all(trace[field] == value for field, value in wanted)
        ]
        return {"traces": traces[: int(asked.get("limit", "20"))], "metrics": {}}

    def _write(self, at: datetime, line: str) -> None:
        cluster = self._world.cluster
        for pod in cluster.objects.select("pods", MONITORING, f"app={_COLLECTOR}"):
            name = pod["metadata"]["name"]
            cluster.logs.write(at, MONITORING, name, podmaker.containers(pod)[0]["name"], line)


def _trace(at: datetime, run: str, number: int) -> dict[str, Any]:
    return {
        "traceID": hashlib.sha256(f"{run} {number}".encode()).hexdigest()[:32],
        "rootServiceName": SERVICE,
        "rootTraceName": SPAN,
        "startTimeUnixNano": str(int(at.timestamp()) * _NANOS),
    }
