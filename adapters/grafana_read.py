"""Grafana's JSON in the bot's words, and back. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import Unavailable
from bot.ports.grafana import AlertRule, Dashboard, DataSource

SYSTEM = "Grafana"
_EXPRESSION, _THRESHOLD = "A", "C"
_LENGTH = re.compile(r"(\d+)([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LOOKBACK = 600
"""Seconds an instant query may look back for its newest sample."""


def read_sources(payload: Any) -> list[DataSource]:
    """The data sources, by name. Raises Unavailable."""
    try:
        found = [
            DataSource(
                str(each["uid"]), str(each["name"]), str(each["type"]), bool(each.get("isDefault"))
            )
            for each in payload
        ]
    except (KeyError, TypeError, AttributeError):
        raise strange() from None
    return sorted(found, key=lambda each: each.name)


def read_dashboard(payload: Any, url: str) -> Dashboard:
    """A dashboard, at Grafana's own address. Raises Unavailable."""
    try:
        content, meta = dict(payload["dashboard"]), payload["meta"]
        version = int(content.pop("version", 0))
        content.pop("id", None)
        return Dashboard(
            uid=str(content["uid"]),
            folder=str(meta.get("folderUid") or ""),
            version=version,
            content=content,
            address=f"{url}{meta.get('url') or ''}",
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise strange() from None


def write_dashboard(dashboard: Dashboard, message: str) -> dict[str, Any]:
    """The body of `POST /api/dashboards/db`: without `overwrite` Grafana compares the version."""
    content = {**dashboard.content, "id": None, "version": dashboard.version}
    body: dict[str, Any] = {"dashboard": content, "message": message, "overwrite": False}
    return {**body, "folderUid": dashboard.folder} if dashboard.folder else body


def read_rule(payload: Any) -> AlertRule:
    """A rule; of one in another form the parts that are alike. Raises Unavailable."""
    try:
        parts = {part["refId"]: part for part in payload["data"]}
        asked, compared = parts.get(_EXPRESSION, {}), parts.get(_THRESHOLD, {})
        conditions = compared.get("model", {}).get("conditions") or [{}]
        above = (conditions[0].get("evaluator") or {}).get("params") or [0]
        return AlertRule(
            uid=str(payload["uid"]),
            title=str(payload["title"]),
            folder=str(payload["folderUID"]),
            group=str(payload["ruleGroup"]),
            source=str(asked.get("datasourceUid", "")),
            expression=str(asked.get("model", {}).get("expr", "")),
            above=float(above[0]),
            lasts=_length(str(payload.get("for") or "0s")),
            summary=str((payload.get("annotations") or {}).get("summary", "")),
            labels={str(k): str(v) for k, v in (payload.get("labels") or {}).items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise strange() from None


def write_rule(rule: AlertRule) -> dict[str, Any]:
    """The body of the provisioning API. No data is no alarm: a cluster that is off sends none."""
    threshold = {"evaluator": {"type": "gt", "params": [rule.above]}}
    return {
        "uid": rule.uid,
        "orgID": 1,
        "title": rule.title,
        "folderUID": rule.folder,
        "ruleGroup": rule.group,
        "condition": _THRESHOLD,
        "data": [
            _part(_EXPRESSION, rule.source, {"expr": rule.expression, "instant": True}),
            _part(
                _THRESHOLD,
                "__expr__",
                {"type": "threshold", "expression": _EXPRESSION, "conditions": [threshold]},
            ),
        ],
        "noDataState": "OK",
        "execErrState": "Error",
        "for": f"{rule.lasts.total_seconds():.0f}s",
        "annotations": {"summary": rule.summary} if rule.summary else {},
        "labels": dict(rule.labels),
    }


def strange() -> Unavailable:
    """An answer that is none of Grafana's."""
    return Unavailable(SYSTEM, "an answer in a shape nobody knows", "A proxy may stand in between")


def _part(ref: str, source: str, model: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "refId": ref,
        "queryType": "",
        "relativeTimeRange": {"from": _LOOKBACK, "to": 0},
        "datasourceUid": source,
        "model": {"refId": ref, **model},
    }


def _length(text: str) -> timedelta:
    """`5m`, `1h30m`, as Prometheus writes it."""
    return timedelta(seconds=sum(int(n) * _UNITS[unit] for n, unit in _LENGTH.findall(text)))
