"""Makes what Houston needs on the chat server: its account, a token, rooms, a moderator.

Uses rocketchat-API, which blocks: everything here runs in a worker thread. Each thing is looked
for first, so that doing it again changes nothing.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests
from rocketchat_API.APIExceptions.RocketExceptions import RocketApiException
from rocketchat_API.rocketchat import RocketChat

from adapters.provisioning import ROLES, SYSTEM, by_password, by_token, lacks, translated
from bot.errors import Refused

_TOKEN = "houston"  # noqa: S105 - the name of a token
_MISSING = ("not found", "error-room-not-found", "does not exist")


@dataclass(frozen=True)
class Login:
    """Who acts: by user id and personal access token, or by name and password."""

    name: str = ""
    password: str = field(default="", repr=False)
    user_id: str = ""
    token: str = field(default="", repr=False)

    def enter(self, session: requests.Session, url: str) -> RocketChat:
        if self.token:
            return by_token(session, url, self.user_id, self.token)
        return by_password(session, url, self.name, self.password)


@dataclass(frozen=True)
class Wanted:
    """The account and its rooms. `token` is the one that is known, empty for none."""

    username: str
    email: str
    rooms: tuple[str, ...]
    people: tuple[str, ...] = ()
    token: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


@dataclass(frozen=True)
class Person:
    """Somebody on the chat server."""

    id: str
    name: str
    email: str


@dataclass(frozen=True)
class Made:
    """What there is now, and in `done` what was not there before, as sentences."""

    user_id: str
    token: str = field(repr=False)
    people: tuple[Person, ...]
    done: tuple[str, ...]


async def rooms(url: str, admin: Login) -> list[str]:
    """Names of the public channels. Raises Unavailable, Denied."""
    return await asyncio.to_thread(_rooms, url, admin)


async def provide(url: str, admin: Login, wanted: Wanted) -> Made:
    """Make what is missing. Raises Unavailable, Denied, or Refused with what is to be done."""
    return await asyncio.to_thread(_provide, url, admin, wanted)


def _rooms(url: str, admin: Login) -> list[str]:
    with translated(url), requests.Session() as session:
        server = admin.enter(session, url)
        try:
            return sorted(str(room["name"]) for room in server.channels_list())
        finally:
            _leave(server, admin)


def _provide(url: str, admin: Login, wanted: Wanted) -> Made:
    with translated(url), requests.Session() as session:
        server = admin.enter(session, url)
        try:
            return _Provider(url, server, wanted).run()
        finally:
            _leave(server, admin)


def _leave(server: RocketChat, admin: Login) -> None:
    """A login by password leaves a token behind, unless it is ended."""
    if not admin.token:
        server.logout()


class _Provider:
    def __init__(self, url: str, server: RocketChat, wanted: Wanted) -> None:
        self._url = url
        self._server = server
        self._wanted = wanted
        self._done: list[str] = []

    def run(self) -> Made:
        account, password = self._account()
        people = tuple(self._person(name) for name in self._wanted.people)
        token = self._token(account["_id"], password)
        for room in self._wanted.rooms:
            self._room(room, account["_id"])
        return Made(account["_id"], token, people, tuple(self._done))

    def _account(self) -> tuple[dict[str, Any], str]:
        """The account with its roles, and its password when that is known."""
        name = self._wanted.username
        account, password = self._user(name), self._wanted.password
        if account is None:
            password = secrets.token_urlsafe(32)
            account = self._server.users_create(
                email=self._wanted.email,
                name=name.title(),
                password=password,
                username=name,
                roles=list(ROLES),
                joinDefaultChannels=False,
                requirePasswordChange=False,
                sendWelcomeEmail=False,
                verified=True,
            )["user"]
            self._done.append(f"made the account {name} with the roles {' and '.join(ROLES)}")
        for role in lacks(account):
            self._server.roles_add_user_to_role(role_id=role, username=name)
            self._done.append(f"gave {name} the role {role}")
        return account, password

    def _user(self, name: str) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = self._server.users_info(username=quote(name, safe=""))["user"]
        except RocketApiException as error:
            if _missing(error):
                return None
            raise
        return found

    def _person(self, name: str) -> Person:
        found = self._user(name)
        if found is None:
            raise Refused(f"{SYSTEM}: nobody is called {name}", "Give usernames that exist there")
        emails = found.get("emails") or [{}]
        return Person(found["_id"], str(found.get("name") or name), emails[0].get("address", ""))

    def _token(self, user_id: str, password: str) -> str:
        """The known one while it works, or else a new one."""
        if self._wanted.token and self._works(user_id):
            return self._wanted.token
        name = self._wanted.username
        if not password:
            raise Refused(
                f"{SYSTEM}: the account {name} is there and its token is not known here",
                f"Put a personal access token of {name} into the file chat__token of the secrets, "
                "or give its password in HOUSTON_BOT_PASSWORD; an administrator can set a new one",
            )
        with requests.Session() as session:
            server = by_password(session, self._url, name, password)
            try:
                token = _new_token(server)
            finally:
                server.logout()
        self._done.append(f"made a personal access token of {name}")
        return token

    def _works(self, user_id: str) -> bool:
        with requests.Session() as session:
            server = by_token(session, self._url, user_id, self._wanted.token)
            try:
                return bool(server.me().get("_id") == user_id)
            except RocketApiException:
                return False

    def _room(self, name: str, user_id: str) -> None:
        room = self._found(name)
        if room is None:
            room = self._server.channels_create(name)["channel"]
            self._done.append(f"made the room #{name}")
        kind, id = ("groups" if room["t"] == "p" else "channels"), room["_id"]
        invite = getattr(self._server, f"{kind}_invite")
        invite(room_id=id, user_id=user_id)
        if not self._moderates(kind, id, user_id):
            getattr(self._server, f"{kind}_add_moderator")(room_id=id, user_id=user_id)
            self._done.append(f"made {self._wanted.username} moderator of #{name}")

    def _found(self, name: str) -> dict[str, Any] | None:
        try:
            room: dict[str, Any] = self._server.rooms_info(room_name=quote(name, safe=""))["room"]
        except RocketApiException as error:
            if _missing(error):
                return None
            raise
        return room

    def _moderates(self, kind: str, room_id: str, user_id: str) -> bool:
        roles = getattr(self._server, f"{kind}_roles")(room_id=room_id)["roles"]
        return any(
            one["u"]["_id"] == user_id and {"moderator", "owner"} & set(one["roles"])
            for one in roles
        )


def _new_token(server: RocketChat) -> str:
    """Never expires, and asks for no second factor."""
    try:
        made = server.call_api_post(
            "users.generatePersonalAccessToken", tokenName=_TOKEN, bypassTwoFactor=True
        )
    except RocketApiException as error:
        if "already-exists" not in str(error) and "already-exists" not in error.error_type:
            raise
        made = server.call_api_post("users.regeneratePersonalAccessToken", tokenName=_TOKEN)
    return str(made["token"])


def _missing(error: RocketApiException) -> bool:
    said = f"{error} {error.error} {error.error_type}".lower()
    return any(word in said for word in _MISSING)
