"""What is remembered of one operation's round, and how it reads on its two messages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from bot.cards import Card, Mark, bar, code, duration, moment, plain
from bot.plan import Action, Finding, Step, Tier
from bot.ports.engine import Json
from bot.ports.store import Record, State


class LineState(StrEnum):
    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"


AGAIN = "; trying again"
"""Behind the text of a step that failed and is not given up."""


@dataclass(frozen=True)
class Line:
    """One action on the progress card. `share` is from 0 to 1 where it can be said, `again` what
    asks for the rest when a step was not done."""

    title: str
    state: LineState = LineState.TODO
    text: str = ""
    share: float | None = None
    again: str = ""


def todo(action: Action, own: str) -> Line:
    """The line of an action that was not begun, of an operation that was asked for by `own`."""
    return Line(action.title, again=action.again or own if isinstance(action, Step) else "")


@dataclass(frozen=True)
class Flight:
    """The plan, the decision, the progress and the outcome of one round.

    `facts` is the plan's facts as JSON, `digest` the hash an approval rests on, `basis` what it is
    made of besides the facts and the diff, `done` what each finished step returned,
    `approval_text` the exact text of the message that collects votes,
    `only` the ids of those whose approvals count, `with_code` how many confirmed ones suffice.
    `forecast` is what it does to people in chat, `told` the same for everybody, `returns` whether
    chat comes back by itself, and `announce` the name of the room in which that is said.
    """

    facts: dict[str, Any]
    basis: dict[str, str]
    digest: str
    diff: str
    where: tuple[str, ...]
    findings: tuple[Finding, ...]
    undo: str
    tier: Tier
    approvals: int
    opened: datetime
    expires: datetime
    expected: timedelta
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    approvers: tuple[str, ...] = ()
    approval_text: str = ""
    only: tuple[str, ...] = ()
    with_code: int | None = None
    alone_after: timedelta | None = None
    tally: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str = ""
    done: dict[str, str | int | bool | None] = field(default_factory=dict)
    forecast: tuple[str, ...] = ()
    told: str = ""
    returns: bool = True
    announce: str = ""

    def line(
        self, title: str, state: LineState, text: str = "", share: float | None = None
    ) -> Flight:
        """The flight with that line as it stands now."""
        lines = (
            replace(line, state=state, text=text, share=share) if line.title == title else line
            for line in self.lines
        )
        return replace(self, lines=tuple(lines))

    def over(self, outcome: str, at: datetime) -> Flight:
        """The flight that ended so: what was going on then was not done."""
        lines = (
            replace(line, state=LineState.TODO, text=line.text.removesuffix(AGAIN))
            if line.state is LineState.DOING
            else line
            for line in self.lines
        )
        return replace(self, lines=tuple(lines), outcome=outcome, ended=at)


_ADAPTER = TypeAdapter(Flight)


def packed(flight: Flight) -> dict[str, Json]:
    """As plain JSON, for the store."""
    dumped: dict[str, Json] = _ADAPTER.dump_python(flight, mode="json")
    return dumped


def unpacked(record: Record) -> Flight | None:
    """From the store; None while the operation is still being planned."""
    return _ADAPTER.validate_python(record.detail) if record.detail else None


def digest(facts: Mapping[str, Any], basis: Mapping[str, str], diff: str) -> str:
    """The hash over all that an approval rests on, in hex."""
    canonical = json.dumps([facts, basis, diff], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


_FOUND = {True: "✔", False: "✘", None: "?"}


def found(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    """The findings, a line each: a symbol and the words."""
    return tuple(
        f"{'⚠' if finding.ok and finding.heed else _FOUND[finding.ok]} {plain(finding.text)}"
        for finding in findings
    )


def plan_card(
    record: Record, flight: Flight, zone: ZoneInfo, by_hand: tuple[str, ...] = ()
) -> Card:
    """The message that shows the plan and, where votes are needed, collects them. Never edited.

    Args:
        by_hand: the command line that shows the same as steps for a person.
    """
    lines = [
        f"Asked by {plain(record.requester)} · {' · '.join(code(place) for place in flight.where)}",
        *found(flight.findings),
        *_foreseen(flight),
    ]
    if flight.approvals:
        who = ", ".join(plain(name) for name in flight.approvers) or "nobody is on call now"
        colleagues = "colleague" if flight.approvals == 1 else "colleagues"
        lines += [
            f"Needs *{flight.approvals} on-call {colleagues}* ({flight.tier}): {who}. "
            f"Until *{moment(flight.expires, zone)}*, then the answer is no.",
            *_by_code(record, flight),
            ":white_check_mark: approve · :x: deny · :raised_hand: hold (anyone) · "
            f"plan {code(flight.digest[:12])}",
        ]
    else:
        lines.append(f"Tier {flight.tier}: starts at once · plan {code(flight.digest[:12])}")
    return Card(
        Mark.WAITING if flight.approvals else Mark.RUNNING,
        f"{plain(record.title)} · {record.code}",
        tuple(lines),
        block=flight.diff,
        next=(
            *(
                (f"!approve {record.code}", f"!deny {record.code}", f"!why {record.code}")
                if flight.approvals
                else (f"!abort {record.code}", f"!why {record.code}")
            ),
            *by_hand,
        ),
    )


def _foreseen(flight: Flight) -> list[str]:
    """What it does to people in chat, and where they are told of it."""
    lines = [f"{Mark.WARNING.symbol} {line}" for line in flight.forecast]
    if flight.announce:
        lines.append(f"Announced in {code('#' + flight.announce)} when it begins, and its end")
    return lines


def _by_code(record: Record, flight: Flight) -> list[str]:
    if flight.with_code is None:
        return []
    confirm = code(f"!confirm {record.code} 123456")
    return [f"Or {flight.with_code} who confirm with a one-time code: {confirm}"]


_STATES = {
    State.PLANNING: Mark.RUNNING,
    State.WAITING: Mark.WAITING,
    State.HELD: Mark.HELD,
    State.RUNNING: Mark.RUNNING,
    State.SUCCEEDED: Mark.OK,
    State.FAILED: Mark.FAILED,
    State.REFUSED: Mark.NO,
    State.CANCELLED: Mark.NO,
    State.EXPIRED: Mark.NO,
    State.VOID: Mark.WARNING,
}
_LINES = {
    LineState.TODO: "·",
    LineState.DOING: "…",
    LineState.DONE: "✔",
    LineState.FAILED: "✘",
}


def progress_card(record: Record, flight: Flight, now: datetime, zone: ZoneInfo) -> Card:
    """The one message that is edited in place from the plan to the final report."""
    lines: list[str] = []
    if flight.outcome:
        lines.append(flight.outcome)
    if flight.approvals:
        lines.append(f"Votes: {plain(flight.tally or f'0 of {flight.approvals} approved')}")
    if flight.started:
        lines += [_line(line) for line in flight.lines]
    lines.append(_timing(record.state, flight, now, zone))
    return Card(
        _STATES[record.state],
        f"{plain(record.title)} · {record.code} · {record.state}",
        tuple(line for line in lines if line),
        next=_next(record, flight),
        ok=record.state is State.SUCCEEDED,
    )


def _line(line: Line) -> str:
    shown = f"{_LINES[line.state]} {plain(line.title)}"
    if line.share is not None:
        shown += f" {code(bar(line.share))}"
    return f"{shown} {plain(line.text)}".rstrip()


def _timing(state: State, flight: Flight, now: datetime, zone: ZoneInfo) -> str:
    if flight.started is None:
        return "" if state.final else f"Waits until {moment(flight.expires, zone)}"
    if flight.ended:
        took = duration(flight.ended - flight.started)
        return f"Took {took}, ended {moment(flight.ended, zone)}"
    usual = duration(flight.expected)
    return (
        f"{duration(now - flight.started)} of about {usual}, since {moment(flight.started, zone)}"
    )


def _next(record: Record, flight: Flight) -> tuple[str, ...]:
    why = f"!why {record.code}"
    if record.state in {State.RUNNING, State.HELD, State.WAITING}:
        return (f"!abort {record.code}", why)
    back = f"!undo {record.code}" if flight.done and flight.undo else ""
    return tuple(line for line in (_onward(record, flight), back, why) if line)


def _onward(record: Record, flight: Flight) -> str:
    """The command line for what was asked and not done; empty where all steps are done."""
    if record.state not in {State.EXPIRED, State.CANCELLED, State.FAILED}:
        return ""
    if not flight.done:
        return record.line
    left = next((line for line in flight.lines if line.state is not LineState.DONE), None)
    return left.again if left else ""


def outcome(state: State, why: str, flight: Flight) -> str:
    """How it ended, for its card: what was done, and whether it was verified."""
    if state is State.SUCCEEDED:
        return f"{len(flight.lines)} of {len(flight.lines)} steps and checks done; it is verified."
    done = ", ".join(flight.done) or "nothing"
    verified = "Applied, *not verified*. " if flight.done else "Nothing was changed. "
    return f"{verified}{why}. Done before: {done}."
