"""How what was asked for ends: the words that programs go by.

An error's word is its class's `code`; the words here are for what ends without an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from bot.cards import duration
from bot.errors import CheckFailed, HoustonError, Limited, Unavailable, UnknownOutcome
from bot.flight import AGAIN, LineState
from bot.plan import Check, Sight
from bot.ports.engine import Json
from bot.ports.store import State

_UNSEEN = timedelta(hours=2)
"""How long a system may be away before a check of it is given up: a chat that restarts, a cluster
behind a broken line. What answers and is not true has the check's own, shorter time."""


class Reason(StrEnum):
    """Why it ended so, where no error says it. The words never change."""

    OK = "ok"
    REPORTED = "reported"
    PASTED = "pasted"
    FLOOD = "flood"
    VOTED_DOWN = "voted_down"
    EXPIRED = "expired"
    ABORTED = "aborted"
    LATE = "late"
    TAMPERED = "tampered"
    DRILL_OVER = "drill_over"


@dataclass(frozen=True)
class Ending:
    """An operation, or a round of it, is over.

    Args:
        why: the words for people.
        reason: the word for programs: a `Reason`, or the `code` of the error that ended it.
    """

    state: State
    why: str
    reason: str


def failure(error: HoustonError) -> Json:
    """A step's error as a value: whether the same step may be tried again, and after how long."""
    after = error.retry_after.total_seconds() if isinstance(error, Limited) else 0.0
    return {"error": error.told, "code": error.code, "retry": _passing(error), "after": after}


def failing(error: HoustonError, *, last: bool) -> tuple[LineState, str]:
    """The line of a step that failed, for the last time or not."""
    if last or not _passing(error):
        return LineState.FAILED, error.message
    return LineState.DOING, error.message + AGAIN


def shown(
    late: timedelta, check: Check, sight: Sight | CheckFailed
) -> tuple[LineState, str, float | None]:
    """The line of a check that was looked at, this long after the first look."""
    if isinstance(sight, CheckFailed):
        return LineState.FAILED, sight.message, None
    state = LineState.FAILED if failed(late, check, sight) else LineState.DOING
    return LineState.DONE if sight.done else state, sight.text, sight.share


def failed(late: timedelta, check: Check, sight: Sight | CheckFailed) -> Ending | None:
    """Why the check will not hold any more; None while it may."""
    if isinstance(sight, CheckFailed):
        return Ending(State.FAILED, sight.told, sight.code)
    within = check.within if sight.seen else max(check.within, _UNSEEN)
    if sight.done or late < within:
        return None
    why = f"{check.title} was not true within {duration(within)}; last seen: {sight.text}"
    return Ending(State.FAILED, why, Reason.LATE)


def _passing(error: HoustonError) -> bool:
    return isinstance(error, Unavailable | UnknownOutcome)
