"""From what people type to words: forgiving of keyboards, deaf to prose."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.speech import LONGEST, Words, command_text, parse


def heard(text: str) -> Words | None:
    """What Houston makes of a message."""
    found = command_text(text, prefix="!", username="houston")
    return parse(found) if found else None


UPGRADE = Words("upgrade", ("7.13.2",))


@pytest.mark.parametrize(
    "text",
    [
        "!upgrade 7.13.2",
        "!UPGRADE 7.13.2",
        "!Upgrade   7.13.2  ",
        "  !upgrade 7.13.2\n",
        "@houston upgrade 7.13.2",
        "@Houston: upgrade 7.13.2",
        "@houston, upgrade 7.13.2",
        "@houston !upgrade 7.13.2",
        "@houston\nupgrade 7.13.2",
        "`!upgrade 7.13.2`",
        "!upgrade `7.13.2`",
        "```\n!upgrade 7.13.2\n```",
        "```sh\n!upgrade 7.13.2\n```",
        "```!upgrade 7.13.2```",
        '!upgrade "7.13.2"',
        "!upgrade “7.13.2”",
        "!upgrade „7.13.2“",
        "!upgrade ‘7.13.2’",
        "!upgrade «7.13.2»",
        "!upgrade\t7.13.2",
        "!upgrade\u00a07.13.2",
        "!upgrade\u30007.13.2",
        "！upgrade 7.13.2",
        "\ufeff!up\u200bgrade 7.13.2\u200e",
        "!upgrade \u20667.13.2\u2069",
        "!upgrade \u00ad7.13.2",
        "!upgrade 7.13.2\x00",
        "!upgrade [7.13.2](http://7.13.2)",
        "!upgrade <http://7.13.2|7.13.2>",
        "[ ](https://chat.example/channel/ops?msg=abc) !upgrade 7.13.2",
    ],
)
def test_a_command_is_understood_however_it_is_typed(text: str) -> None:
    assert heard(text) == UPGRADE


@pytest.mark.parametrize(
    "option",
    [
        "--downgrade",
        "—downgrade",
        "–downgrade",
        "——downgrade",
        "––downgrade",
        "-–downgrade",
        "\u2010\u2010downgrade",
        "\u2212\u2212downgrade",
    ],
)
def test_long_dashes_are_the_two_hyphens_they_were(option: str) -> None:
    assert heard(f"!upgrade 7.12.0 {option}") == Words("upgrade", ("7.12.0", "--downgrade"))


@pytest.mark.parametrize("text", ["!scale a–b 1", "!scale a—b 1", "!scale -x 1", "!scale –1 1"])
def test_other_dashes_stay_what_they_are(text: str) -> None:
    found = heard(text)

    assert found is not None
    assert not any(word.startswith("--") for word in found.arguments)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "!",
        "!!",
        "! upgrade 7.13.2",
        "!7.13.2",
        "!?!",
        "upgrade 7.13.2",
        "please !upgrade 7.13.2",
        "> !upgrade 7.13.2",
        "I typed `!upgrade 7.13.2`",
        "hey @houston upgrade 7.13.2",
        "@houston2 upgrade 7.13.2",
        "@houston.bot upgrade 7.13.2",
        "houston upgrade 7.13.2",
        "@houston",
        "@houston ?",
        "@houston 7.13.2",
        "/upgrade 7.13.2",
        "!!upgrade 7.13.2",
        "!ups, sorry",
        "!wow!",
        "!1337",
        "!été 7",
        "¡upgrade 7.13.2",
    ],
)
def test_prose_is_no_command(text: str) -> None:
    assert heard(text) is None


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("!upgrade 7.13.2\n!status", "several lines", "message of its own"),
        ("!upgrade 7.13.2\r\nthanks", "several lines", "message of its own"),
        ("!upgrade\u20287.13.2", "several lines", "message of its own"),
        ("!upgrade\v7.13.2", "several lines", "message of its own"),
        ('!upgrade "7.13.2', "never closed", "Close the quote"),
        ("!upgrade “7.13.2", "never closed", "Close the quote"),
        ("!upgrade it's", "never closed", "Close the quote"),
        ("!upgrade " + "7" * 600, "608 characters", "Send a shorter one"),
    ],
)
def test_what_is_meant_as_a_command_and_cannot_be_read_is_answered(
    text: str, said: str, fix: str
) -> None:
    with pytest.raises(UsageError) as error:
        heard(text)

    assert said in error.value.message
    assert fix in error.value.hint


def test_quotes_hold_words_together_and_a_backslash_is_a_letter() -> None:
    assert heard("!say 'a b' \"c d\" e\\f \"\" --x='y z'") == Words(
        "say", ("a b", "c d", "e\\f", "", "--x=y z")
    )


@pytest.mark.parametrize(
    ("prefix", "text"), [(".", ".status"), ("hal ", "hal status"), ("!!", "!!status")]
)
def test_the_prefix_and_the_name_are_configuration(prefix: str, text: str) -> None:
    assert command_text(text, prefix=prefix, username="h.a+l") == "status"
    assert command_text("@H.a+L status", prefix=prefix, username="h.a+l") == "status"
    assert command_text("@hxa+l status", prefix=prefix, username="h.a+l") is None


@given(st.text(max_size=300))
def test_any_message_is_words_nothing_or_a_sentence(text: str) -> None:
    for begin in ("", "!", "!upgrade ", "@houston "):
        try:
            found = heard(begin + text)
        except UsageError:
            continue
        for word in found.arguments if found else ():
            assert "`" not in word
            assert "\n" not in word
            assert word.isprintable() or any(ord(c) > 127 for c in word)


NAME = st.from_regex(r"[a-z][a-z-]{0,10}", fullmatch=True)
ARGUMENT = st.text(
    st.characters(blacklist_categories=["Cc", "Cf", "Cs", "Zl", "Zp"], blacklist_characters="`"),
    max_size=20,
).filter(lambda word: not any(c.isspace() and c != " " for c in word))


@given(NAME, st.lists(ARGUMENT, max_size=5))
def test_the_line_of_words_is_read_as_the_same_words(name: str, arguments: list[str]) -> None:
    """An operation keeps its line and plans from it again."""
    words = Words(name, tuple(arguments))
    line = words.line.removeprefix("!")

    if len(line) <= LONGEST:
        assert parse(line) == words


@given(st.text(st.characters(blacklist_characters="!"), min_size=1, max_size=200))
def test_what_begins_with_neither_prefix_nor_mention_is_never_a_command(text: str) -> None:
    assert command_text("so " + text, prefix="!", username="houston") is None


@pytest.mark.parametrize(
    "piece", ["[a](", "[a", "![a](b", "<https://a", "<https://a|b", "`a", "@houston: "]
)
def test_a_message_of_any_length_is_read_in_time_that_grows_with_it(piece: str) -> None:
    said = "!status " + piece * (400_000 // len(piece))
    began = time.process_time()
    with pytest.raises(UsageError, match="at most 500"):
        heard(said)

    assert time.process_time() - began < 5
