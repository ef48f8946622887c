"""What a declaration makes of words: names of several words, options, lengths and times."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

import pytest

from bot.arguments import Line, Option, Rest, clock_time, length
from bot.cards import Card, Mark
from bot.catalogue import Catalogue
from bot.command import command
from bot.errors import UsageError
from bot.speech import Words, parse


def card(text: str) -> Card:
    return Card(Mark.INFO, text)


@command("app", examples=("!app helm",))
async def app(name: str) -> Card:
    """Show one."""
    return card(name)


@command("app diff")
async def app_diff(name: str) -> Card:
    """Show what would change."""
    return card(name)


@command("secrets")
async def secrets() -> Card:
    """Show all."""
    return card("")


@command("secrets refresh")
async def secrets_refresh(name: str) -> Card:
    """Refresh one."""
    return card(name)


@command("logs")
async def logs(
    name: str,
    since: Annotated[timedelta, Option()] = timedelta(minutes=10),
    grep: Annotated[str | None, Option()] = None,
    previous: bool = False,
) -> Card:
    """Show the last lines."""
    return card(f"{name} {since} {grep} {previous}")


@command("window")
async def window(
    start: Annotated[time, Option(dashes=False)],
    stop: Annotated[time | None, Option(dashes=False)] = None,
    reason: Annotated[str, Rest] = "",
) -> Card:
    """Move it."""
    return card(f"{start} {stop} {reason}")


@command("later", examples=("!later noon !logs pod",))
async def later(when: str, line: Annotated[str, Line], room: Annotated[str, Option()] = "") -> Card:
    """Type it later."""
    return card(f"{when} {line} {room}")


@pytest.mark.parametrize(
    ("typed", "line", "room"),
    [
        ("noon !app helm", "!app helm", ""),
        ("noon !logs pod --since 1h --room ops", "!logs pod --since 1h", "ops"),
        ("--room ops noon !logs pod --previous", "!logs pod --previous", "ops"),
        ("noon !logs pod --grep 'no such file'", '!logs pod --grep "no such file"', ""),
        ("""noon '!logs pod --grep "no such file"'""", '!logs pod --grep "no such file"', ""),
    ],
)
def test_a_line_within_a_line_keeps_its_options_and_its_quotes(
    typed: str, line: str, room: str
) -> None:
    words = parse(f"later {typed}")
    assert words is not None

    assert later.read(words.arguments) == {"when": "noon", "line": line, "room": room}


def test_an_option_before_the_line_belongs_to_the_command_itself() -> None:
    with pytest.raises(UsageError, match="`--since` is no option of `!later`"):
        later.read(("--since", "1h", "noon", "!logs pod"))


KNOWN = Catalogue({c.name: c for c in (app, app_diff, secrets, secrets_refresh, logs, window)})


@pytest.mark.parametrize(
    ("line", "name", "arguments"),
    [
        ("!app helm", "app", ("helm",)),
        ("!app diff helm", "app diff", ("helm",)),
        ("!APP Diff Helm", "app diff", ("Helm",)),
        ("!secrets", "secrets", ()),
        ("!secrets refresh mongo", "secrets refresh", ("mongo",)),
        ("!app", "app", ()),
    ],
)
def test_the_longest_name_that_fits_is_meant(
    line: str, name: str, arguments: tuple[str, ...]
) -> None:
    found, words = KNOWN.of(line)

    assert found.name == name
    assert words == Words(name, arguments)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!secrets refrsh mongo", "Did you mean `!secrets refresh`?"),
        ("!secrets xyzzy", "There are `!secrets refresh`"),
        ("!lgos presence", "Did you mean `!logs`?"),
        ("!xyzzy", "Type `!help`"),
    ],
)
def test_an_unknown_name_gets_the_nearest(line: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        KNOWN.of(line)

    assert said in refused.value.hint


def test_options_are_read_wherever_they_stand() -> None:
    assert logs.read(["--since", "5m", "presence", "--grep=two words", "--previous"]) == {
        "name": "presence",
        "since": timedelta(minutes=5),
        "grep": "two words",
        "previous": True,
    }
    assert logs.read(["presence"])["since"] == timedelta(minutes=10)
    assert logs.usage == "!logs NAME [--since SINCE] [--grep GREP] [--previous]"


def test_options_without_dashes_are_read_by_their_word() -> None:
    assert window.read(["start", "16:00", "STOP", "23:00", "for", "the", "fair"]) == {
        "start": time(16),
        "stop": time(23),
        "reason": "for the fair",
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["presence", "--since"], "`--since` needs SINCE behind it"),
        (["presence", "--since", "soon"], "like 10m, 2h or 3d"),
        (["presence", "--since=0m"], "longer than nothing"),
        (["presence", "--loud"], "is no option"),
        (["--since", "5m"], "NAME is missing"),
        (["presence", "account"], "one word too many"),
    ],
)
def test_options_that_do_not_fit_are_refused(words: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        logs.read(words)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("10min", timedelta(minutes=10)),
        ("2H", timedelta(hours=2)),
        ("1h30m", timedelta(hours=1, minutes=30)),
        ("3d", timedelta(days=3)),
        ("2w", timedelta(weeks=2)),
    ],
)
def test_a_length_is_read_as_people_type_it(text: str, meant: timedelta) -> None:
    assert length(text) == meant


@pytest.mark.parametrize("text", ["", "2", "h", "-2h", "2 h", "1.5h", "２h", "2h!", "999999d"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        length(text)


@pytest.mark.parametrize(("text", "meant"), [("16:00", time(16)), ("8:05", time(8, 5))])
def test_a_time_of_day_is_read(text: str, meant: time) -> None:
    assert clock_time(text) == meant


@pytest.mark.parametrize("text", ["", "16", "24:00", "12:60", "4pm", "16:0", "１６:00"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        clock_time(text)
