"""What is looked at once, by hand or at set-up: Houston's account on the chat server.

Uses rocketchat-API, which blocks: everything here runs in a worker thread.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketAuthenticationException,
    RocketBadStatusCodeException,
    RocketConnectionException,
)
from rocketchat_API.rocketchat import RocketChat

from bot.errors import AdapterError, Denied, Refused, Unavailable

SYSTEM = "Rocket.Chat"
ROLES = ("user", "bot")
"""`user` may join, preview and make tokens; `bot` is not slowed down and edits old cards."""
_SECONDS = 15


async def inspect(url: str, user_id: str, token: str, rooms: tuple[str, ...]) -> str:
    """Whether the account works: who it is, its roles, and each room it must hear.

    Gives one line. Raises Unavailable, Denied, or Refused with what is to be mended.
    """
    return await asyncio.to_thread(_inspect, url, user_id, token, rooms)


def _inspect(url: str, user_id: str, token: str, rooms: tuple[str, ...]) -> str:
    with translated(url), requests.Session() as session:
        server = by_token(session, url, user_id, token)
        version = str(server.info().get("version", "?"))
        me: dict[str, Any] = server.me()
        lacking = lacks(me)
        if lacking:
            raise Refused(
                f"{SYSTEM}: the account {me.get('username')} lacks the role {', '.join(lacking)}",
                "An administrator gives it the roles user and bot",
            )
        for room in rooms:
            server.rooms_info(room_name=room)
    return f"{version}, {me.get('username')} with its roles, rooms {', '.join(rooms)}"


def lacks(account: dict[str, Any]) -> list[str]:
    """Roles the account needs and does not have."""
    return [role for role in ROLES if role not in account.get("roles", [])]


def by_token(session: requests.Session, url: str, user_id: str, token: str) -> RocketChat:
    """The server, as whoever has the token."""
    return RocketChat(
        user_id=user_id, auth_token=token, server_url=url, timeout=_SECONDS, session=session
    )


def by_password(session: requests.Session, url: str, user: str, password: str) -> RocketChat:
    """The server, logged in. The password is the second factor too, where there is no other."""
    digest = hashlib.sha256(password.encode()).hexdigest()
    session.headers.update({"x-2fa-method": "password", "x-2fa-code": digest})
    server = RocketChat(server_url=url, timeout=_SECONDS, session=session)
    server.login(user, password)
    return server


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raises the library's failures as ours."""
    try:
        yield
    except RocketAuthenticationException:
        raise Denied(
            SYSTEM,
            "401: the name or the password is refused, or a second factor is wanted",
            "Check them; for an account with two factors give a personal access token instead",
        ) from None
    except (
        requests.ConnectionError,
        requests.Timeout,
        RocketConnectionException,
        ValueError,
    ) as error:
        raise Unavailable(
            SYSTEM, f"{url} does not answer ({type(error).__name__})", "Check chat.url"
        ) from None
    except (RocketApiException, RocketBadStatusCodeException) as error:
        raise _translated(error) from None


def _translated(error: Exception) -> AdapterError:
    status = int(getattr(error, "status_code", 0) or 0)
    if status in {401, 403}:
        return Denied(SYSTEM, f"{status}: the token is refused", "Renew chat.token")
    return Unavailable(SYSTEM, f"{status}: {str(error)[:120]}", "Check chat.rooms and chat.url")
