"""`!undo CODE`"""

from typing import Annotated

from bot.arguments import Says
from bot.command import Redirect, command
from bot.errors import Refused
from bot.flight import unpacked
from bot.lookup import operation_of
from bot.ports.store import Store
from bot.roles import Role


@command(
    "undo",
    role=Role.OPERATOR,
    manual=("git revert <commit> && git push",),
    examples=("!undo 7F3K",),
)
async def undo(code: Annotated[str, Says("CODE")], *, store: Store) -> Redirect:
    """Plan the change that takes an operation back; it is approved like any other."""
    record = await operation_of(store, code)
    flight = unpacked(record)
    if flight is None or not flight.done:
        raise Refused(f"{record.code} changed nothing, so there is nothing to undo.", "See `!ops`")
    if not record.state.final:
        raise Refused(f"{record.code} is still {record.state}.", f"`!abort {record.code}` stops it")
    if not flight.undo:
        raise Refused(
            f"{record.title} cannot be undone by a command.",
            f"`!why {record.code}` shows all of it",
        )
    return Redirect(flight.undo)
