"""What can be done at the console: the same commands, rules, votes and trail as in chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.ports.chat import File, Post
from bot.ports.store import CONSOLE, State
from tests.commands.room import Room
from tests.console.visitor import ANA, BO, DEE, Movable, Visitor
from tests.faults.store import unwritten

Come = Callable[[], Awaitable[Visitor]]


def waiting(seen: dict[str, Any]) -> Any:
    return (seen.get("approvals") or [None])[0]


async def test_a_person_logs_in_and_is_who_they_are(ana: Visitor) -> None:
    assert (await (await ana.get("/api/me")).json())["name"] == ANA
    assert "Ana Ferreira: approver, operator, on call now" in await ana.answer("!whoami")
    assert "Ana Ferreira: approver" in await ana.answer("whoami")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!scale nothing 2", "⛔ nothing is no service"),
        ("!stauts", "Did you mean !status"),
        ("hello, is anybody there and can you hear me", "⛔ No answer: that is no command"),
    ],
)
async def test_what_does_not_fit_is_said_as_in_chat(ana: Visitor, line: str, said: str) -> None:
    assert said in await ana.answer(line)


async def test_nobody_waits_for_ever_where_the_store_fails_at_that_moment(ana: Visitor) -> None:
    with unwritten("houston_posts", 2) as refused:
        answer = await ana.answer("hello, is anybody there and can you hear me")

    assert len(refused) == 2
    assert "No answer: that is no command" in answer


async def test_a_card_offers_its_next_lines_apart(ana: Visitor) -> None:
    await ana.say("!whoami")

    def cards(seen: dict[str, Any]) -> Any:
        return [card for one in seen["answers"] for card in one["cards"]]

    shown = await ana.sees(cards)

    assert shown[0]["next"] == ["!help", "!ops"]
    assert "Next:" not in shown[0]["body"]


async def test_a_plan_is_read_voted_on_by_another_person_and_watched_to_its_end(
    come: Come, room: Room
) -> None:
    ana, bo = await come(), await come()
    await ana.login(ANA)
    await bo.login(BO)
    await ana.say("!scale presence 2")
    found = await bo.sees(waiting)
    assert "Scale presence from 1 to 2" in found["plan"]["title"]
    assert "+    replicas: 2" in found["plan"]["body"]

    assert "you asked for this" in await ana.answer(f"!approve {found['code']}")
    assert "Bo Lindqvist approves" in await bo.answer(f"!approve {found['code']}")
    ended = await ana.sees(
        lambda seen: next((o for o in seen["operations"] if o["state"] == "succeeded"), None)
    )
    assert ended["by"] == ANA
    assert ended["where"] == "console"


async def test_what_was_asked_in_chat_is_voted_on_here_and_the_vote_names_the_door(
    come: Come, room: Room
) -> None:
    said = await room.say("!scale presence 2")
    record = await room.waiting(said)
    bo = await come()
    await bo.login(BO)
    assert (await bo.sees(waiting))["code"] == record.code
    await bo.answer(f"!approve {record.code}")

    assert (await room.ended(said)).state is State.SUCCEEDED
    entries = [sealed.entry for sealed in await room.store.audit.search(limit=200)]
    (vote,) = [entry for entry in entries if entry.event == "vote.approve"]
    assert vote.detail["door"] == "console"
    answered = [entry for entry in entries if entry.event == "command.answered"]
    assert answered[0].detail["door"] == "console"


async def test_a_dangerous_command_is_refused_here_while_chat_is_heard(come: Come) -> None:
    ana = await come()
    await ana.login(ANA)
    said = await ana.answer("!cluster stop")

    assert "⛔ Tier high is taken at the console only while chat" in said


async def test_a_role_is_needed_here_too(come: Come) -> None:
    dee = await come()
    await dee.login(DEE)

    assert "needs the role operator" in await dee.answer("!scale presence 2")


async def test_health_says_that_chat_is_gone_without_being_asked(ana: Visitor, room: Room) -> None:
    def chat(seen: dict[str, Any]) -> Any:
        name, good, text = seen["health"][0]
        if good:
            room.world.chat.set_up(False)
        return not good and f"{name}: {text}"

    said = await ana.sees(chat, patience=12)
    assert said in {"Chat: the server went away", "Chat: Rocket.Chat: 502 with an HTML page: "
                    "the server is away"}  # fmt: skip


async def test_history_shows_the_trail(ana: Visitor) -> None:
    await ana.answer("!whoami")
    found = (await (await ana.get("/api/history")).json())["entries"]

    assert {"command.answered", "door.entered"} <= {entry["event"] for entry in found}
    assert found[0]["number"] > found[-1]["number"]


async def test_a_long_answer_is_a_file_to_keep(ana: Visitor, come: Come, room: Room) -> None:
    at = room.world.clock.now() - timedelta(minutes=1)
    text = "\n".join(f"line {number}" for number in range(100))
    room.world.cluster.logs.write(at, "rocketchat", "mongodb-0", "mongod", text)
    await ana.say("!logs mongodb-0")

    def files(seen: dict[str, Any]) -> Any:
        return [f for a in seen["answers"] for c in a["cards"] for f in c["files"]]

    [[post, name]] = await ana.sees(files)
    kept = await ana.get(f"/api/files/{post}/{name}")
    assert kept.status == 200
    assert kept.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert kept.headers["Content-Disposition"] == "attachment"
    page = File("page.html", "text/html", b"<script>alert(1)</script>")
    own = (await ana.sees(lambda seen: seen["answers"]))[0]["id"]
    await room.store.outbox.put(Post("a-page", CONSOLE, "a page", own, files=(page,)))
    harmless = await ana.get("/api/files/a-page/page.html")
    assert harmless.headers["Content-Type"] == "text/plain; charset=utf-8"
    bo = await come()
    await bo.login(BO)
    await bo.say("!whoami")
    assert (await bo.get(f"/api/files/{post}/{name}")).status == 404


async def test_too_many_commands_of_one_person_are_not_all_answered(
    ana: Visitor, clock: Movable
) -> None:
    clock.stop()
    for _ in range(30):
        await ana.say("!whoami")

    assert "Too many commands at once" in await ana.answer("!whoami")
    assert "No answer" in await ana.answer("!whoami")
