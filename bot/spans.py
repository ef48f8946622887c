"""What an OpenTelemetry collector's log says became of traces. Pure.

Texts are those of version 0.142 (exporterhelper, otlphttpexporter, debugexporter); before, the
fields were called `name` and `data_type`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPANS = re.compile(r'"spans": (\d+)')
_SIGNAL = re.compile(r'"(?:otelcol\.signal|data_type)": "(\w+)"')
_EXPORTER = re.compile(r'"(?:otelcol\.component\.id|name)": "([^"]+)"')
_ANSWERED = re.compile(r"request to (\S+) responded with HTTP Status Code (\d{3})")
_LOST = ("Dropping data", "Rejecting data")
_ERROR = re.compile(r'"error": "([^"]*)"')
_QUOTED = 160


@dataclass(frozen=True)
class Passed:
    """`spans` have reached the end of the pipeline. `lost` says why some were not taken by the hub,
    and what to do; empty when none were lost."""

    spans: int
    lost: str = ""


def passed(log: str) -> Passed:
    """Of a log since the traces began."""
    lines = list(_of_traces(log))
    spans = sum(int(found[1]) for line in lines if (found := _SPANS.search(line)))
    lost = next((_why(line) for line in lines if any(word in line for word in _LOST)), "")
    return Passed(spans, lost)


def _of_traces(log: str) -> Iterator[str]:
    """Metrics and logs pass through the same collector."""
    for line in log.splitlines():
        signal = _SIGNAL.search(line)
        if signal is None or signal[1] == "traces":
            yield line


def _why(line: str) -> str:
    named = _EXPORTER.search(line)
    exporter = named[1] if named else "its exporter"
    answered = _ANSWERED.search(line)
    if answered is None:
        error = _ERROR.search(line)
        said = (error[1] if error else line)[:_QUOTED]
        return f"{exporter} loses spans: {said}"
    url, status = answered.groups()
    if status == "404":
        return (
            f"the hub answers 404 to {exporter} at {url}: the exporter appends /v1/traces to its "
            "endpoint, so that must be the base address the hub expects, without a path of its own"
        )
    if status in {"401", "403"}:
        return f"the hub refuses {exporter} with {status}: renew the credentials of its Secret"
    return f"the hub answers {status} to {exporter} at {url}"
