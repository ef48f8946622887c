"""`!why CODE`"""

from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.cards import Card, Mark, code, moment, plain
from bot.command import command
from bot.flight import Flight, found, unpacked
from bot.lookup import operation_of
from bot.ports.audit import Entry
from bot.ports.store import Record, Store, Vote


@command("why", manual=("read the thread again",), examples=("!why 7F3K",))
async def why(code_: Annotated[str, Says("CODE")], *, store: Store, zone: ZoneInfo) -> Card:
    """Show the whole decision on an operation: facts, policy, votes, and what was done."""
    record = await operation_of(store, code_)
    flight = unpacked(record)
    votes = await store.votes.of(record.id, record.round)
    entries = await store.audit.of(record.id)
    lines = [f"Asked by {plain(record.requester)} with {code(record.line)}."]
    if flight:
        lines += _plan(flight)
    lines += [_vote(vote, zone) for vote in votes] or ["No votes."]
    lines += ["Trail:", *(_entry(entry, zone) for entry in entries)]
    return Card(
        Mark.INFO,
        f"{plain(record.title)} · {record.code} · {record.state}",
        tuple(lines),
        block=flight.diff if flight else "",
        next=_next(record, flight),
    )


def _plan(flight: Flight) -> list[str]:
    return [
        f"Plan {code(flight.digest)}; policy: {'; '.join(flight.reasons)}.",
        *found(flight.findings),
        *([flight.outcome] if flight.outcome else []),
    ]


def _vote(vote: Vote, zone: ZoneInfo) -> str:
    verb = vote.choice if vote.present else f"took back {vote.choice}"
    counted = "counted" if vote.counted else "not counted"
    because = f": {vote.reason}" if vote.reason else ""
    duty = "on call" if vote.on_call else "not on call"
    if vote.source == "release":
        whose = f"{plain(vote.username)} ({code(vote.person)})"
        by = f"{plain(vote.reason)}, {duty}"
        return f"{moment(vote.at, zone)} hold of {whose} released {by} · {counted}"
    return (
        f"{moment(vote.at, zone)} {plain(vote.username)} ({code(vote.person)}, {duty}) "
        f"{verb} by {vote.source} · {counted}{because}"
    )


def _entry(entry: Entry, zone: ZoneInfo) -> str:
    said = ", ".join(f"{key} {value}" for key, value in entry.detail.items() if value)
    return f"{moment(entry.at, zone)} {entry.event} {code(said) if said else ''}".rstrip()


def _next(record: Record, flight: Flight | None) -> tuple[str, ...]:
    if not record.state.final:
        return (f"!abort {record.code}",)
    return (f"!undo {record.code}",) if flight and flight.done and flight.undo else ("!ops",)
