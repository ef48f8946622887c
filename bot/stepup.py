"""A second factor that Houston holds itself: a chat administrator cannot reset it.

What is stored is who enrolled how often, which codes were used, and what failed; never a secret.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta

from pydantic import SecretStr

from bot import totp
from bot.clock import Clock
from bot.errors import Refused
from bot.ports.chat import Chat, File, Post
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.request import post_id
from bot.roster import Person
from bot.section import Section

_PEOPLE, _USED, _FAILED = "totp", "totp-used", "totp-failed"
_TRIES = 5
_LOCKED_FOR = timedelta(minutes=15)
_ISSUER = "Houston"


class StepUpSection(Section):
    """One-time codes that confirm approvals."""

    key: SecretStr = SecretStr("")
    """What every person's secret is made from, at least 32 characters; mount it as the secret file
    `step_up__key`. Another key is another enrolment for everybody."""


class StepUp:
    """Enrols people and checks their codes.

    Args:
        key: the mounted key every secret is made from; empty: there is no second factor.
    """

    def __init__(self, documents: Documents, chat: Chat, clock: Clock, key: str) -> None:
        self._documents = documents
        self._chat = chat
        self._clock = clock
        self._key = key

    async def enrol(self, person: Person, request: str) -> None:
        """Send the person a picture for their authenticator app, in private and only once.

        It does not pass the outbox, which remembers: a picture that was not sent is made anew.
        Raises Refused for who has enrolled already, and what the chat raises.
        """
        import segno

        self._require_key()
        known = await self._documents.get(_PEOPLE, person.id)
        if known and known["confirmed"]:
            raise Refused(
                f"{person.name} has enrolled already.",
                "For a new device an operator runs `houston stepup-reset` where Houston runs",
            )
        epoch = int(str(known["epoch"])) + 1 if known else 1
        body: dict[str, Json] = {"epoch": epoch, "confirmed": False}
        await self._documents.put(_PEOPLE, person.id, body)
        secret = totp.secret_of(self._key, person.id, epoch)
        picture = io.BytesIO()
        segno.make(totp.address(secret, person.name, _ISSUER)).save(
            picture, kind="png", scale=6, border=4
        )
        text = (
            ":key: *Scan this picture with your authenticator app.*\n"
            "Then type `!enrol 123456` with the code it shows, and delete the picture here."
        )
        room, id = f"@{person.id}", post_id("enrol", person.id, request)
        await self._chat.post(Post(id, room, text))
        await self._chat.attach(room, id, File("enrol.png", "image/png", picture.getvalue()))

    async def confirm(self, person: Person, said: str, *, private: bool) -> None:
        """Finish an enrolment. Raises Refused as `check` does."""
        known = await self._documents.get(_PEOPLE, person.id)
        if known is None:
            raise Refused("You have not begun to enrol.", "`!enrol` sends you a picture")
        await self._check(person, said, int(str(known["epoch"])), private)
        await self._documents.put(_PEOPLE, person.id, {**known, "confirmed": True})

    async def check(self, person: Person, said: str, *, private: bool) -> None:
        """Whether this is the person's code now; it is used up. Raises Refused.

        Args:
            private: nobody else could read it; otherwise it is used up for nothing.
        """
        known = await self._documents.get(_PEOPLE, person.id)
        if known is None or not known["confirmed"]:
            raise Refused("You have not enrolled for codes.", "`!enrol` sends you a picture")
        await self._check(person, said, int(str(known["epoch"])), private)

    async def _check(self, person: Person, said: str, epoch: int, private: bool) -> None:
        self._require_key()
        now = self._clock.now()
        failed = await self._failures(person, now)
        if len(failed) >= _TRIES:
            raise Refused(
                f"Too many wrong codes: no code of {person.name} is taken for 15 minutes.",
                "If that was not you, tell your colleagues",
            )
        secret = totp.secret_of(self._key, person.id, epoch)
        step = totp.matching_step(secret, said, now)
        fresh = step is not None and await self._documents.add(
            _USED, f"{person.id}-{epoch}-{step}", {}
        )
        if not private:
            raise Refused(
                "A code is for our direct messages: others have read this one, so it is burnt.",
                "Delete your message, wait for the next code, and send it to me alone",
            )
        if not fresh:
            times: list[Json] = [*failed, now.isoformat()]
            await self._documents.put(_FAILED, person.id, {"times": times})
            raise Refused(
                "That code was used already." if step is not None else "That is not your code.",
                "Wait for the next one",
            )

    async def _failures(self, person: Person, now: datetime) -> list[str]:
        known = await self._documents.get(_FAILED, person.id)
        times = known["times"] if known else []
        listed = [str(one) for one in times] if isinstance(times, list) else []
        return [one for one in listed if now - datetime.fromisoformat(one) < _LOCKED_FOR]

    def _require_key(self) -> None:
        if not self._key:
            raise Refused(
                "This Houston has no key for codes.", "Mount one as the secret file step_up__key"
            )


async def forget(documents: Documents, person: Person) -> bool:
    """Let a person enrol anew, with another secret; whether they had begun to."""
    known = await documents.get(_PEOPLE, person.id)
    if known is None:
        return False
    await documents.put(_PEOPLE, person.id, {**known, "confirmed": False})
    return True
