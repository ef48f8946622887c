"""The simulated chat's accounts and rooms: who is who, who is where, who may read what."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from adapters.sim.document import Place, Refusal, User

HOUSTON = "uHouston"
_PEOPLE = ("Ana", "Bo", "Cleo", "Dee", "Vic")


class Directory:
    """Accounts by id, rooms by id or name. Tokens follow from the seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._revoked: dict[str, int] = {}
        self._passwords: dict[str, str] = {}
        self._sessions: dict[str, str] = {}
        self._named_tokens: dict[tuple[str, str], str] = {}
        self._users: dict[str, User] = {}
        self._places: dict[str, Place] = {}
        for name in _PEOPLE:
            self.add(User(f"u{name}", name.lower(), name))
        self.add(User(HOUSTON, "houston", "Houston", roles=("user", "bot"), type="bot"))
        self.add_place("ops")

    def add(self, user: User) -> None:
        """A new account, or the same one changed."""
        self._users[user.id] = user

    def user(self, user_id: str) -> User:
        return self._users[user_id]

    def users(self) -> list[User]:
        return list(self._users.values())

    def named(self, username: str) -> User | None:
        """Who holds this username now."""
        return next((user for user in self._users.values() if user.username == username), None)

    def rename(self, user_id: str, username: str) -> User:
        holder = self.named(username)
        if holder and holder.id != user_id:
            raise Refusal("error-field-unavailable", f"{username} is already in use")
        self.add(replace(self.user(user_id), username=username))
        return self.user(user_id)

    def deactivate(self, user_id: str) -> None:
        self.add(replace(self.user(user_id), active=False))

    def revoke(self, user_id: str) -> None:
        self._revoked[user_id] = self._revoked.get(user_id, 0) + 1

    def token(self, user_id: str) -> str:
        grown = f"{self._seed}/{user_id}/{self._revoked.get(user_id, 0)}"
        return hashlib.sha256(grown.encode()).hexdigest()[:43]

    def known(self, user_id: str, token: str) -> User | None:
        """The account, when it is active and the token is its own."""
        user = self._users.get(user_id)
        own = token == self.token(user_id) if user else False
        own = own or self._sessions.get(token) == user_id
        own = own or token in self.personal_tokens(user_id).values()
        return user if user and user.active and own else None

    def set_password(self, user_id: str, password: str) -> None:
        self._passwords[user_id] = password

    def has_password(self, user_id: str, digest: str) -> bool:
        """Whether this is the SHA-256 of the account's password, in hex."""
        password = self._passwords.get(user_id)
        return password is not None and digest == hashlib.sha256(password.encode()).hexdigest()

    def log_in(self, username: str, password: str) -> tuple[User, str]:
        """The account, and a token that a logout ends. Raises Refusal."""
        user = self.named(username)
        if user is None or not user.active or self._passwords.get(user.id) != password:
            raise Refusal("", "Unauthorized")
        grown = f"{self._seed}/{user.id}/session/{len(self._sessions)}"
        token = hashlib.sha256(grown.encode()).hexdigest()[:43]
        self._sessions[token] = user.id
        return user, token

    def log_out(self, token: str) -> None:
        self._sessions.pop(token, None)

    @property
    def sessions(self) -> list[str]:
        """Whose logins by password have not been ended."""
        return sorted(self._sessions.values())

    def personal_tokens(self, user_id: str) -> dict[str, str]:
        """The account's personal access tokens by name; they last until they are made anew."""
        return {name: t for (user, name), t in self._named_tokens.items() if user == user_id}

    def make_token(self, user_id: str, name: str) -> str:
        """A personal access token; one of the same name ends."""
        old = self._named_tokens.get((user_id, name), "")
        grown = f"{self._seed}/{user_id}/personal/{name}/{old}"
        token = hashlib.sha256(grown.encode()).hexdigest()[:43]
        self._named_tokens[user_id, name] = token
        return token

    def logged_in(self, token: str) -> User | None:
        """Whose token this is, when that account is active."""
        return next((u for u in self._users.values() if self.known(u.id, token)), None)

    def add_place(
        self, name: str, *, private: bool = False, members: tuple[str, ...] = ()
    ) -> Place:
        """A new room named `name`, its id made of it; everybody is in it unless told otherwise."""
        inside = frozenset(members or self._users)
        place = Place(f"r{name.title().replace('-', '')}", name, "p" if private else "c", inside)
        self._places[place.id] = place
        return place

    def change(self, place: Place) -> Place:
        """Put a room in the place of the one with its id."""
        self._places[place.id] = place
        return place

    def place(self, room: str) -> Place:
        """A room by id or name. Raises Refusal."""
        found = self._places.get(room)
        found = found or next((p for p in self._places.values() if p.name == room), None)
        if found is None:
            raise Refusal("error-room-not-found", "The required room does not exist")
        return found

    def all_places(self) -> list[Place]:
        return list(self._places.values())

    def places(self, user_id: str) -> list[Place]:
        """The rooms the account is a member of."""
        return [place for place in self._places.values() if user_id in place.members]

    def join(self, user_id: str, room: str) -> Place:
        place = self.place(room)
        return self.change(replace(place, members=place.members | {user_id}))

    def leave(self, user_id: str, room: str) -> Place:
        place = self.place(room)
        return self.change(replace(place, members=place.members - {user_id}))

    def direct(self, one: str, other: str) -> Place:
        """The room of two people, made when it is not there yet."""
        id = "".join(sorted((one, other)))
        if id in self._places:
            return self._places[id]
        names = ", ".join(self.user(user_id).username for user_id in (one, other))
        return self.change(Place(id, names, "d", frozenset({one, other})))

    def name_for(self, user_id: str, place: Place) -> str:
        """What a room is called in this account's list: a direct one by who else is in it."""
        if place.type != "d":
            return place.name
        return ", ".join(sorted(self.user(id).username for id in place.members - {user_id}))

    def may_read(self, user_id: str, room_id: str) -> bool:
        place = self.place(room_id)
        return place.type == "c" or user_id in place.members

    def may_subscribe(self, user_id: str, room_id: str) -> bool:
        """Members may; others only where the role `user` previews public channels."""
        place = self.place(room_id)
        previews = place.type == "c" and "user" in self.user(user_id).roles
        return previews or user_id in place.members

    def moderates(self, user_id: str, room_id: str) -> bool:
        admin = "admin" in self.user(user_id).roles
        return admin or user_id in self.place(room_id).moderators
