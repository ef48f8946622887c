"""Prometheus' JSON in the bot's words. Pure; nothing secret is taken over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.errors import Refused, Unavailable
from bot.ports.metrics import Running, ScrapeTarget, Series
from bot.prometheus import read_config

HUB = "metrics"
SYSTEM = "Prometheus"
AGENT_ONLY = "unavailable with Prometheus Agent"
"""How it says that it is in agent mode."""


def data_of(payload: Any, system: str) -> Any:
    """What a successful answer holds. Raises Unavailable."""
    if not isinstance(payload, dict) or payload.get("status") != "success":
        raise Unavailable(system, "an answer that is none of Prometheus' API", "Check its address")
    return payload.get("data")


def read_series(payload: Any, system: str) -> list[Series]:
    """An instant query's vector. Raises Unavailable."""
    data = data_of(payload, system)
    try:
        if data["resultType"] != "vector":
            raise Unavailable(system, f"a {data['resultType']} where a vector was asked for")
        return [
            Series({str(k): str(v) for k, v in entry["metric"].items()}, str(entry["value"][1]))
            for entry in data["result"]
        ]
    except (KeyError, TypeError, IndexError, AttributeError):
        raise _strange(system) from None


def read_values(payload: Any, system: str) -> list[str]:
    """The values of a label. Raises Unavailable."""
    data = data_of(payload, system)
    if not isinstance(data, list):
        raise _strange(system)
    return [str(value) for value in data]


def read_running(config: Any, flags: Any, runtime: Any, build: Any) -> Running:
    """Configuration, flags, runtime and build information. Raises Unavailable."""
    try:
        version = str(data_of(build, SYSTEM)["version"])
        return Running(
            config=read_config(str(data_of(config, SYSTEM)["yaml"])),
            agent=_is_agent(data_of(flags, SYSTEM), version),
            version=version,
            started=datetime.fromisoformat(str(data_of(runtime, SYSTEM)["startTime"])),
            reloaded=bool(data_of(runtime, SYSTEM)["reloadConfigSuccess"]),
        )
    except Refused as error:
        raise Unavailable(SYSTEM, error.message) from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _strange(SYSTEM) from None


def _is_agent(flags: Any, version: str) -> bool:
    """Version 2 has it among the features; version 3 ignores that and has a flag of its own."""
    feature = "agent" in str(flags.get("enable-feature", "")).split(",")
    return str(flags.get("agent")) == "true" or (feature and version.startswith("2."))


def read_targets(payload: Any) -> list[ScrapeTarget]:
    """The active targets. Raises Unavailable."""
    try:
        found = [
            ScrapeTarget(
                job=str(target.get("scrapePool") or target["labels"]["job"]),
                url=str(target["scrapeUrl"]),
                health=str(target["health"]),
                error=str(target.get("lastError") or ""),
            )
            for target in data_of(payload, SYSTEM)["activeTargets"]
        ]
    except (KeyError, TypeError, AttributeError):
        raise _strange(SYSTEM) from None
    return sorted(found, key=lambda target: (target.job, target.url))


def _strange(system: str) -> Unavailable:
    return Unavailable(system, "an answer in a shape nobody knows", "A proxy may stand in between")
