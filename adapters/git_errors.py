"""What dulwich and urllib3 raise, as our own errors."""

from __future__ import annotations

import re
import zlib

from dulwich.client import HTTPProxyUnauthorized, HTTPUnauthorized
from dulwich.errors import ChecksumMismatch, GitProtocolError, NotGitRepository
from urllib3 import exceptions as broken

from adapters import gittree
from bot.errors import Denied, Missing, Unavailable

GARBLED = (ValueError, AssertionError, zlib.error, ChecksumMismatch)
"""What dulwich raises while it reads an answer that is not git's, or only half of it."""
_STATUS = re.compile(r"unexpected http resp (\d+)")


def translated(error: Exception) -> Exception:
    """Our own error for whatever dulwich and urllib3 raise; a bug stays what it is."""
    system = gittree.SYSTEM
    match error:
        case HTTPUnauthorized():
            hint = "Renew git.username and git.password"
            return Denied(system, "401 the credentials are refused", hint)
        case HTTPProxyUnauthorized():
            return Denied(system, "407 the proxy wants credentials", "Ask who runs the proxy")
        case NotGitRepository():
            return Missing(system, "there is no repository at that address", "Check git.url")
        case broken.HTTPError() | OSError():
            return Unavailable(system, _why(error), "Check git.url and the net")
        case GitProtocolError():
            return _answered(error)
        case _:
            return error


def _answered(error: GitProtocolError) -> Exception:
    """For an answer of the server that is of no use; dulwich wraps what urllib3 raises too."""
    if isinstance(error.__cause__, broken.HTTPError):
        return translated(error.__cause__)
    text = str(error)
    status = _STATUS.match(text)
    if status and status[1] == "403":
        return Denied(gittree.SYSTEM, "403 the account may not do this", "Give it the right")
    if status:
        return Unavailable(gittree.SYSTEM, f"{status[1]} from the server", "Is it up?")
    said = text.split("\n", 1)[0][:120] or "nothing said"
    return Unavailable(gittree.SYSTEM, f"no usable answer ({said})", "Is git.url a git server?")


def _why(error: BaseException) -> str:
    """Why no answer came."""
    match error:
        case broken.NameResolutionError():
            return f"the name {error.conn.host} is not known"
        case broken.NewConnectionError():
            return f"{error.conn.host}:{error.conn.port} refuses the connection"
        case broken.SSLError():
            return "it shows a certificate that is not trusted"
        case broken.TimeoutError():
            return "no answer in time"
        case _:
            return f"the connection broke ({type(error).__name__})"
