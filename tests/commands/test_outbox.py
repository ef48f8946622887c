"""What waits on its way to chat does not wait for ever."""

from __future__ import annotations

from bot.ports.chat import Post
from tests.commands.room import Room


async def test_a_post_that_is_put_again_as_it_is_waits_for_nothing(room: Room) -> None:
    said = await room.say("!whoami")
    await room.answer(said)
    post = Post("again000000000001", said.room_id, "the same", seeds=(":eyes:",))
    for _ in range(3):
        await room.app.courier.put(post)
        await room.quiet(10)

    assert await room.store.outbox.pending() == []
    assert room.world.calls.count("chat.edit") == 0
    assert [m.text for m in room.world.chat.messages("ops")].count("the same") == 1
