"""Dangerous commands at a second door: only while chat is away from two sides, and for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sim.power import RUNNING
from adapters.sim.world import Fault, World
from bot import doorway
from bot.ports.chat import Message
from bot.ports.store import CONSOLE, LOCAL, Record, State
from tests.commands.room import START, Room, opened, settings

DANGEROUS = "!cluster stop"
HARMLESS = "!scale presence 2"
ANA, BO, _, DEE = range(4)


async def said(room: Room, line: str, who: int = ANA, by: str = CONSOLE) -> Message:
    message = doorway.message(room.settings.policy.people[who], line, room.world.clock, by)
    await room.store.ledger.submit(message)
    return message


async def answer(room: Room, line: str, who: int = ANA, by: str = CONSOLE) -> str:
    """The first answer at the door."""
    message = await said(room, line, who, by)
    while not (posts := await room.store.outbox.thread(message.id)):
        await room.quiet(0.5)
    return doorway.readable(posts[0].post.text)


async def broken(room: Room) -> None:
    """Rocket.Chat is down and its pods are not ready."""
    for pod in room.world.cluster.deployment("rocketchat-rocketchat").pods:
        pod.ready = False
    room.world.chat.set_up(False)
    await room.when(lambda: not room.app.listener.linked)


async def lapse(room: Room) -> None:
    """Chat is back, as good as before."""
    for pod in room.world.cluster.deployment("rocketchat-rocketchat").pods:
        pod.ready = True
    room.world.chat.set_up(True)
    await room.when(lambda: room.app.listener.linked)


async def events(room: Room) -> list[str]:
    return [sealed.entry.event for sealed in await room.store.audit.search(limit=300)]


async def asked(room: Room, line: str = DANGEROUS) -> Record:
    return await room.until(await said(room, line), State.WAITING, State.REFUSED)


@pytest.mark.parametrize("by", [LOCAL, CONSOLE])
async def test_while_chat_is_there_it_is_refused_with_the_reason_and_the_place(
    room: Room, by: str
) -> None:
    text = await answer(room, DANGEROUS, by=by)

    assert text.startswith("⛔ Tier high is taken at the")
    assert "from here: chat is heard" in text
    assert "in the cluster: 1 of 1 pods of rocketchat-rocketchat are ready" in text
    assert "Type it in #ops" in text
    assert "door.opened" not in await events(room)


async def test_what_is_not_dangerous_is_taken_at_any_time(room: Room) -> None:
    assert (await asked(room, HARMLESS)).state is State.WAITING


async def test_while_chat_is_away_from_both_sides_it_is_taken_voted_and_done(room: Room) -> None:
    await broken(room)
    message = await said(room, DANGEROUS)
    record = await room.until(message, State.WAITING)
    for who in (BO, DEE):
        assert "approves" in await answer(room, f"!approve {record.code}", who)
    record = await room.until(message, State.RUNNING, State.SUCCEEDED)

    opened_ = [s.entry for s in await room.store.audit.search(limit=300)
               if s.entry.event == "door.opened"]  # fmt: skip
    assert len(opened_) == 1
    assert "0 of 1 pods" in str(opened_[0].detail["why"])
    assert opened_[0].detail["door"] == "console"


async def test_a_broken_way_from_here_alone_opens_nothing(room: Room) -> None:
    room.world.chat.set_reachable(False)
    room.world.chat.links.end("the way broke")
    await room.when(lambda: not room.app.listener.linked)

    assert "1 of 1 pods of rocketchat-rocketchat are ready" in await answer(room, DANGEROUS)


async def test_pods_that_are_not_ready_alone_open_nothing(room: Room) -> None:
    for pod in room.world.cluster.deployment("rocketchat-rocketchat").pods:
        pod.ready = False

    assert "from here: chat is heard" in await answer(room, DANGEROUS)


async def test_a_link_that_is_lost_while_the_server_answers_opens_nothing(room: Room) -> None:
    for pod in room.world.cluster.deployment("rocketchat-rocketchat").pods:
        pod.ready = False
    room.world.fail("chat.connect", Fault.UNAVAILABLE, times=1000)
    room.world.chat.links.end("the link broke")
    await room.when(lambda: not room.app.listener.linked)

    assert "from here: it answers and says 7.12" in await answer(room, DANGEROUS)


async def test_a_server_that_refuses_houston_is_there(room: Room) -> None:
    for pod in room.world.cluster.deployment("rocketchat-rocketchat").pods:
        pod.ready = False
    for call in ("chat.connect", "chat.server_version"):
        room.world.fail(call, Fault.DENIED, times=1000)
    room.world.chat.links.end("the link broke")
    await room.when(lambda: not room.app.listener.linked)

    assert "from here: it answers: " in await answer(room, DANGEROUS)


async def test_not_knowing_is_no(room: Room) -> None:
    await broken(room)
    room.world.fail("kubernetes.get", Fault.UNAVAILABLE, times=1000)
    text = await answer(room, DANGEROUS)

    assert "in the cluster: Kubernetes: 503" in text
    assert "door.opened" not in await events(room)


async def test_a_cluster_that_is_off_is_known_by_azure(room: Room) -> None:
    room.world.power.off()
    await room.when(lambda: not room.app.listener.linked)
    text = await answer(room, "!approve 2345")
    outage = await answer(room, "!cluster start")

    assert "No operation has the code" in text
    assert "Start aks-fernhill" in outage


async def test_it_stays_open_for_its_time_and_then_is_measured_again(room: Room) -> None:
    await broken(room)
    first = await asked(room)
    await lapse(room)
    await answer(room, f"!abort {first.code}")
    await room.quiet(60)
    again = await asked(room)
    assert again.state is State.WAITING
    await answer(room, f"!abort {again.code}")
    await room.quiet(20 * 60)

    assert (await asked(room)).state is State.REFUSED


async def test_what_was_begun_is_not_started_once_the_time_is_over(world: World) -> None:
    """The votes would still be good; the door is not."""
    tiers = {"high": {"approvals": 2, "expires": 3600}}
    people = settings().policy.model_dump(mode="json")["people"]
    policy = {"people": people, "tiers": tiers}
    configured = settings(policy=policy, door={"opens_for": 60})
    async with opened(world, configured) as room:
        await broken(room)
        message = await said(room, DANGEROUS)
        record = await room.until(message, State.WAITING)
        await answer(room, f"!approve {record.code}", BO)
        await lapse(room)
        await room.quiet(120)
        late = await answer(room, f"!approve {record.code}", DEE)
        assert late.startswith("⛔ Tier high is taken at the console only")
        # Typed in chat the second vote counts, and the start is looked at once more.
        await room.ask(f"!approve {record.code}", by="uDee")
        ended = await room.until(message, State.REFUSED)

    assert ended.round == 2
    assert world.power.state == RUNNING


async def test_approving_is_dangerous_and_objecting_never_is(room: Room) -> None:
    in_chat = await room.waiting(await room.say(DANGEROUS))
    approved = await answer(room, f"!approve {in_chat.code}", BO)
    held = await answer(room, f"!hold {in_chat.code}", BO)
    denied = await answer(room, f"!deny {in_chat.code}", DEE)

    assert approved.startswith("⛔ Tier high is taken at the console only")
    assert "holds" in held
    assert "denies" in denied


async def test_a_vote_at_a_door_counts_for_what_was_asked_in_chat_and_once(room: Room) -> None:
    record = await room.waiting(message := await room.say("!scale presence 2"))
    own = await answer(room, f"!approve {record.code}", ANA)
    counted = await answer(room, f"!approve {record.code}", BO)
    ended = await room.ended(message)

    assert "you asked for this" in own
    assert "Bo Lindqvist approves" in counted
    assert ended.state is State.SUCCEEDED
    votes = [vote for vote in await room.store.votes.of(record.id, 1) if vote.counted]
    assert {(vote.person, vote.door) for vote in votes} == {("uBo", "console")}


async def test_two_ways_of_one_person_are_one_vote_for_what_needs_two(room: Room) -> None:
    record = await room.waiting(message := await room.say(DANGEROUS))
    room.react(record, by="uBo")
    await room.quiet(10)
    await broken(room)
    assert "1 of 2 approved" in await answer(room, f"!approve {record.code}", BO)
    await lapse(room)
    await room.quiet(30)

    assert (await room.until(message, State.WAITING)).state is State.WAITING


async def test_the_configuration_opens_it_until_a_moment(world: World) -> None:
    until = (START + timedelta(minutes=10)).isoformat()
    async with opened(world, settings(door={"open_until": until})) as room:
        first = await asked(room)
        await answer(room, f"!abort {first.code}")
        await room.quiet(11 * 60)
        second = await asked(room)

    assert (first.state, second.state) == (State.WAITING, State.REFUSED)


async def test_in_chat_nothing_of_this_is_asked(room: Room) -> None:
    assert (await room.waiting(await room.say(DANGEROUS))).state is State.WAITING
