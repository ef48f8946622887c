"""Talking to Houston alone, in a direct message."""

from __future__ import annotations

from bot.ports.chat import Message
from tests.commands.room import Room


def whisper(room: Room, text: str, by: str = "uAna") -> Message:
    """A person says it to Houston alone; gives the message."""
    return room.world.chat.say(by, text, room=room.world.chat.direct("uHouston", by).id)


async def ask_alone(room: Room, text: str, by: str = "uAna") -> str:
    """Say it to Houston alone, and give the first answer as a person reads it."""
    return await room.answer(whisper(room, text, by))
