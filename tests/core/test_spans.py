"""A collector's log is read for what became of traces, whatever else passes through it."""

from __future__ import annotations

import pytest

from bot.spans import Passed, passed

SPANS = 'info\tTraces\t{"otelcol.component.id": "debug", "otelcol.signal": "traces", "spans": 5}'
METRICS = (
    'error\tExporting failed. Dropping data.\t{"otelcol.component.id": "otlphttp/m", '
    '"otelcol.signal": "metrics", "error": "x", "dropped_items": 5}'
)
RETRIED = (
    "info\tExporting failed. Will retry the request after interval.\t"
    '{"otelcol.component.id": "otlphttp/oke", "otelcol.signal": "traces", "error": "503"}'
)
OLD = (
    'error\tExporting failed. Dropping data.\t{"kind": "exporter", "data_type": "traces", '
    '"name": "otlphttp/oke", "error": "error exporting items, request to https://h/v1/traces/v1/'
    'traces responded with HTTP Status Code 404", "dropped_items": 9}'
)


def lost(error: str) -> str:
    return (
        'error\tExporting failed. Dropping data.\t{"otelcol.component.id": "otlphttp/oke", '
        f'"otelcol.signal": "traces", "error": "{error}", "dropped_items": 5}}'
    )


def test_spans_are_counted_and_metrics_and_retries_are_no_loss() -> None:
    assert passed("\n".join((SPANS, METRICS, RETRIED, SPANS))) == Passed(10)
    assert passed("") == Passed(0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (OLD, "404 to otlphttp/oke at https://h/v1/traces/v1/traces"),
        (lost("request to https://h responded with HTTP Status Code 401"), "with 401: renew"),
        (lost("request to https://h responded with HTTP Status Code 400"), "answers 400"),
        (lost("no more retries left"), "otlphttp/oke loses spans: no more retries left"),
        (SPANS.replace("Traces", "Rejecting data").replace('"spans": 5', '"a": 1'), "loses spans"),
    ],
)
def test_what_the_hub_does_not_take_is_explained(line: str, said: str) -> None:
    assert said in passed("\n".join((SPANS, line))).lost
