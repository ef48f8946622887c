"""What leaves Houston notifies nobody, links nowhere, hides nothing, steers no terminal."""

from __future__ import annotations

import time
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Card, Mark, code, plain, text_file
from bot.doorway import readable
from bot.errors import Refused, Unavailable
from bot.harmless import SHOWN, harmless, visible
from bot.ports.chat import File, Post
from bot.redact import Redactor
from bot.webpage import Chapter, page

HIDING = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
TEXT = st.text(st.sampled_from("@all`*[]()!<>|:/#\n\\ ahttp\u200b\u202e\x1b\u2028'"), max_size=40)


def test_every_character_that_is_not_seen_is_shown() -> None:
    hidden = [chr(c) for c in range(0xF0000) if category(chr(c)) in HIDING and chr(c) not in "\n\t"]

    assert [f"{ord(c):x}" for c in hidden if visible(c) != SHOWN] == []


def test_what_is_seen_stays() -> None:
    said = "Grüße, 你好, \u05e9\u05dc\u05d5\u05dd, مرحبا, 🚀 ✔ ⚠️ e\u0301 | tab\t| line\n"

    assert visible(said) == said
    for joined in ("👩\u200d💻", "🏳\ufe0f\u200d🌈", "👨🏽\u200d🔧", "❤\ufe0f\u200d🔥", "🇩🇪 👍🏿",
                   "می\u200cخواهم", "क्\u200dष"):  # fmt: skip
        assert harmless(joined) == joined
    assert sum(visible(chr(c)) != chr(c) for c in range(0x20, 0x7F)) == 0


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("@all and @here, @ana", "@\u200ball and @\u200bhere, @\u200bana"),
        ("ana@x.example", "ana@x.example"),
        ("[x](javascript:alert(1))", "[x]\\(javascript:alert(1))"),
        ("![p](http://evil.example)", "![p]\\(http://evil.example)"),
        ("<http://evil.example|x>", "< http://evil.example|x>"),
        ("`@all [x](y)` @all", "`@all [x](y)` @\u200ball"),
        ("```\n@all [x](y)\n```\n@all", "```\n@all [x](y)\n```\n@\u200ball"),
        ("a ` @all `b`", "a ' @\u200ball 'b'"),
        ("a ``` @all", "a ''' @\u200ball"),
        ("``@all``", "''@\u200ball''"),
        ("\\`@all\\`", "\\`@\u200ball\\`"),
        ("\x1b[31m\u202e\ud800", f"{SHOWN}[31m{SHOWN}{SHOWN}"),
    ],
)
def test_outside_of_code_nothing_is_done(said: str, shown: str) -> None:
    assert harmless(said) == shown
    assert harmless(shown) == shown
    assert Post("id", "rOps", said).text == shown


@given(TEXT)
def test_what_was_disarmed_once_stays_as_it_is(text: str) -> None:
    once = harmless(text)

    assert harmless(once) == once
    assert "](" not in "".join(once.split("`")[::2]) or "```" in once


@given(TEXT, TEXT)
def test_a_title_and_a_line_are_one_line_each(title: str, line: str) -> None:
    text = Card(Mark.OK, title, (line, f"{plain(line)} {code(line)}")).text()

    assert text.count("\n") == 2


def test_errors_pages_files_and_logs_show_what_they_hold() -> None:
    bad = "a\x1b[31m\u202eb\r\nc"
    seen = f"a{SHOWN}[31m{SHOWN}b"

    assert Unavailable("Argo CD", bad).message == f"Argo CD: {seen} c"
    assert Refused(f"{bad} is none").message == f"{seen} c is none"
    assert text_file("x.txt", bad + "\ud800").content.decode() == f"{seen}{SHOWN}\nc{SHOWN}"
    raw = File("x.txt", "text/plain", bad.encode())
    assert Redactor().clean_file(raw).content.decode() == f"{seen}{SHOWN}\nc"
    assert seen in page(bad, "", [Chapter("x", (bad,), ((bad,),), b"png", bad)]).decode()
    assert "\x1b" not in page(bad, bad, [Chapter(bad, (bad,), ((bad,),), b"png", bad)]).decode()
    assert Redactor().processor(None, "", {"why": bad})["why"] == f"{seen}{SHOWN}\nc"
    assert readable(bad) == f"{seen}{SHOWN}\nc"


@pytest.mark.parametrize("piece", ["[a](", "@a", "<http:", "`", "\\`", "a ` `", "<a", "```\n", "]"])
def test_a_text_of_any_length_is_disarmed_in_time_that_grows_with_it(piece: str) -> None:
    began = time.process_time()
    harmless(piece * (400_000 // len(piece)))

    assert time.process_time() - began < 5
