"""The simulated chat's message database. Whatever is written is emitted, whole."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from adapters.sim.document import Changed, Deleted, Document, File, Refusal, Url, User
from adapters.sim.links import Links

_URL = re.compile(r"https?://[^\s>|)]+")
Reactions = Mapping[str, tuple[str, ...]]


class Archive:
    """Every message document, by id. `now` is the server's time, in whole milliseconds."""

    def __init__(self, links: Links, now: Callable[[], datetime]) -> None:
        self.deleted: list[Deleted] = []
        self._links = links
        self._now = now
        self._documents: dict[str, Document] = {}
        self._made = 0

    def get(self, message_id: str) -> Document:
        """Raises Refusal."""
        found = self._documents.get(message_id)
        if found is None:
            raise Refusal("error-message-not-found", "There is no such message")
        return found

    def find(self, message_id: str) -> Document | None:
        return self._documents.get(message_id)

    def all(self) -> list[Document]:
        """Every document there is."""
        return list(self._documents.values())

    def of(self, room_id: str) -> list[Document]:
        """Every document of the room, oldest first."""
        found = [one for one in self._documents.values() if one.room_id == room_id]
        return sorted(found, key=lambda document: document.at)

    def file(self, file_id: str) -> tuple[Document, File] | None:
        """A file, with the message that shows it."""
        shown = ((one, file) for one in self._documents.values() for file in one.files)
        return next(((one, file) for one, file in shown if file.id == file_id), None)

    def below(self, root_id: str) -> list[Document]:
        """The replies in a thread, oldest first."""
        found = [one for one in self._documents.values() if one.thread == root_id]
        return sorted(found, key=lambda document: document.at)

    def changed_since(self, room_id: str, at: datetime) -> list[Document]:
        """Every document of the room written after `at`, the newest message first."""
        return [one for one in reversed(self.of(room_id)) if one.updated > at]

    def insert(
        self,
        user: User,
        text: str,
        room_id: str,
        *,
        thread: str | None = None,
        id: str | None = None,
        system: str | None = None,
        files: tuple[File, ...] = (),
    ) -> Document:
        """A new message; its root's counter moves, and the root is emitted again."""
        if id in self._documents:
            raise Refusal("", "Cannot read properties of undefined (reading 'starred')")
        now = self._now()
        document = Document(
            id=id or self.new_id(),
            room_id=room_id,
            text=text,
            author=user.author,
            at=now,
            updated=now,
            thread=thread,
            system=system,
            urls=tuple(Url(found) for found in _URL.findall(text)),
            files=files,
        )
        document = self.write(document)
        if thread:
            self._answered(self.get(thread), user.id)
        return document

    def write(self, document: Document) -> Document:
        """Put the document as it is, but for the time of the write."""
        written = replace(document, updated=self._now())
        self._documents[document.id] = written
        self._links.tell(Changed(written))
        return written

    def edited(self, old: Document, user: User, text: str) -> Document:
        """Write the whole old document with a new text; the root of its thread is emitted too."""
        now = self._now()
        urls = tuple(Url(found) for found in _URL.findall(text))
        written = self.write(replace(old, text=text, edited=now, edited_by=user.author, urls=urls))
        root = self.find(old.thread or "")
        if root:
            self._links.tell(Changed(root))
        return written

    def remove(self, document: Document) -> None:
        """Delete it; the root of a thread stays as a tombstone."""
        if document.replies:
            tomb = replace(document, text="", system="rm", edited_by=document.author)
            self.write(replace(tomb, edited=self._now()))
            return
        del self._documents[document.id]
        gone = Deleted(document.room_id, document.id, self._now())
        self.deleted.append(gone)
        self._links.tell(gone)
        root = self.find(document.thread or "")
        if root:
            self.write(replace(root, replies=root.replies - 1))

    def renamed(self, user: User) -> None:
        """Put the new username on what the account wrote; nothing is emitted."""
        for document in tuple(self._documents.values()):
            if document.author.id == user.id:
                self._documents[document.id] = replace(document, author=user.author)

    def new_id(self) -> str:
        """An id as the server makes them."""
        self._made += 1
        return hashlib.sha256(f"made {self._made}".encode()).hexdigest()[:17]

    def _answered(self, root: Document, follower: str) -> None:
        followers = tuple(dict.fromkeys((*root.followers, root.author.id, follower)))
        self.write(
            replace(root, replies=root.replies + 1, last_reply=self._now(), followers=followers)
        )


def reacted(document: Document, username: str, emoji: str, *, on: bool) -> Reactions:
    """The document's reactions with this one set or taken back."""
    names = [name for name in document.reactions.get(emoji, ()) if name != username]
    if on:
        names.append(username)
    others = {key: value for key, value in document.reactions.items() if key != emoji}
    return {**others, emoji: tuple(names)} if names else others
