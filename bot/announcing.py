"""What everybody is told of a change that cuts them off: before its first step, and after."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.cards import Mark, duration, moment, plain
from bot.flight import Flight
from bot.ports.chat import Post
from bot.ports.store import Record, State
from bot.request import post_id


def announcement(record: Record, flight: Flight) -> tuple[Post, ...]:
    """Before the first step; nothing where nobody is to be told."""
    if not flight.announce or not flight.told:
        return ()
    text = "\n".join(
        (
            f"{Mark.WARNING.symbol} *{plain(record.title)} begins now.*",
            f"{flight.told} Clients connect again by themselves; nothing that was sent is lost.",
        )
    )
    return (Post(_id(record, "before"), f"#{flight.announce}", text),)


def all_clear(record: Record, flight: Flight, zone: ZoneInfo) -> tuple[Post, ...]:
    """After the end of what was announced; nothing while chat stays away."""
    if not flight.announce or not flight.told or flight.started is None or flight.ended is None:
        return ()
    well = record.state is State.SUCCEEDED
    if well and not flight.returns:
        return ()
    took = f"{duration(flight.ended - flight.started)}, until {moment(flight.ended, zone)}"
    text = (
        f"{Mark.OK.symbol} *All clear: {plain(record.title)} is done.* It took {took}."
        if well
        else f"{Mark.WARNING.symbol} *{plain(record.title)} ended {record.state}.* It took {took}; "
        "the people of the ops room deal with what is left."
    )
    return (Post(_id(record, "after"), f"#{flight.announce}", text),)


def _id(record: Record, when: str) -> str:
    return post_id(record.id, "announcement", str(record.round), when)
