"""A dashboard's JSON in git made ready for one Grafana: its data source chosen. Pure.

Grafana's own import looks only at `__inputs`; a dashboard that chooses its source by a variable is
imported with the source of whoever exported it, unless the variable's `current` is set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.errors import Refused, UsageError
from bot.jsontext import loads
from bot.ports.grafana import DataSource

PROMETHEUS = "prometheus"
_OWN = ("id", "version", "__inputs", "__requires", "__elements")


def chosen(sources: Sequence[DataSource], wanted: str, said: str = "") -> DataSource:
    """The Prometheus data source: the one that was said, by uid or name; the configured one; the
    only one, or the default one. Raises UsageError, Refused, naming those there are."""
    found = [each for each in sources if each.type == PROMETHEUS]
    names = ", ".join(f"{each.name} ({each.uid})" for each in found) or "none"
    if name := said or wanted:
        known = [one for one in found if name.lower() in {one.uid.lower(), one.name.lower()}]
        if known:
            return known[0]
        kind, hint = (UsageError, "Type one of them") if said else (Refused, "See grafana.metrics")
        raise kind(f"Grafana has no Prometheus data source {name[:40]}; there are {names}.", hint)
    standard = [each for each in found if each.default]
    if len(found) == 1 or standard:
        return (standard or found)[0]
    raise Refused(
        f"It is not clear which data source is meant; there are {names}.",
        "Name one by grafana.metrics, or behind `--source`",
    )


def prepared(content: bytes, source: DataSource) -> dict[str, Any]:
    """The dashboard with its source, without what belongs to one Grafana. Raises Refused."""
    try:
        loaded = loads(content.decode("utf-8-sig"))
    except ValueError:
        raise Refused("The dashboard in git is no JSON.", "Export it from Grafana anew") from None
    if not isinstance(loaded, dict) or not loaded.get("uid") or not loaded.get("title"):
        raise Refused("The dashboard in git has no uid or no title.", "Give it both in its JSON")
    inputs = {
        f"${{{each['name']}}}": source.uid
        for each in _mappings(loaded.get("__inputs"))
        if each.get("type") == "datasource" and each.get("pluginId") == source.type
    }
    made = {key: _filled(value, inputs) for key, value in loaded.items() if key not in _OWN}
    templating = made.get("templating")
    variables = templating.get("list") if isinstance(templating, Mapping) else None
    for variable in _mappings(variables):
        if variable.get("type") == "datasource" and variable.get("query") == source.type:
            variable["current"] = {"selected": True, "text": source.name, "value": source.uid}
    return made


def says(found: object, wanted: object) -> bool:
    """Whether a dashboard in Grafana says what git says; Grafana may have added fields of its
    own."""
    if isinstance(wanted, Mapping) and isinstance(found, Mapping):
        return all(key in found and says(found[key], value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(found, wanted, strict=False)
        return len(found) == len(wanted) and all(says(one, other) for one, other in pairs)
    return found == wanted


def difference(found: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> str:
    """What would change, a line for each panel and each other part, as a diff reads."""
    old, new = _parts(found or {}), _parts(wanted)
    lines = [f"- {name}" for name in old if name not in new]
    for name, value in new.items():
        if name not in old:
            lines.append(f"+ {name}")
        elif not says(old[name], value):
            lines.append(f"~ {name}")
    return "\n".join(lines)


def _parts(content: Mapping[str, Any]) -> dict[str, object]:
    panels = {f"panel {each.get('title') or each.get('id')}": each for each in _panels(content)}
    others = {key: value for key, value in content.items() if key != "panels"}
    return {**others, **panels} if content else {}


def _panels(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    return _mappings(content.get("panels"))


def _filled(value: Any, inputs: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, inputs) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, inputs) for each in value]
    return inputs.get(value, value) if isinstance(value, str) else value


def _mappings(values: object) -> Iterator[dict[str, Any]]:
    return (each for each in (values if isinstance(values, list) else ()) if isinstance(each, dict))
