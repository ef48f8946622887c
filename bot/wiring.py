"""Puts parts together by the types their constructors ask for, as commands are given theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, get_type_hints

Made = TypeVar("Made")


class Wiring(dict[Any, object]):
    """One thing of each type: what was put in, and what was made of it."""

    def __init__(self, given: Mapping[Any, object] | None = None) -> None:
        super().__init__(given or {})
        self._made_of: dict[Any, set[Any]] = {}

    def make(self, kind: type[Made], **given: object) -> Made:
        """Make one, and keep it for the parts that come after.

        Args:
            given: arguments that no type tells, such as a number or a function.

        Raises:
            LookupError: for an argument that is neither given nor there by its type.
        """
        hints = get_type_hints(kind.__init__)
        hints.pop("return", None)
        wanted = {name: hint for name, hint in hints.items() if name not in given}
        arguments = {name: self._by(kind, name, hint) for name, hint in wanted.items()}
        made = kind(**arguments, **given)
        self[kind] = made
        self._made_of[kind] = set(hints.values())
        return made

    def behind(self, kinds: Iterable[Any]) -> set[Any]:
        """These types, and all that they were made of."""
        found, next_ = set[Any](), set(kinds)
        while next_:
            found |= next_
            next_ = {part for kind in next_ for part in self._made_of.get(kind, ())} - found
        return found

    def _by(self, kind: type, name: str, hint: Any) -> object:
        if hint not in self:
            raise LookupError(f"{kind.__name__} needs {name}: {hint}, which is not there yet")
        return self[hint]
