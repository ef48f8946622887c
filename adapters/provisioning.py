"""What is looked at once, by hand or at set-up: Houston's account on the chat server.

Uses rocketchat-API, which blocks: everything here runs in a worker thread.
"""

from __future__ import annotations

import asyncio
from typing import Any

import requests
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketBadStatusCodeException,
)
from rocketchat_API.rocketchat import RocketChat

from bot.errors import AdapterError, Denied, Refused, Unavailable

_SYSTEM = "Rocket.Chat"
_SECONDS = 15
_NEEDED = ("user", "bot")


async def inspect(url: str, user_id: str, token: str, rooms: tuple[str, ...]) -> str:
    """Whether the account works: who it is, its roles, and each room it must hear.

    Gives one line. Raises Unavailable, Denied, or Refused with what is to be mended.
    """
    return await asyncio.to_thread(_inspect, url, user_id, token, rooms)


def _inspect(url: str, user_id: str, token: str, rooms: tuple[str, ...]) -> str:
    try:
        with requests.Session() as session:
            server = RocketChat(
                user_id=user_id,
                auth_token=token,
                server_url=url,
                timeout=_SECONDS,
                session=session,
            )
            version = str(server.info().get("version", "?"))
            me: dict[str, Any] = server.me()
            _roles(me)
            for room in rooms:
                server.rooms_info(room_name=room)
    except (requests.ConnectionError, requests.Timeout, ValueError) as error:
        raise Unavailable(
            _SYSTEM, f"{url} does not answer ({type(error).__name__})", "Check chat.url"
        ) from None
    except (RocketApiException, RocketBadStatusCodeException) as error:
        raise _translated(error) from None
    return f"{version}, {me.get('username')} with its roles, rooms {', '.join(rooms)}"


def _roles(me: dict[str, Any]) -> None:
    lacking = [role for role in _NEEDED if role not in me.get("roles", [])]
    if lacking:
        raise Refused(
            f"{_SYSTEM}: the account {me.get('username')} lacks the role {', '.join(lacking)}",
            "An administrator gives it the roles user and bot",
        )


def _translated(error: Exception) -> AdapterError:
    status = int(getattr(error, "status_code", 0) or 0)
    if status in {401, 403}:
        return Denied(_SYSTEM, f"{status}: the token is refused", "Renew chat.token")
    return Unavailable(_SYSTEM, f"{status}: {str(error)[:120]}", "Check chat.rooms and chat.url")
