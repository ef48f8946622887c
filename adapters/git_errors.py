"""What dulwich and urllib3 raise, as our own errors."""

from __future__ import annotations

import re

import urllib3
from dulwich.client import HTTPUnauthorized
from dulwich.errors import GitProtocolError, HangupException, NotGitRepository

from adapters import gittree
from bot.errors import Denied, Missing, Unavailable

_FORBIDDEN = re.compile(r"(?<!\d)403(?!\d)")
"""The status, and not a part of a port's number."""


def translated(error: Exception) -> Exception:
    """Our own error for whatever dulwich and urllib3 raise; a bug stays what it is."""
    if isinstance(error, HTTPUnauthorized):
        return Denied(
            gittree.SYSTEM, "401 the credentials are refused", "Renew git.username and git.password"
        )
    if isinstance(error, NotGitRepository):
        return Missing(gittree.SYSTEM, "there is no repository at that address", "Check git.url")
    if isinstance(error, GitProtocolError | HangupException):
        text = str(error).splitlines()[0][:120] if str(error) else type(error).__name__
        if _FORBIDDEN.search(text):
            return Denied(gittree.SYSTEM, "403 the account may not do this", "Give it the right")
        return Unavailable(gittree.SYSTEM, f"no usable answer ({text})", "Is the server up?")
    if isinstance(error, urllib3.exceptions.HTTPError | OSError):
        return Unavailable(
            gittree.SYSTEM, f"not reachable ({type(error).__name__})", "Check git.url and the net"
        )
    return error
