"""How an error reads as the answer to a command: the words for people, the code for programs."""

from __future__ import annotations

from typing import Any

from bot.cards import Card, Mark, plain
from bot.errors import AdapterError, Already, HoustonError, Refused, UserError
from bot.flight import found
from bot.plan import Finding, Plan


class Findings(Refused):
    """Refused for what the plan found; the card shows all of it."""

    code = "findings"

    def __init__(self, message: str, plan: Plan[Any], hint: str = "", block: str = "") -> None:
        super().__init__(message, hint)
        self.plan = plan
        self.block = block
        self.next = tuple(dict.fromkeys(one.next for one in plan.findings if _leads(one)))


def _leads(finding: Finding) -> bool:
    return finding.ok is False and bool(finding.next)


class ForReview(Findings):
    """Policy never starts it: its lines are shown, for a review in git."""

    code = "review"


def answer(error: HoustonError) -> Card:
    """To a command that only answers."""
    text = plain(error.message) if isinstance(error, AdapterError) else error.message
    no = isinstance(error, UserError)
    mark, next_ = (Mark.NO, error.next) if no else (Mark.FAILED, ())
    return Card(mark, text, _hint(error), next=next_, ok=False, reason=error.code)


def planless(error: HoustonError, command: str) -> Card:
    """To an operation that could not be planned. Nothing was changed."""
    outside = isinstance(error, AdapterError)
    return Card(
        Mark.FAILED if outside else Mark.INFO if isinstance(error, Already) else Mark.NO,
        plain(error.message) if outside else error.message,
        (
            *(found(error.plan.findings) if isinstance(error, Findings) else ()),
            "Nothing was changed.",
            *_hint(error),
        ),
        block=error.block if isinstance(error, Findings) else "",
        next=error.next or (f"!help {command}",),
        ok=isinstance(error, Already),
        reason=error.code,
    )


def _hint(error: HoustonError) -> tuple[str, ...]:
    if not error.hint:
        return ()
    return (error.hint if error.hint.endswith("?") else f"{error.hint}.",)
