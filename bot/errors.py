"""Every deliberate error, as one tree.

The text of an error is written for the person who reads it in chat: what failed, where, and,
as `hint`, what to try. Whatever is not in this tree is our own bug.
"""

from __future__ import annotations

from datetime import timedelta

from bot.harmless import visible


class HoustonError(Exception):
    """A deliberate error.

    Args:
        message: one line a person can read: what failed and where.
        hint: what to try, ready to type where possible; may be empty.

    `next` may be filled with command lines that lead on.
    """

    code = "error"
    next: tuple[str, ...] = ()

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = visible(message)
        self.hint = visible(hint)

    @property
    def told(self) -> str:
        """The message and the hint as sentences, the last one without its full stop."""
        return ". ".join(part.rstrip(".") for part in (self.message, self.hint) if part)


class ConfigError(HoustonError):
    """The configuration is wrong: the message names the key and the reason, the hint the fix."""

    code = "config"


class UserError(HoustonError):
    """The person can mend this: the text is the reply."""

    code = "user"


class UsageError(UserError):
    """The words do not fit the command."""

    code = "usage"


class Refused(UserError):
    """The words fit, and the answer is no; the message may name what comes from outside."""

    code = "refused"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(" ".join(message.split()), hint)


class Unconfigured(Refused):
    """The system is not in the configuration."""

    code = "unconfigured"


class Forbidden(Refused):
    """Roles or policy say no to this person."""

    code = "forbidden"


class Taken(Refused):
    """Another operation holds what this one would change."""

    code = "taken"


class ClusterOff(Refused):
    """The cluster that this needs is off, or on its way up or down."""

    code = "cluster_off"


class Closed(Refused):
    """What is dangerous is not taken at a second door while there is a chat."""

    code = "closed"


class Frozen(Refused):
    """A freeze lets nothing change."""

    code = "frozen"


class Already(Refused):
    """What was asked for is so already: an answer, and nothing is left to do."""

    code = "already"


class AdapterError(HoustonError):
    """A system outside did not do what was asked.

    Args:
        system: the system's name as people know it, for example `Argo CD`.
    """

    code = "adapter"

    def __init__(self, system: str, message: str, hint: str = "") -> None:
        # What another system says may have any number of lines.
        super().__init__(f"{system}: {' '.join(message.split())}", hint)
        self.system = system


class Unavailable(AdapterError):
    """Not reachable, too slow, or answering nonsense. A read may be tried again later."""

    code = "unavailable"


class Limited(Unavailable):
    """Too many requests; `retry_after` says when the system will listen again."""

    code = "limited"

    def __init__(self, system: str, message: str, retry_after: timedelta, hint: str = "") -> None:
        super().__init__(system, message, hint)
        self.retry_after = retry_after


class Denied(AdapterError):
    """The credential is refused, expired, or lacks the right."""

    code = "denied"


class Missing(AdapterError):
    """The thing asked for is not there."""

    code = "missing"


class Conflict(AdapterError):
    """The system's state does not allow this now."""

    code = "conflict"


class Moved(Conflict):
    """Something the plan rests on changed after the plan was made."""

    code = "moved"


class Busy(Conflict):
    """Another operation holds the thing; it will be free later."""

    code = "busy"


class Invalid(AdapterError):
    """The request was understood and is wrong. Asking again will not help."""

    code = "invalid"


class NotMine(HoustonError):
    """This process must not go on with what it holds. Nobody is told that it ended: it did not, and
    goes on in another process."""

    code = "not_mine"


class Newer(NotMine):
    """A newer program began it, with steps that this one may not know."""

    code = "newer"


class Superseded(AdapterError, NotMine):
    """Another process leads by now: whatever this one was doing goes on there."""

    code = "superseded"


class StoreAway(Unavailable):
    """Houston's own store does not do its part; nothing was half written."""

    code = "store"

    def __init__(self, what: str, hint: str = "Check the disk and the database") -> None:
        super().__init__("store", what, hint)


class UnknownOutcome(AdapterError):
    """A change was sent and its answer was lost: it may or may not have happened."""

    code = "unknown"


class CheckFailed(HoustonError):
    """A fact that had to become true cannot become true any more."""

    code = "check_failed"


class Bug(HoustonError):
    """Our own mistake: the log has the trace, the person gets an id to find it by."""

    code = "bug"


def bug(where: str, error: BaseException | str) -> Bug:
    """What a person is told of an error nobody foresaw: that one, or one of this name."""
    name = error if isinstance(error, str) else type(error).__name__
    return Bug(
        f"Houston itself made a mistake ({name}); the log has it under {where}.",
        "Try once more; if it happens again, open an issue with that id",
    )
