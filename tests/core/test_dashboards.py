"""A dashboard in git made ready for one Grafana, and compared with what is there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.dashboards import chosen, difference, prepared, says
from bot.errors import HoustonError, Refused, UsageError
from bot.ports.grafana import DataSource

MIMIR = DataSource("m1", "Mimir", "prometheus", default=True)
OTHER = DataSource("p2", "Prometheus", "prometheus")
LOKI = DataSource("l3", "Logs", "loki")
EXPORTED: dict[str, Any] = {
    "id": 7,
    "version": 12,
    "uid": "u",
    "title": "T",
    "__inputs": [{"name": "DS_P", "type": "datasource", "pluginId": "prometheus"}],
    "panels": [{"title": "A", "datasource": {"uid": "${DS_P}"}}],
}


def made(**changed: Any) -> dict[str, Any]:
    return prepared(json.dumps({**EXPORTED, **changed}).encode(), MIMIR)


def test_inputs_are_filled_and_what_belongs_to_one_grafana_is_left_out() -> None:
    assert made() == {
        "uid": "u",
        "title": "T",
        "panels": [{"title": "A", "datasource": {"uid": "m1"}}],
    }


def test_a_variable_of_data_sources_is_set_and_one_of_another_kind_is_not() -> None:
    variables = [
        {"name": "datasource", "type": "datasource", "query": "prometheus", "current": {}},
        {"name": "logs", "type": "datasource", "query": "loki", "current": {"value": "x"}},
    ]
    first, second = made(templating={"list": variables})["templating"]["list"]

    assert first["current"] == {"selected": True, "text": "Mimir", "value": "m1"}
    assert second["current"] == {"value": "x"}


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b'{"title": "T"}', b'{"uid": "u"}'])
def test_what_is_no_dashboard_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        prepared(content, MIMIR)


def test_fields_grafana_added_are_no_difference_and_others_are() -> None:
    wanted = made()
    found = json.loads(json.dumps(wanted))
    found["panels"][0]["pluginVersion"] = "12.3.1"
    assert says(found, wanted)
    found["panels"].append({"title": "B"})
    assert not says(found, wanted)
    assert difference(found, wanted) == "- panel B"
    assert difference(None, wanted) == "+ uid\n+ title\n+ panel A"
    assert difference({**wanted, "title": "Old"}, wanted) == "~ title"


@pytest.mark.parametrize(
    ("sources", "wanted", "said", "uid"),
    [
        ([LOKI, OTHER], "", "", "p2"),
        ([MIMIR, OTHER], "", "", "m1"),
        ([MIMIR, OTHER], "p2", "", "p2"),
        ([MIMIR, OTHER], "p2", "mimir", "m1"),
    ],
)
def test_the_source_is_the_one_said_configured_only_or_default(
    sources: list[DataSource], wanted: str, said: str, uid: str
) -> None:
    assert chosen(sources, wanted, said).uid == uid


@pytest.mark.parametrize(
    ("sources", "wanted", "said", "kind"),
    [
        ([LOKI], "", "", Refused),
        ([OTHER, DataSource("p4", "Old", "prometheus")], "", "", Refused),
        ([MIMIR], "gone", "", Refused),
        ([MIMIR], "", "Logs", UsageError),
    ],
)
def test_a_source_that_is_not_clear_is_asked_for(
    sources: list[DataSource], wanted: str, said: str, kind: type[HoustonError]
) -> None:
    with pytest.raises(kind, match="there are"):
        chosen(sources, wanted, said)
