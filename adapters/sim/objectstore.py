"""The objects of the simulated cluster in the vendor's shape: versions, history, pages, patches.

Most are kept here. Deployments of the release and their pods are derived from the cluster's own
state each time they are looked at; `refresh` notes what has changed in them since.
"""

from __future__ import annotations

import base64
import copy
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.sim.kinds import KINDS, plural_of
from adapters.sim.selectors import UnknownField, fields_known, matches

Object = dict[str, Any]
Key = tuple[str, str]

_KEPT = 5000


class Refusal(Exception):
    """The API server's no, as a Status. `token` is how an expired list can go on."""

    def __init__(self, status: int, reason: str, message: str, token: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.token = token

    @property
    def body(self) -> Object:
        metadata = {"continue": self.token} if self.token else {}
        return {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": metadata,
            "status": "Failure",
            "message": self.message,
            "reason": self.reason,
            "code": self.status,
        }


@dataclass(frozen=True)
class Change:
    """One entry of the history. `type` is ADDED, MODIFIED or DELETED."""

    version: int
    type: str
    plural: str
    object: Object


@dataclass(frozen=True)
class Page:
    """A part of a list; `token` leads to the next one."""

    items: list[Object]
    version: int
    token: str
    left: int


class ObjectStore:
    """What etcd and the API server are to a cluster."""

    def __init__(self) -> None:
        self._objects: dict[str, dict[Key, Object]] = {plural: {} for plural in KINDS}
        self._derived: dict[str, Callable[[], Iterable[Object]]] = {}
        self._seen: dict[str, dict[Key, Object]] = {}
        self._sorted: dict[str, list[Key]] = {}
        self._uids = 0
        self.history: deque[Change] = deque(maxlen=_KEPT)
        self.compacted = 0
        self.removed: list[Callable[[str, Object], None]] = []

    def bind(
        self,
        version: Callable[[], int],
        bump: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        """Count versions and time as the cluster does."""
        self.version, self._bump, self._now = version, bump, now

    def derive(self, plural: str, objects: Callable[[], Iterable[Object]]) -> None:
        """Also show these objects among the kind's."""
        self._derived[plural] = objects

    def stamp(self) -> str:
        """Now, as the API writes it."""
        return self._now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def put(self, made: Object) -> Object:
        """Insert or replace; gives what is kept."""
        plural = plural_of(made["kind"])
        metadata = made["metadata"]
        key = (metadata.get("namespace", ""), metadata["name"])
        kept = self._objects[plural]
        old = kept.get(key)
        if old is None:
            self._uids += 1
            metadata.setdefault("uid", f"00000000-0000-4000-8000-{self._uids:012}")
            metadata.setdefault("creationTimestamp", self.stamp())
            self._sorted.pop(plural, None)
        version = self._bump()
        metadata["resourceVersion"] = str(version)
        kept[key] = made
        self._note(version, "MODIFIED" if old else "ADDED", plural, made)
        return made

    def remove(self, plural: str, namespace: str, name: str) -> Object:
        """Take it out for good. Raises Refusal."""
        found = self._objects[plural].pop((namespace, name), None)
        if found is None:
            raise _missing(plural, name)
        self._sorted.pop(plural, None)
        version = self._bump()
        gone = {**found, "metadata": {**found["metadata"], "resourceVersion": str(version)}}
        self._note(version, "DELETED", plural, gone)
        for tell in self.removed:
            tell(plural, gone)
        return gone

    def get(self, plural: str, namespace: str, name: str) -> Object:
        """The object as it is: what is kept here may be changed and `put`. Raises Refusal."""
        if plural in self._derived:
            self.refresh()
        key = (namespace, name)
        found = self._objects[plural].get(key) or self._seen.get(plural, {}).get(key)
        if found is None:
            raise _missing(plural, name)
        return found

    def kept(self, plural: str, namespace: str, name: str) -> Object | None:
        """The object if it is kept here; safe to ask while derived ones are being made."""
        return self._objects[plural].get((namespace, name))

    def find(self, plural: str, namespace: str, name: str) -> Object | None:
        """The same, or None."""
        try:
            return self.get(plural, namespace, name)
        except Refusal:
            return None

    def select(
        self, plural: str, namespace: str | None = None, labels: str = "", fields: str = ""
    ) -> list[Object]:
        """Every object of a kind that fits, by namespace and name. Raises Refusal for a selector
        the API does not know."""
        try:
            fields_known(plural, fields)
        except UnknownField as error:
            raise Refusal(400, "BadRequest", str(error)) from None
        if plural in self._derived:
            self.refresh()
        return [
            found
            for key in self._keys(plural)
            if (found := self._at(plural, key))
            and (namespace is None or key[0] == namespace)
            and matches(found, labels, fields)
        ]

    def page(
        self,
        plural: str,
        namespace: str | None = None,
        *,
        labels: str = "",
        fields: str = "",
        limit: int = 0,
        token: str = "",
    ) -> Page:
        """A page of the list. Raises Refusal: 410 when the token is older than the compaction."""
        found = self.select(plural, namespace, labels, fields)
        version, behind = self.version(), ("", "")
        if token:
            version, behind = _opened(token)
            if version < self.compacted:
                text = "The provided continue parameter is too old to display a consistent list"
                raise Refusal(410, "Expired", text, _sealed(self.version(), behind))
            found = [item for item in found if _key(item) > behind]
        shown = found[:limit] if limit else found
        rest = len(found) - len(shown)
        following = _sealed(version, _key(shown[-1])) if rest else ""
        return Page(shown, version, following, rest)

    def compact(self) -> None:
        """Forget the history: pages and watches from before it have expired."""
        self.refresh()
        self.compacted = self._bump()
        self.history.clear()

    def since(self, version: int) -> list[Change]:
        """What has changed after a version. Raises Refusal 410 when that is not known any more."""
        self.refresh()
        oldest = self.history[0].version if self.history else self.version() + 1
        if version < self.compacted or (len(self.history) == _KEPT and version + 1 < oldest):
            raise Refusal(410, "Expired", f"too old resource version: {version}")
        return [change for change in self.history if change.version > version]

    def refresh(self) -> None:
        """Note what has changed in the derived objects."""
        for plural, objects in self._derived.items():
            seen = self._seen.setdefault(plural, {})
            now = {_key(found): found for found in objects()}
            if now.keys() != seen.keys():
                self._sorted.pop(plural, None)
            for key in [key for key in seen if key not in now]:
                self._note(self._bump(), "DELETED", plural, seen.pop(key))
            for key, found in now.items():
                self._look(plural, seen, key, found)

    def _look(self, plural: str, seen: dict[Key, Object], key: Key, found: Object) -> None:
        old = seen.get(key)
        if old is not None:
            found["metadata"]["resourceVersion"] = old["metadata"]["resourceVersion"]
            if found == old:
                return
        version = self._bump()
        found["metadata"]["resourceVersion"] = str(version)
        seen[key] = found
        self._note(version, "MODIFIED" if old else "ADDED", plural, found)

    def _note(self, version: int, type: str, plural: str, found: Object) -> None:
        self.history.append(Change(version, type, plural, copy.deepcopy(found)))

    def _keys(self, plural: str) -> list[Key]:
        if plural not in self._sorted:
            self._sorted[plural] = sorted({*self._objects[plural], *self._seen.get(plural, {})})
        return self._sorted[plural]

    def _at(self, plural: str, key: Key) -> Object | None:
        return self._objects[plural].get(key) or self._seen.get(plural, {}).get(key)


def merged(old: Any, change: Any) -> Any:
    """A JSON merge patch (RFC 7386), applied."""
    if not isinstance(change, Mapping):
        return change
    result = dict(old) if isinstance(old, Mapping) else {}
    for key, value in change.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def _key(found: Object) -> Key:
    return (found["metadata"].get("namespace", ""), found["metadata"]["name"])


def _missing(plural: str, name: str) -> Refusal:
    group = KINDS[plural].group
    shown = f"{plural}.{group}" if group else plural
    return Refusal(404, "NotFound", f'{shown} "{name}" not found')


def _sealed(version: int, behind: Key) -> str:
    return base64.urlsafe_b64encode(json.dumps([version, *behind]).encode()).decode()


def _opened(token: str) -> tuple[int, Key]:
    try:
        version, namespace, name = json.loads(base64.urlsafe_b64decode(token))
        return int(version), (str(namespace), str(name))
    except ValueError:
        raise Refusal(400, "BadRequest", "continue key is not valid") from None
