"""An error in the engine's journal: after a restart it reads as it did when it was raised."""

from __future__ import annotations

import structlog

from bot.errors import AdapterError, Bug, HoustonError, bug
from bot.ports.engine import Json

log = structlog.get_logger()

_KEY = "__error__"
_ITS_ID = "the operation's id"


def lasting(error: Exception, flow: str, step: str) -> HoustonError:
    """The error that a step raised, as a journal gives it back: its words, its code, and whether a
    system outside or our own mistake is behind it. What nobody foresaw is such a mistake, and is
    logged here: the journal does not keep its trace.
    """
    if not isinstance(error, HoustonError):
        log.error("flow.bug", flow=flow, step=step, exc_info=error)
    return _of(_fields(error, flow))


def packed(error: BaseException) -> dict[str, Json]:
    """As plain JSON, for the journal."""
    return {_KEY: {**_fields(error, _ITS_ID)}}


def recalled(value: Json) -> HoustonError | None:
    """The error that was packed; None for any other value of a journal."""
    if not isinstance(value, dict) or _KEY not in value:
        return None
    found = value[_KEY]
    if isinstance(found, dict):
        return _of({name: str(text) for name, text in found.items()})
    # As 0.1.0 wrote it: `KeyError: what it said`.
    return bug(_ITS_ID, str(found).partition(":")[0])


def _fields(error: BaseException, where: str) -> dict[str, str]:
    known = error if isinstance(error, HoustonError) else bug(where, error)
    system = known.system if isinstance(known, AdapterError) else ""
    return {"code": known.code, "system": system, "message": known.message, "hint": known.hint}


def _of(said: dict[str, str]) -> HoustonError:
    message, hint, system = said["message"], said["hint"], said["system"]
    error = (Bug if said["code"] == Bug.code else HoustonError)(message, hint)
    if system:
        error = AdapterError(system, message.removeprefix(f"{system}: "), hint)
    error.code = said["code"]
    return error
