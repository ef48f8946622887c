"""The chat on a Rocket.Chat server of version 7, 8 or 9: REST to act, its stream to hear."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime

import aiohttp

from adapters.rocketchat_read import need, read_account, read_message
from adapters.rocketchat_rest import SYSTEM, Rest, Unexplained
from adapters.rocketchat_stream import LinkEnded, RoomStream, Timing
from bot.errors import Invalid, Limited, Missing, Unavailable
from bot.ports.chat import Account, Event, File, Heard, Message, Post

_LONGEST = 5000
_ROUNDS = 3
_PAGE = 100


class RocketChat:
    """One account on one server.

    Args:
        url: the server's address, with its path when it has one.
        token: a personal access token of the account.
        rooms: names of the rooms to hear; public ones are joined.
        dice: for the jitter of reconnects.
        timing: how long each thing may take.
        behind: how many messages may wait for a reader that is busy. With more the link is ended:
            the catch-up of the next one finds them.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        url: str,
        user_id: str,
        token: str,
        rooms: Sequence[str],
        dice: random.Random,
        timing: Timing | None = None,
        behind: int = 10_000,
    ) -> None:
        self._behind = behind
        self._session = session
        self._url = url
        self._user_id = user_id
        self._token = token
        self._rooms = tuple(rooms)
        self._dice = dice
        self._timing = timing or Timing()
        self._rest = Rest(session, url, user_id, token, self._timing.call)
        self._direct: dict[str, str] = {}
        self._stream: RoomStream | None = None

    async def events(self) -> AsyncGenerator[Event, None]:
        """Connect, and go on for ever. The socket is read even while the reader is busy."""
        heard: asyncio.Queue[Event | None] = asyncio.Queue()

        def tell(event: Event) -> None:
            if isinstance(event, Heard) and heard.qsize() >= self._behind:
                raise LinkEnded(f"{SYSTEM}: {self._behind} messages wait to be read")
            heard.put_nowait(event)

        stream = self._stream = RoomStream(
            self._session,
            self._rest,
            url=self._url,
            user_id=self._user_id,
            token=self._token,
            rooms=self._rooms,
            timing=self._timing,
            dice=self._dice,
            tell=tell,
        )
        running = asyncio.create_task(stream.run(), name="rocketchat stream")
        running.add_done_callback(lambda _: heard.put_nowait(None))
        try:
            while (event := await heard.get()) is not None:
                yield event
            await running
        finally:
            self._stream = None
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def relink(self, reason: str) -> None:
        """End the socket; the stream's next one subscribes anew."""
        if self._stream is not None:
            self._stream.give_up(reason)

    async def since(self, room_id: str, at: datetime) -> list[Message]:
        """Every document the server wrote after `at`, oldest message first."""
        cursor = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        answer = await self._rest.get("chat.syncMessages", roomId=room_id, lastUpdate=cursor)
        result = need(answer, "result", "sync answer")
        found = [read_message(document) for document in result.get("updated") or ()]
        return sorted(found, key=lambda message: message.at)

    async def post(self, post: Post) -> None:
        """Send once.

        The server answers a repeated id with an error it did not foresee, not with the message;
        so after every unclear answer the message is looked for, and sent again only when absent.
        """
        _require_short(post.text)
        message = {"_id": post.id, "rid": await self._room(post.room_id), "msg": post.text}
        if post.thread:
            message["tmid"] = post.thread
        why = ""
        for attempt in range(_ROUNDS):
            if attempt:
                await asyncio.sleep(self._timing.again.total_seconds())
            try:
                await self._rest.post("chat.sendMessage", {"message": message, "previewUrls": []})
            except Limited:
                raise
            except (Unavailable, Unexplained) as error:
                why = error.message.removeprefix(f"{SYSTEM}: ")
            else:
                return
            if await self._arrived(post.id):
                return
        raise Unavailable(SYSTEM, f"the message was not taken in {_ROUNDS} tries: {why}")

    async def edit(self, room_id: str, message_id: str, text: str) -> None:
        """Replace the text. Setting it twice is setting it once."""
        _require_short(text)
        body = {"roomId": await self._room(room_id), "msgId": message_id, "text": text}
        try:
            await self._rest.post("chat.update", {**body, "previewUrls": []})
        except Unexplained as error:
            await self.message(message_id)
            raise Unavailable(SYSTEM, error.message.removeprefix(f"{SYSTEM}: ")) from error

    async def react(self, message_id: str, emoji: str) -> None:
        """Set Houston's own reaction; without `shouldReact` a second call would take it back."""
        body = {"messageId": message_id, "emoji": emoji, "shouldReact": True}
        await self._rest.post("chat.react", body)

    async def attach(self, room_id: str, thread: str, file: File) -> None:
        """Show it once: the server takes no id for it, so it is looked for by its name first."""
        if await self._shows(thread, file.name):
            return
        room = await self._room(room_id)
        answer = await self._rest.upload(f"rooms.media/{room}", file.name, file.type, file.content)
        stored = need(need(answer, "file", "upload's answer"), "_id", "uploaded file")
        confirm = f"rooms.mediaConfirm/{room}/{stored}"
        await self._rest.post(confirm, {"tmid": thread, "description": file.name})

    async def message(self, message_id: str) -> Message:
        """The message now. A missing one is a bare 400."""
        try:
            answer = await self._rest.get("chat.getMessage", msgId=message_id)
        except Unexplained:
            raise Missing(SYSTEM, f"there is no message {message_id}") from None
        return read_message(need(answer, "message", "message's answer"))

    async def account(self, username: str) -> Account:
        """Who holds this username now."""
        return read_account(await self._user("username", username))

    async def server_version(self) -> str:
        """What the server shows to this account; often without the patch level."""
        return str(need(await self._rest.info(), "version", "description of itself"))

    async def _shows(self, thread: str, name: str) -> bool:
        offset, total = 0, 1
        while offset < total:
            answer = await self._rest.get(
                "chat.getThreadMessages", tmid=thread, count=str(_PAGE), offset=str(offset)
            )
            replies = [read_message(document) for document in answer.get("messages") or ()]
            if any(r.author.id == self._user_id and name in r.files for r in replies):
                return True
            offset, total = offset + _PAGE, int(answer.get("total") or 0)
        return False

    async def _arrived(self, message_id: str) -> bool:
        """Whether a message with this id is there and ours. Raises Invalid when it is not ours."""
        try:
            found = await self.message(message_id)
        except Missing:
            return False
        if found.author.id != self._user_id:
            raise Invalid(SYSTEM, f"the message id {message_id} belongs to somebody else")
        return True

    async def _room(self, room_id: str) -> str:
        """The room's id; a direct message's room is made when it is not there yet."""
        if room_id.startswith("#"):
            return await self._named(room_id[1:])
        if not room_id.startswith("@"):
            return room_id
        if room_id not in self._direct:
            user = await self._user("userId", room_id[1:])
            username = str(need(user, "username", "user"))
            answer = await self._rest.post("im.create", {"username": username})
            self._direct[room_id] = str(need(need(answer, "room", "answer"), "_id", "room"))
        return self._direct[room_id]

    async def _named(self, name: str) -> str:
        """The id of a room of this name, a public one joined. Raises Missing."""
        try:
            answer = await self._rest.get("rooms.info", roomName=name)
        except (Invalid, Unexplained):
            raise Missing(SYSTEM, f"there is no room #{name} for Houston") from None
        found = need(answer, "room", "room's answer")
        if found.get("t") == "c":
            await self._rest.post("channels.join", {"roomId": str(need(found, "_id", "room"))})
        return str(need(found, "_id", "room"))

    async def _user(self, key: str, value: str) -> dict[str, object]:
        try:
            answer = await self._rest.get("users.info", **{key: value})
        except Unexplained:
            raise Missing(SYSTEM, f"there is no user with the {key} {value}") from None
        found = need(answer, "user", "user's answer")
        return dict(found) if isinstance(found, dict) else {}


def _require_short(text: str) -> None:
    """The server counts UTF-16 units."""
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length > _LONGEST:
        raise Invalid(
            SYSTEM, f"the text has {length} characters, more than the {_LONGEST} it takes"
        )
