"""A chain of things that must hold one after the other: the first that does not is the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass

from bot.cards import Card, Mark, plain
from bot.errors import AdapterError, Refused

_SIGNS = {True: "✔", False: "✘", None: "?"}


@dataclass(frozen=True)
class Link:
    """One link. `ok` None means that it could not be seen. `fix` is what to do, in a sentence;
    `next` what to type."""

    name: str
    ok: bool | None
    text: str
    fix: str = ""
    next: str = ""

    @property
    def line(self) -> str:
        return f"{_SIGNS[self.ok]} {plain(self.name)}: {plain(self.text)}"


async def seen(name: str, looking: Awaitable[Link]) -> Link:
    """The link, or what kept it from being seen; what a person must mend is a broken link."""
    try:
        return await looking
    except AdapterError as error:
        return Link(name, None, error.message, error.hint)
    except Refused as error:
        return Link(name, False, error.message, error.hint)


def card(well: str, links: Sequence[Link], next: tuple[str, ...] = ()) -> Card:
    """The first broken link and its fix, then every link in order.

    Args:
        well: the title when every link holds.
        next: what to type when no link says so.
    """
    worst = first_broken(links)
    lines = tuple(f"{number}. {link.line}" for number, link in enumerate(links, 1))
    if worst is None:
        return Card(Mark.OK, plain(well), lines, next=next)
    broken = worst.ok is False
    word = "Broken" if broken else "Not seen"
    fix = (f"Fix: {plain(worst.fix)}",) if worst.fix else ()
    return Card(
        Mark.FAILED if broken else Mark.WARNING,
        f"{word} at link {links.index(worst) + 1}, {plain(worst.name)}: {plain(worst.text)}",
        (*fix, *lines),
        next=(worst.next, *next) if worst.next else next,
    )


def first_broken(links: Sequence[Link]) -> Link | None:
    """The first broken link; without one the first that could not be seen."""
    for state in (False, None):
        if found := next((link for link in links if link.ok is state), None):
            return found
    return None
