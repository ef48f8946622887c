"""One-time codes, by the test vectors of RFC 6238."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.totp import address, code, matching_step, secret_of, step_of

RFC = b"12345678901234567890"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_vectors_of_the_standard(seconds: int, expected: str) -> None:
    step = step_of(datetime.fromtimestamp(seconds, UTC))

    assert code(RFC, step) == expected[-6:]


@pytest.mark.parametrize(
    ("seconds", "taken"), [(0, True), (30, True), (-30, True), (60, False), (-60, False)]
)
def test_a_clock_may_be_one_step_off(seconds: int, taken: bool) -> None:
    said = code(RFC, step_of(NOON + timedelta(seconds=seconds)))

    assert (matching_step(RFC, said, NOON) is not None) is taken


@pytest.mark.parametrize("said", ["", "12345", "1234567", "abcdef", "１２３４５６", "000000 "])
def test_what_is_no_code_matches_none(said: str) -> None:
    assert matching_step(RFC, said, NOON) is None


def test_everybody_and_every_enrolment_has_a_secret_of_its_own() -> None:
    made = {
        secret_of(key, person, epoch)
        for key in ("k1", "k2")
        for person in ("uAna", "uBo")
        for epoch in (1, 2)
    }

    assert len(made) == 8
    assert {len(secret) for secret in made} == {20}


def test_the_address_is_what_apps_read() -> None:
    found = urlsplit(address(RFC, "Ana Ferreira", "Houston"))

    assert (found.scheme, found.netloc) == ("otpauth", "totp")
    assert found.path == "/Houston%3AAna%20Ferreira"
    assert parse_qs(found.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
        "issuer": ["Houston"],
    }
