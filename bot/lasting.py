"""An error in the engine's journal: after a restart it reads as it did when it was raised."""

from __future__ import annotations

from bot.errors import AdapterError, Bug, HoustonError, bug
from bot.ports.engine import Json

_KEY = "__error__"


def lasting(error: Exception, where: str) -> HoustonError:
    """The error as a journal gives it back: its words, its code, and whether a system outside or
    our own mistake is behind it. What nobody foresaw is such a mistake.

    Args:
        where: by what the log's trace of it is found.
    """
    return _of(_fields(error if isinstance(error, HoustonError) else bug(where, error)))


def packed(error: BaseException) -> dict[str, Json]:
    """As plain JSON, for the journal."""
    known = error if isinstance(error, HoustonError) else bug("the operation's id", error)
    return {_KEY: {**_fields(known)}}


def recalled(value: Json) -> HoustonError | None:
    """The error that was packed; None for any other value of a journal."""
    if not isinstance(value, dict) or _KEY not in value:
        return None
    found = value[_KEY]
    if isinstance(found, dict):
        return _of({name: str(text) for name, text in found.items()})
    # As 0.1.0 wrote it: `KeyError: what it said`.
    return bug("the operation's id", str(found).partition(":")[0])


def _fields(error: HoustonError) -> dict[str, str]:
    system = error.system if isinstance(error, AdapterError) else ""
    return {"code": error.code, "system": system, "message": error.message, "hint": error.hint}


def _of(said: dict[str, str]) -> HoustonError:
    message, hint, system = said["message"], said["hint"], said["system"]
    error = (Bug if said["code"] == Bug.code else HoustonError)(message, hint)
    if system:
        error = AdapterError(system, message.removeprefix(f"{system}: "), hint)
    error.code = said["code"]
    return error
