"""Files below a message: shown once, in process and against the server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sim.world import Fault, World
from bot.clock import LoopClock
from bot.courier import Courier
from bot.errors import Denied, HoustonError, Unavailable
from bot.ports.chat import Chat, File, Post
from tests.adapters import test_chat as contract
from tests.commands.room import MemoryStore

world, connect, chat = contract.world, contract.connect, contract.chat

CHART = File("cost-7F3K.png", "image/png", b"\x89PNG bytes")


def shown(world: World, thread: str) -> list[str]:
    return [name for message in world.chat.thread(thread) for name in message.files]


async def test_a_file_is_shown_once_however_often_it_is_attached(world: World, chat: Chat) -> None:
    said = world.chat.say("uAna", "!cluster cost")
    await chat.attach("rOps", said.id, CHART)
    await chat.attach("rOps", said.id, CHART)

    assert shown(world, said.id) == ["cost-7F3K.png"]
    [document] = world.chat.archive.below(said.id)
    assert (document.files[0].type, document.files[0].content) == (CHART.type, CHART.content)


async def test_a_file_of_somebody_else_does_not_stand_for_ours(world: World, chat: Chat) -> None:
    said = world.chat.say("uAna", "!cluster cost")
    theirs = world.chat.upload(CHART.name, CHART.type, b"not the chart")
    world.chat.send("uVic", "", room="ops", thread=said.id, files=(theirs,))
    await chat.attach("rOps", said.id, CHART)

    assert shown(world, said.id) == [CHART.name] * 2


async def test_it_is_found_in_a_long_thread(world: World, chat: Chat) -> None:
    said = world.chat.say("uAna", "!logs presence")
    for number in range(120):
        world.chat.say("uBo", f"word {number}", thread=said.id)
    await chat.attach("rOps", said.id, CHART)
    await chat.attach("rOps", said.id, CHART)

    assert shown(world, said.id) == [CHART.name]


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_lost_answer_is_followed_by_a_look_and_not_by_a_second_file(
    world: World, chat: Chat, fault: Fault
) -> None:
    said = world.chat.say("uAna", "!cluster cost")
    world.fail("chat.media", fault)
    with pytest.raises(Unavailable):
        await chat.attach("rOps", said.id, CHART)
    await chat.attach("rOps", said.id, CHART)

    assert shown(world, said.id) == [CHART.name]


async def test_a_room_that_is_not_ours_takes_no_file(world: World, chat: Chat) -> None:
    room = world.chat.add_room("private", private=True, members=("uAna",))
    said = world.chat.say("uAna", "hello", room="private")

    with pytest.raises((Denied, HoustonError)):
        await chat.attach(room.id, said.id, CHART)
    assert shown(world, said.id) == []


async def test_the_courier_brings_the_files_of_a_post_once(world: World, chat: Chat) -> None:
    assert isinstance(world.clock, LoopClock)
    store = MemoryStore()
    await store.open()
    courier = Courier(
        chat, store.outbox, world.clock, edit_every=contract.QUICK.again, idle=timedelta(minutes=1)
    )
    said = world.chat.say("uAna", "!cluster cost")
    world.fail("chat.media", Fault.UNAVAILABLE)
    await courier.put(Post("p1", "rOps", "The month so far", said.id, files=(CHART,)))
    while await store.outbox.pending():
        await world.pause(0.2)
        await courier.deliver()

    assert shown(world, said.id) == [CHART.name]
    assert [m.text for m in world.chat.thread(said.id)] == ["The month so far", ""]
    [out] = await store.outbox.thread(said.id)
    assert (out.post.files, out.attached) == ((CHART,), (CHART.name,))
    await store.forget()
