"""`!help`: what can be typed, by whom, and all about one command."""

from __future__ import annotations

import pytest

from bot.bootstrap import catalogue
from tests.commands.room import Room

OPERATING = ("scale", "undo", "upgrade")


async def test_an_operator_is_shown_every_command_with_its_usage(room: Room) -> None:
    answer = await room.ask("!help")

    assert f"{len(catalogue())} commands you may run" in answer
    assert "left out" not in answer
    for known in catalogue().values():
        word, _, more = known.name.partition(" ")
        family = [name for name in catalogue() if name.split()[0] == word][1:]
        shown = known.usage if family else f"{known.usage} {known.summary}"
        assert (f"!help {word}" if more and family else shown.replace("`", "")) in answer
        assert more in answer


async def test_the_commands_of_one_word_are_shown_with_it(room: Room) -> None:
    answer = await room.ask("!help app")

    assert "commands begin with !app" in answer
    for name in ("app", *catalogue().below("app")):
        assert catalogue()[name].usage in answer


async def test_who_may_only_read_is_not_shown_what_they_may_not_run(room: Room) -> None:
    answer = await room.ask("!help", by="uVic")

    assert "!status" in answer
    assert "!hold CODE" in answer
    for name in (*OPERATING, "release"):
        assert f"!{name} " not in answer.partition("Next:")[0]


async def test_a_command_is_explained_with_its_guide_section_and_its_manual_way(room: Room) -> None:
    answer = await room.ask("!help upgrade")

    assert answer.startswith("ℹ !upgrade VERSION [--downgrade]")
    assert "Takes the place of “How to Upgrade”" in answer
    assert "edit image.tag in values.yaml" in answer
    assert "changes nothing before that is approved" in answer
    assert "Next: !upgrade 7.13.2" in answer


async def test_a_reading_command_promises_no_plan(room: Room) -> None:
    assert "plan first" not in await room.ask("!help status")


@pytest.mark.parametrize("topic", ["scale", "!scale", "SCALE"])
async def test_a_topic_is_found_however_it_is_written(room: Room, topic: str) -> None:
    assert "!scale SERVICE N" in await room.ask(f"!help {topic}")


async def test_a_misspelled_topic_gets_the_near_one(room: Room) -> None:
    assert "Did you mean upgrade?" in await room.ask("!help upgarde")


async def test_nothing_is_suggested_that_the_person_may_not_run(room: Room) -> None:
    answer = await room.ask("!help upgrade", by="uVic")

    assert "upgrade is no command you may run" in answer
    assert "Did you mean" not in answer


async def test_two_topics_are_no_command(room: Room) -> None:
    assert "scale upgrade is no command" in await room.ask("!help scale upgrade")
