"""Rocket.Chat versions, as people and servers write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.version import Version

NUMBER = st.integers(0, 10**6)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("7.13.2", "7.13.2"),
        ("v7.13.2", "7.13.2"),
        ("V7.13.2", "7.13.2"),
        ("'7.13.2'", "7.13.2"),
        ("8.0.0-rc.1", "8.0.0-rc.1"),
        ("https://github.com/RocketChat/Rocket.Chat/releases/tag/7.13.2", "7.13.2"),
        ("https://github.com/RocketChat/Rocket.Chat/releases/tag/v8.0.0-rc.1/", "8.0.0-rc.1"),
    ],
)
def test_a_version_is_read_as_people_paste_it(text: str, meant: str) -> None:
    assert str(Version.read(text)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "7.13",
        "7.13.2.1",
        "07.13.2",
        "7.13.x",
        "7.13.*",
        "7,13,2",
        "latest",
        "^7.13.2",
        ">=7.13.2",
        "7.13.2+build",
        "7.13.2 ",
        "7.13.2\n",
        "7.13.2-",
        "7.13.2-rc..1",
        "-7.13.2",
        "７.13.2",
        "7.13.2;ls",
        "7.13.2@sha256:abc",
        "../7.13.2",
        "vv7.13.2",
        "https://example.org/7.13.2",
        "7.13.2-" + "a" * 200,
    ],
)
def test_what_is_no_version_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="is no version: it has three numbers") as error:
        Version.read(text)
    assert len(error.value.message) < 120


def test_a_refused_version_cannot_break_out_of_the_answer() -> None:
    with pytest.raises(UsageError) as error:
        Version.read("7` @all `\u202e\n")

    assert error.value.message.startswith("`7 @all ` is no version")


@given(NUMBER, NUMBER, NUMBER)
def test_any_three_numbers_are_a_version(major: int, minor: int, patch: int) -> None:
    version = Version.read(f"v{major}.{minor}.{patch}")

    assert (version.major, version.minor) == (major, minor)
    assert version.shown_as(f"{major}.{minor}.{patch}")
    assert version.shown_as(f"{major}.{minor}")
    assert not version.shown_as(f"{major}.{minor}.{patch + 1}")


@given(st.tuples(NUMBER, NUMBER, NUMBER), st.tuples(NUMBER, NUMBER, NUMBER))
def test_versions_are_ordered_as_numbers_not_as_texts(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    first, second = (Version.read(".".join(map(str, numbers))) for numbers in (one, other))

    assert (first < second) is (one < other)


def test_a_pre_release_comes_before_its_release() -> None:
    assert Version.read("8.0.0-rc.2") < Version.read("8.0.0-rc.10") < Version.read("8.0.0")


@given(st.text(max_size=60))
def test_any_text_is_a_version_or_refused(text: str) -> None:
    try:
        version = Version.read(text)
    except UsageError:
        return
    assert version.text.isascii()
    assert version.text.isprintable()
