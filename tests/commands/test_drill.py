"""`!drill`: each drill is flown by its runbook alone, and nothing of it reaches anything real."""

from __future__ import annotations

import asyncio
import socket
from typing import cast

import pytest

from adapters.sim.drills import PLAYS
from bot.drill import CODE, MARK, Stage
from bot.drillbook import DRILLS, page
from bot.drillthreads import Thread, Threads
from bot.scoresheet import Sheet
from tests.commands.flying import MONGO, PAGE, begin, do, flown, runbooks
from tests.commands.room import Room
from tests.faults.store import away


def test_the_page_is_what_the_drills_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "run: houston drill --runbooks > docs/drills.md"
    )
    assert runbooks() == {name: list(drill.lines) for name, drill in DRILLS.items()}
    assert set(PLAYS) == set(DRILLS)


@pytest.mark.parametrize("name", DRILLS)
async def test_a_drill_is_flown_by_its_runbook_alone(room: Room, name: str) -> None:
    root = await begin(room, name)
    sheet = await flown(room, root, runbooks()[name])

    told = "\n".join(room.thread(root))
    assert "verified after" in sheet, told
    assert "⛔" not in told, told  # no line of a runbook is refused
    for step in ("Detection", "Diagnosis", "Decision", "Verified"):
        assert f"✔ {step} after" in sheet
    over = [m.text for m in room.world.chat.messages("ops") if "Score of drill" in m.text]
    assert len(over) == 2  # the sheet in the thread, its first line in the room
    assert f"✔ {name}" in await room.ask("!drill scores")
    assert room.world.remote.commits() == [room.first_commit]


async def test_a_drill_opens_no_connection(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[object] = []

    def refuse(self: socket.socket, address: object) -> None:
        del self
        tried.append(address)
        raise OSError("a drill reached out")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    root = await begin(room)

    assert "verified after" in await flown(room, root, runbooks()[MONGO])
    assert tried == []


async def test_every_card_of_a_drill_is_marked_in_its_first_line(room: Room) -> None:
    root = await begin(room)
    await do(room, root, "!drill status")
    await do(room, root, "!nonsense")
    await flown(room, root, runbooks()[MONGO])
    await do(room, root, "!status")
    told = [m for m in room.world.chat.messages("ops") if m.author.id == "uHouston"]

    assert len(told) > 10
    assert [m.text for m in told if not m.text.startswith(MARK)] == []


async def test_what_is_typed_in_the_thread_reaches_the_drill_and_nothing_else(room: Room) -> None:
    """The room is healthy and the drill's world is not: each answers for its own."""
    await room.quiet(60)  # Houston looks at its own rights when it starts
    root = await begin(room)
    calls = len(room.world.calls)
    answer = await do(room, root, "!diagnose")

    assert "fix-clustermonitor-role-configmap is missing" in answer
    asked = {call.split(".")[0] for call in room.world.calls[calls:]}
    assert asked <= {"chat", "azure"}  # the promises ask every so often when the cluster stops
    assert "Nothing is wrong with the stack" in await room.ask("!diagnose")


async def test_a_plan_of_a_drill_is_unknown_outside_of_it(room: Room) -> None:
    root = await begin(room)
    await do(room, root, "!mongo recover")
    running = room.drills.running
    assert running
    (operation,) = (await running.stage.look(0)).operations
    answer = await room.ask(f"!approve {operation.code}", by="uBo")

    assert "No operation has the code" in answer
    assert await room.store.operations.recent(5) == []


async def test_a_command_after_the_end_is_refused_and_never_run_for_real(room: Room) -> None:
    root = await begin(room)
    await do(room, root, "!drill stop")
    answer = await do(room, root, "!scale presence 3")

    assert "This thread was a drill's, and that is over. Not run." in answer
    await room.quiet(60)
    assert await room.store.operations.recent(5) == []
    assert "stopped by ana" in next(t for t in room.thread(root) if "Score of drill" in t)


async def test_a_second_drill_takes_no_line_of_the_first_one_s_thread(room: Room) -> None:
    first = await begin(room)
    await do(room, first, "!drill stop")
    second = await begin(room, "grafana-no-data")
    answer = await do(room, first, "!status")

    assert "that is over. Not run." in answer
    assert len(room.thread(second)) == 1


async def test_colleagues_vote_by_reaction_on_the_card_of_a_drill(room: Room) -> None:
    root = await begin(room)
    await do(room, root, "!mongo recover")
    card = next(m for m in room.world.chat.messages("ops") if "approve · " in m.text)
    assert len(card.reactions) == 3
    for voter in ("uBo", "uDee"):
        room.world.chat.react(voter, card.id, ":white_check_mark:")
    await room.when(lambda: room.drills.running is None, patience=600)
    await room.quiet(10)
    sheet = next(text for text in room.thread(root) if "Score of drill" in text)

    assert "2 of 2 approved (bo, dee)" in sheet
    assert "simulated" not in sheet


async def test_a_reaction_that_is_taken_back_is_taken_back_in_the_drill(room: Room) -> None:
    root = await begin(room, "upgrade-failed")
    await do(room, root, "!upgrade 7.12.2 --downgrade")
    card = next(m for m in room.world.chat.messages("ops") if "approve · " in m.text)
    room.world.chat.react("uBo", card.id, ":white_check_mark:")
    await room.quiet(20)
    assert "Votes: 1 of 2" in "\n".join(room.thread(root))
    room.world.chat.react("uBo", card.id, ":white_check_mark:", False)
    await room.quiet(40)

    assert "Votes: 0 of 2" in "\n".join(room.thread(root))


async def test_who_asks_cannot_approve_in_a_drill_either(room: Room) -> None:
    root = await begin(room)
    await do(room, root, "!mongo recover")
    answer = await do(room, root, f"!approve {CODE}")

    assert "0 of 2 approved" in "\n".join(room.thread(root))
    assert MARK.strip("*") in answer


async def test_a_restart_ends_a_drill_and_says_so(room: Room) -> None:
    root = await begin(room)
    await do(room, root, "!diagnose")
    await room.restart()
    await room.quiet(60)
    sheet = next(text for text in room.thread(root) if "Score of drill" in text)

    assert "Houston was stopped while it ran" in sheet
    assert "✔ Diagnosis after" in sheet
    assert "that is over" in await do(room, root, "!mongo recover")
    again = await room.ask("!drill start grafana-no-data")
    assert "First step" in again


@pytest.mark.parametrize("moment", ["amid", "at the end"])
async def test_a_drill_outlasts_a_store_that_is_away(room: Room, moment: str) -> None:
    root = await begin(room)
    running = room.drills.running
    assert running

    async def fly() -> None:
        if moment == "amid":  # nobody types while nothing answers
            await room.quiet(200)
        for line in runbooks()[MONGO]:
            await do(room, root, line)

    flying = asyncio.create_task(fly())
    await room.when(lambda: moment == "amid" or running.over.is_set())
    with away():
        await room.quiet(150)
    await flying
    await room.when(lambda: "Score of drill" in room.thread(root)[-1], patience=600)
    await room.quiet(60)
    sheet = next(text for text in room.thread(root) if "Score of drill" in text)

    assert "verified after" in sheet
    assert room.drills.running is None
    assert [text for text in room.thread(root) if "Score of drill" in text] == [sheet]
    events = [sealed.entry.event for sealed in await room.store.audit.read(0, 500)]
    assert events.count("drill.ended") == 1
    assert "First step" in await room.ask("!drill start grafana-no-data")


async def test_a_drill_in_which_houston_fails_ends_and_another_one_can_begin(room: Room) -> None:
    root = await begin(room)
    running = room.drills.running
    assert running
    await running.stage.close()  # what nobody foresaw: its world is gone
    running.stage = cast("Stage", None)
    await room.quiet(60)
    sheet = next(text for text in room.thread(root) if "Score of drill" in text)

    assert "Houston itself failed in it" in sheet
    assert "First step" in await room.ask("!drill start grafana-no-data")


async def test_the_trail_tells_a_drill_from_the_real_thing(room: Room) -> None:
    root = await begin(room)
    await flown(room, root, runbooks()[MONGO])
    entries = [sealed.entry for sealed in await room.store.audit.read(0, 500)]
    events = [entry.event for entry in entries]

    assert {"drill.started", "drill.said", "drill.operation.succeeded", "drill.ended"} <= {*events}
    assert [event for event in events if event.startswith("operation.")] == []
    assert [entry.operation for entry in entries if entry.event.startswith("drill.")] == [""] * sum(
        event.startswith("drill.") for event in events
    )


async def test_a_drill_is_begun_in_the_room_and_not_in_somebody_s_thread(room: Room) -> None:
    said = await room.say("What is this?")
    await room.say(f"!drill start {MONGO}", thread=said.id)
    answer = await room.answer(said)

    assert "begins a thread of its own" in answer
    assert room.drills.running is None


async def test_a_drill_of_another_houston_is_left_to_that_one_until_it_is_gone(room: Room) -> None:
    root = await room.say("!drill start somewhere else")
    await room.answer(root)
    now = room.world.clock.now()
    sheet = Sheet("7F3KA", MONGO, now, "ana")
    other = Thread(root.id, root.room_id, "another process", now, sheet)
    await Threads(room.store.documents).put(other)
    said = await room.say("!scale presence 3", thread=root.id)
    await room.quiet(15)
    assert len(room.thread(root)) == 1
    assert await room.store.ledger.take(said)  # it is there to be taken by that one

    await room.quiet(60)
    assert "Houston was stopped while it ran" in room.thread(root)[-1]
    assert await room.store.operations.recent(5) == []
