"""What a newer Houston began: the steps it makes can only be guessed here, so nothing is done."""

from __future__ import annotations

from bot import program
from bot.cards import Card, Mark, code
from bot.courier import Courier
from bot.ports.chat import Post
from bot.request import Request, code_of, post_id


async def left(courier: Courier, request: Request, by: str) -> None:
    """Say, once, that the operation of this request is left to who knows its steps.

    Args:
        by: the version that began it.
    """
    called = code(code_of(request.operation))
    card = Card(
        Mark.WAITING,
        f"{called} was begun by Houston {by}, and this is {program.VERSION}: it is not touched",
        (
            "What is done so far stays; nothing more is done, and its target stays taken.",
            f"It goes on by itself as soon as Houston {by} or a newer one leads.",
        ),
        next=("!ops",),
    )
    id = post_id(request.operation, "left", by, program.VERSION)
    await courier.put(Post(id, request.room_id, card.text(), request.thread or None))
