"""Secrets do not leave in files either."""

from __future__ import annotations

from bot.ports.chat import File
from bot.redact import Redactor

REDACTOR = Redactor(["s3cret-token"])


def test_a_text_file_leaves_without_secrets() -> None:
    said = File("log.txt", "text/plain", b"using s3cret-token\nmongodb://admin:hunter22@db/x\n")

    assert REDACTOR.clean_file(said).content == (b"using [redacted]\nmongodb://[redacted]@db/x\n")


def test_a_picture_stays_as_it_is() -> None:
    drawn = File("a.png", "image/png", b"\x89PNG s3cret-token")

    assert REDACTOR.clean_file(drawn) == drawn
