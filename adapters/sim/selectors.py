"""Label and field selectors, as far as the real API knows them."""

from __future__ import annotations

import re
from typing import Any

_TERM = re.compile(r"^\s*([^=!,()\s]+)\s*(==|=|!=)\s*([^,()]*?)\s*$")
_SET = re.compile(r"^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$")
_SPLIT = re.compile(r",(?![^(]*\))")
_POD_FIELDS = ("spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", "status.phase",
               "status.podIP")  # fmt: skip
_EVENT_FIELDS = ("involvedObject.kind", "involvedObject.name", "involvedObject.namespace",
                 "involvedObject.uid", "reason", "type")  # fmt: skip
_FIELDS: dict[str, tuple[str, ...]] = {
    "pods": _POD_FIELDS,
    "events": _EVENT_FIELDS,
    "jobs": ("status.successful",),
    "secrets": ("type",),
}
_OF_ALL = ("metadata.name", "metadata.namespace")


class UnknownField(Exception):
    """A field selector the API does not know."""


def matches(found: dict[str, Any], labels: str, fields: str) -> bool:
    """Whether an object fits both selectors, whose fields are known."""
    if labels and not _labelled(labels, found["metadata"].get("labels") or {}):
        return False
    return not fields or _fielded(fields, found)


def fields_known(plural: str, fields: str) -> None:
    """Raises UnknownField, naming the first one the API cannot select by."""
    for term in _SPLIT.split(fields) if fields else ():
        parts = _TERM.match(term)
        name = parts[1] if parts else term
        if name not in (*_OF_ALL, *_FIELDS.get(plural, ())):
            raise UnknownField(f"field label not supported: {name}")


def _labelled(selector: str, labels: dict[str, str]) -> bool:
    return all(_label_fits(term, labels) for term in _SPLIT.split(selector))


def _label_fits(term: str, labels: dict[str, str]) -> bool:
    if parts := _SET.match(term):
        among = labels.get(parts[1]) in {value.strip() for value in parts[3].split(",")}
        return among is (parts[2] == "in")
    if parts := _TERM.match(term):
        return (labels.get(parts[1]) == parts[3]) is (parts[2] != "!=")
    name = term.strip()
    return name[1:] not in labels if name.startswith("!") else name in labels


def _fielded(selector: str, found: dict[str, Any]) -> bool:
    for term in _SPLIT.split(selector):
        parts = _TERM.match(term)
        if parts and (_value(found, parts[1]) == parts[3]) is (parts[2] == "!="):
            return False
    return True


def _value(found: Any, path: str) -> str:
    for part in path.split("."):
        found = (found or {}).get(part)
    return "" if found is None else str(found)
