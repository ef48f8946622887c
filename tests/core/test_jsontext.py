"""JSON and YAML that others wrote: each text of it can be sent, stored and shown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jsontext import loads, whole
from bot.yamlfile import load

TEXT = st.text(st.characters() | st.sampled_from("\ud800\udbff\udc00\udfff\0\\u"))
JSON = st.recursive(TEXT | st.none() | st.integers(), lambda inner: st.dictionaries(TEXT, inner))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (r'"\ud83d\ude80 \uD83D\uDE80"', "🚀 🚀"),
        (r'"a\ud800b"', "a\ufffdb"),
        (r'"\udc00\ud800"', "\ufffd\ufffd"),
        (r'"\ud83d\ud83d\ude80"', "\ufffd🚀"),
        (r'"\u0000"', "\ufffd"),
        (r'"\\ud800 \\\\u0000"', r"\ud800 \\u0000"),
        (r'"\\\ud800"', "\\\ufffd"),
        (r'{"\ud800": ["\n\u0001"]}', {"\ufffd": ["\n\x01"]}),
        (b'"\xff\xed\xa0\x80"', "\ufffd\ufffd\ufffd\ufffd"),
    ],
)
def test_half_of_a_character_becomes_a_sign_and_all_else_stays(
    said: str | bytes, meant: object
) -> None:
    assert loads(said) == meant


@given(JSON)
def test_whatever_json_says_can_be_sent_and_stored(value: Any) -> None:
    found = json.dumps(loads(json.dumps(value)), ensure_ascii=False)

    assert "\0" not in found.encode().decode()
    assert found == whole(found)


@pytest.mark.parametrize("bad", ["", "{", "[" * 100_000, b"\xff", "<html>"])
def test_what_is_no_json_is_one_kind_of_error(bad: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        loads(bad)


def test_yaml_spells_halves_too() -> None:
    said = rb'{"a\ud800": "b\0c \U0001F680", d: [! "\udc00"]}'

    assert load(said) == {"a\ufffd": "b\ufffdc 🚀", "d": ["\ufffd"]}
