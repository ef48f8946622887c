"""`!audit [USER|TARGET|SINCE]`"""

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Option, Says, length
from bot.cards import Card, Mark, code, moment, plain
from bot.chain import anchor
from bot.clock import Clock
from bot.command import command
from bot.errors import Missing, UsageError
from bot.policy import Policy
from bot.ports.audit import Sealed
from bot.ports.chat import Chat
from bot.ports.store import Store

_SHOWN = 12
_WORDS = 120
"""Characters of one entry's detail on the card."""


@command(
    "audit",
    manual=("houston audit export --config houston.yaml",),
    examples=("!audit", "!audit ana", "!audit aks-rocketchat-helm", "!audit 2h"),
)
async def audit(
    about: Annotated[str, Says("USER|TARGET|SINCE")] = "",
    since: Annotated[timedelta | None, Says("TIME"), Option()] = None,
    *,
    store: Store,
    chat: Chat,
    policy: Policy,
    clock: Clock,
    zone: ZoneInfo,
) -> Card:
    """Show what was asked, decided, voted and done lately: of a person, a target, or a time."""
    since = since or _time(about)
    actors: list[str] = []
    if about and not _time(about):
        actors = await _accounts(about.removeprefix("@"), policy, chat)
    found = await store.audit.search(
        actors=actors,
        target="" if actors or _time(about) else about,
        since=clock.now() - since if since else None,
        limit=_SHOWN + 1,
    )
    head = await store.audit.head()
    return Card(
        Mark.INFO,
        _title(len(found)),
        (
            *(_line(sealed, policy, zone) for sealed in found[:_SHOWN]),
            f"The trail ends at {code(anchor(head))}; `houston audit verify` proves that it is "
            "whole, and with `--head` and what stands here that all up to here is still in it.",
        ),
        next=("!audit 2h", "!ops"),
    )


def _title(count: int) -> str:
    if count == 0:
        return "Nothing of that was written down"
    if count > _SHOWN:
        return f"The newest {_SHOWN} entries of more"
    return f"{count} {'entry' if count == 1 else 'entries'}, the newest first"


def _time(text: str) -> timedelta | None:
    try:
        return length(text, "TIME") if text[:1].isdigit() else None
    except UsageError:
        return None


async def _accounts(name: str, policy: Policy, chat: Chat) -> list[str]:
    """The account ids of whoever is called so, in the roster or in chat; none: it is no person."""
    for person in policy.people:
        known = {person.id, person.name, person.name.split(maxsplit=1)[0], *person.accounts}
        if name.lower() in {one.lower() for one in known}:
            return [person.id, *person.accounts]
    try:
        return [(await chat.account(name)).id]
    except Missing:
        return []


def _line(sealed: Sealed, policy: Policy, zone: ZoneInfo) -> str:
    entry = sealed.entry
    person = policy.person(entry.actor)
    name = person.name if person else str(entry.detail.get("username") or entry.actor)
    said = ", ".join(
        f"{key} {value}"
        for key, value in entry.detail.items()
        if value not in ("", None) and key not in {"username", "message"}
    )
    shown = said if len(said) <= _WORDS else f"{said[: _WORDS - 1]}…"
    day = entry.at.astimezone(zone).strftime("%d %b")
    return (
        f"{sealed.number} · {day} {moment(entry.at, zone)} {plain(name)} *{plain(entry.event)}*"
        f"{' ' + code(shown) if shown else ''}"
    )
