"""What came of one command line, in one shape for exit statuses and for programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from bot.cards import Mark
from bot.doorway import Said, parts
from bot.endings import Reason
from bot.errors import Already, HoustonError, UserError
from bot.ports.audit import Entry
from bot.ports.store import Record, State


class Outcome(StrEnum):
    """The words never change."""

    OK = "ok"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def status(self) -> int:
        """The exit status: 0 done, 1 failed, 2 refused. That something is so already is no
        refusal."""
        return {Outcome.OK: 0, Outcome.FAILED: 1}.get(self, 2)


@dataclass(frozen=True)
class Began:
    """The operation that the line began: its id never changes, its code is the last round's."""

    id: str
    code: str


@dataclass(frozen=True)
class Result:
    """The end of it. Names and kinds of fields never change; new ones may be added.

    Args:
        reason: a `Reason`, or the `code` of an error.
        title: the first line of the answer, without its symbol.
        lines: what else it says.
        next: command lines to go on with.
    """

    outcome: Outcome
    reason: str
    title: str
    lines: tuple[str, ...]
    next: tuple[str, ...]
    operation: Began | None = None

    def packed(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


def of_answer(text: str, entries: Sequence[Entry]) -> Result:
    """Of a command that only answers.

    Args:
        text: its post.
        entries: what the trail has of the answer.
    """
    by_mark = {Mark.NO.symbol: Outcome.REFUSED, Mark.FAILED.symbol: Outcome.FAILED}
    outcome = by_mark.get(text.partition(" ")[0], Outcome.OK)
    otherwise = Reason.OK if outcome is Outcome.OK else Reason.REPORTED
    return _result(outcome, _reason(entries) or otherwise, parts(text))


def of_operation(record: Record, text: str, entries: Sequence[Entry]) -> Result:
    """Of an operation that has ended.

    Args:
        text: its card.
        entries: what the trail has of it, oldest first.
    """
    by_state = {
        State.SUCCEEDED: Outcome.OK,
        State.FAILED: Outcome.FAILED,
        State.CANCELLED: Outcome.CANCELLED,
        State.EXPIRED: Outcome.EXPIRED,
    }
    outcome = by_state.get(record.state, Outcome.REFUSED)
    reason = _reason(entries) or str(outcome)
    if reason == Already.code:
        outcome = Outcome.OK
    return _result(outcome, reason, parts(text), Began(record.id, record.code))


def of_error(error: HoustonError) -> Result:
    """Of a line that did not get as far as an answer."""
    outcome = Outcome.REFUSED if isinstance(error, UserError) else Outcome.FAILED
    lines = (error.hint,) if error.hint else ()
    return Result(outcome, error.code, error.message, lines, error.next)


def _reason(entries: Sequence[Entry]) -> str:
    """The last one written down; empty where an older Houston wrote none."""
    return str(entries[-1].detail.get("reason", "")) if entries else ""


def _result(outcome: Outcome, reason: str, said: Said, began: Began | None = None) -> Result:
    return Result(outcome, str(reason), said.answer, said.lines, said.next, began)
