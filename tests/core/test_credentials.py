"""What is kept of a token, and what counts as one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.credentials import PREFIX, hashed, listed, matches, new_token, usable
from bot.redact import Redactor

KEPT = hashed("right")


def test_a_token_matches_its_own_hash_and_no_other() -> None:
    token = new_token()
    kept = hashed(token)

    assert matches(token, kept)
    assert not matches(token + "x", kept)
    assert not matches(token, hashed(new_token()))


def test_the_same_token_is_kept_differently_each_time_and_never_as_it_is() -> None:
    token = new_token()

    assert hashed(token) != hashed(token)
    assert token.removeprefix(PREFIX) not in hashed(token)
    assert len({new_token() for _ in range(50)}) == 50


@given(st.text(max_size=60))
@settings(max_examples=25)
def test_nothing_else_matches(said: str) -> None:
    assert matches(said, KEPT) is (said == "right")


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "right",
        KEPT[:-1],
        KEPT + "A",
        KEPT.replace("scrypt", "plain"),
        KEPT.replace("$16384$", "$1024$"),
        KEPT.replace("$16384$", "$20000$"),
        KEPT.replace("$16384$", "$1048576$"),
        KEPT.replace("$8$1$", "$64$1$"),
        KEPT.replace("$8$1$", "$8$99$"),
        KEPT.replace("$8$1$", "$8$0$"),
    ],
    ids=range(11),
)
def test_what_is_no_hash_or_costs_too_little_or_too_much_is_not_taken(kept: str) -> None:
    assert not usable(kept)
    with pytest.raises(ValueError, match="line 2") as caught:
        listed(f"# ours\nAna: {kept}")
    assert not kept or kept not in str(caught.value)


def test_lines_are_read_by_name_in_any_case() -> None:
    found = listed(f"# who may come in\n\n Ana Ferreira : {KEPT} \nuBo:{KEPT}\n")

    assert found == {"ana ferreira": KEPT, "ubo": KEPT}


def test_a_second_line_for_one_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 2 is for somebody who has a line already"):
        listed(f"Ana: {KEPT}\nANA: {KEPT}")


def test_a_pasted_token_is_known_for_one() -> None:
    assert Redactor().finds(f"my token is {new_token()}") == "an operator's token"
