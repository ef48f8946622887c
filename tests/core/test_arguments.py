"""The arguments of a command: what is typed is read, or refused with what would fit."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.arguments import Between, Parameter, choose, convert, suggestions
from bot.errors import UsageError

SERVICES = ["account", "authorization", "presence", "ddpStreamer"]


class Level(StrEnum):
    WARN = "warn"
    DEBUG = "debug"


def parameter(kind: Any, limits: Between | None = None) -> Parameter:
    return Parameter("n", "N", kind, required=True, default=None, limits=limits)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("account", "account"), ("ACCOUNT", "account"), ("ddpstreamer", "ddpStreamer")],
)
def test_a_choice_is_found_whatever_its_case(word: str, meant: str) -> None:
    assert choose(word, SERVICES, "service") == meant


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("acount", "Did you mean `account`?"),
        ("auth", "Did you mean `authorization`?"),
        ("DDP", "Did you mean `ddpStreamer`?"),
        ("a", ""),
        ("", ""),
        ("xyzzy", ""),
    ],
)
def test_a_choice_that_is_none_names_all_and_the_nearest(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        choose(word, SERVICES, "service")

    assert "is no service" in error.value.message
    assert all(f"`{service}`" in error.value.message for service in SERVICES)
    assert error.value.hint == hint


def test_a_choice_among_none_says_so() -> None:
    with pytest.raises(UsageError, match="there are: none"):
        choose("a", [], "service")


def test_the_choices_themselves_cannot_break_out_of_the_answer() -> None:
    """They may be keys of a file in git."""
    with pytest.raises(UsageError) as error:
        choose("presence2", ["x` @all `", "presence` @here"], "service")

    shown = f"{error.value.message} {error.value.hint}"
    assert "`x' @all '`" in shown
    assert "`presence' @here`" in shown


@given(st.text(max_size=60), st.lists(st.text(max_size=20), max_size=6))
def test_suggestions_are_choices_and_few(word: str, choices: list[str]) -> None:
    found = suggestions(word, choices)

    assert set(found) <= set(choices)
    assert len(found) <= 3


@given(st.integers(0, 10))
def test_a_number_within_its_limits_is_read(number: int) -> None:
    assert convert(parameter(int, Between(0, 10)), str(number)) == number
    assert convert(parameter(int, Between(0, 10)), f"00{number}") == number


@pytest.mark.parametrize("text", ["-1", "11", "99999999999999999999", "9" * 5000])
def test_a_number_outside_its_limits_is_refused_with_them(text: str) -> None:
    with pytest.raises(UsageError, match="N must be from 0 to 10") as error:
        convert(parameter(int, Between(0, 10)), text)
    assert len(error.value.message) < 100


@pytest.mark.parametrize(
    "text", ["two", "2.5", "1e3", "0x2", "２", "²", "٣", "-", "1_000", "+2", "2 ", "", "∞", "NaN"]
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="must be a whole number"):
        convert(parameter(int), text)


def test_one_of_a_few_words_is_read_whatever_its_case() -> None:
    assert convert(parameter(Level), "DEBUG") is Level.DEBUG
    with pytest.raises(UsageError, match="there are: `warn`, `debug`"):
        convert(parameter(Level), "loud")


@given(st.text(max_size=50))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        number = convert(parameter(int), text)
    except UsageError:
        return
    assert text.isascii()
    assert number == int(text)
