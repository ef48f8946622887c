"""The simulated metrics in Prometheus' own JSON, for whoever asks in which way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.sim.monitoring import VALUE, BadQuery, Labels, selected
from adapters.sim.world import World

_AGENT = "unavailable with Prometheus Agent"


class ApiError(Exception):
    """Prometheus refuses, with a status and a body."""

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"status": "error", "errorType": kind, "error": text}


def hub(world: World, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The hub's answer to `/api/v1/query` and `/api/v1/label/<name>/values`. Raises ApiError."""
    return _asked(world, world.monitoring.kept(), path, query)


def agent(world: World, pod: dict[str, Any], path: str, query: Mapping[str, str]) -> dict[str, Any]:
    """The agent's answer. Raises ApiError."""
    found = world.monitoring
    match path:
        case "/api/v1/status/config":
            return _well({"yaml": found.shown(pod)})
        case "/api/v1/status/flags":
            return _well({"agent": str(found.agent).lower(), "enable-feature": "agent"})
        case "/api/v1/status/runtimeinfo":
            started = pod["status"]["startTime"]
            return _well({"startTime": started, "reloadConfigSuccess": True})
        case "/api/v1/status/buildinfo":
            return _well({"version": "3.8.1"})
        case "/api/v1/targets":
            return _well({"activeTargets": found.targets(pod), "droppedTargets": []})
        case _ if found.agent:
            raise ApiError(422, "execution", _AGENT)
        case _:
            return _asked(world, found.scraped(pod), path, query)


def _asked(
    world: World, series: list[Labels], path: str, query: Mapping[str, str]
) -> dict[str, Any]:
    try:
        if path == "/api/v1/query":
            at = world.clock.now().timestamp()
            result = [
                {"metric": _shown(labels), "value": [at, labels.get(VALUE, "1")]}
                for labels in selected(series, query.get("query", ""))
            ]
            return _well({"resultType": "vector", "result": result})
        name = path.removeprefix("/api/v1/label/").removesuffix("/values")
        found = selected(series, query.get("match[]", ""))
        return _well(sorted({labels[name] for labels in found if name in labels}))
    except BadQuery as error:
        raise ApiError(400, "bad_data", str(error)) from None


def _shown(labels: Labels) -> Labels:
    return {name: value for name, value in labels.items() if name != VALUE}


def _well(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}
