"""Calls to Argo CD, with each of its refusals named and what to do about it.

The texts are Argo CD's own (util/session/sessionmanager.go, util/rbac); they differ by version, so
the HTTP status decides which error it is and the text only tells people more.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

from adapters.argocd_read import SYSTEM
from bot.errors import AdapterError, Busy, Conflict, Denied, Unavailable

BUSY = "another operation is already in progress"
_WINDOW = "sync window"
_IDLE = "No operation is in progress"
_RENEW = (
    "Make a new one with `argocd account generate-token --account <houston's account> --grpc-web` "
    "and put it into argocd.token"
)
_WHY = (
    ("is expired", "Houston's token has expired"),
    ("is revoked", "Houston's token was revoked"),
    ("does not have token", "Houston's token was revoked: its account has no such token"),
    ("is disabled", "the account of Houston's token is disabled"),
    ("signature is invalid", "Houston's token is of another Argo CD, or its signing key changed"),
)
_RIGHT = re.compile(r"permission denied: ([\w-]+), ([\w/*-]+), ([^,\"]+), sub: ([^,\"]+)")


def path(name: str, below: str = "") -> str:
    """The address of an application, or of something below it."""
    return f"/api/v1/applications/{quote(name, safe='')}{below}"


@asynccontextmanager
async def asking() -> AsyncIterator[None]:
    """Wrap a call: whatever Argo CD refuses is raised as what it means."""
    try:
        yield
    except AdapterError as error:
        meant = _meant(error)
        if meant is error:
            raise
        raise meant from error


def _meant(error: AdapterError) -> AdapterError:
    if BUSY in error.message:
        return Busy(SYSTEM, "another sync is running", "Wait until it has finished")
    if _WINDOW in error.message:
        return Conflict(SYSTEM, "a sync window forbids syncs now", "Wait until it ends")
    if _IDLE in error.message:
        return Conflict(SYSTEM, "no sync is running", "There is nothing to stop")
    match error:
        case Denied():
            return _denied(error)
        case Unavailable():
            return _away(error)
        case _:
            return error


def _denied(error: Denied) -> Denied:
    """401 is the token, 403 a right."""
    if error.message.startswith(f"{SYSTEM}: 401"):
        known = (told for text, told in _WHY if text in error.message)
        why = next(known, "the token is expired, revoked or wrong")
        return Denied(SYSTEM, f"401 {why}", _RENEW)
    found = _RIGHT.search(error.message)
    if found is None:
        return Denied(
            SYSTEM,
            "403 Houston's account may not do this",
            "Give it applications, get and sync, or use the token of the right account",
        )
    kind, verb, thing, account = found.groups()
    return Denied(
        SYSTEM,
        f"403 the account {account.strip()} lacks {kind}, {verb} on {thing.strip()}",
        f"Give it that right in argocd-rbac-cm, or use the token of the right account: "
        f"p, {account.strip()}, {kind}, {verb}, {thing.strip()}, allow",
    )


def _away(error: Unavailable) -> Unavailable:
    """Not reached, or something else answered in its place."""
    said = error.message.removeprefix(f"{SYSTEM}: ")
    if any(text in said for text in ("refuses the connection", "is not known", "broke (")):
        hint = "Check argocd.url, that it can be reached from here, and that Argo CD runs"
    elif "gRPC" in said:
        hint = (
            "The way to argocd.url speaks gRPC only. Houston uses Argo CD's HTTP API, what "
            "`--grpc-web` is for the command line: let the ingress pass HTTP/1.1 to argocd-server"
        )
    elif "page" in said:
        hint = (
            "A proxy or a login page answers in place of Argo CD: check argocd.url and its path, "
            "and let Houston pass the proxy's own login"
        )
    else:
        return error
    error.hint = hint
    return error
