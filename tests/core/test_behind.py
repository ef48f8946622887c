"""How far a version is behind: only what has its form counts, and no pre-release."""

from __future__ import annotations

import pytest

from bot.behind import Gap, behind, is_version, series_of
from bot.ports.charts import ChartVersion


def out(*versions: str) -> list[ChartVersion]:
    return [ChartVersion(version) for version in versions]


@pytest.mark.parametrize(
    ("version", "others", "gap"),
    [
        ("3.20", ["3.9", "3.20", "3.21", "3.100"], Gap(2, "3.100")),
        ("6.27.1", ["6.27.1", "6.29.0", "7.0.1", "6.28.0"], Gap(3, "7.0.1", "6.29.0")),
        ("7.0.1", ["7.0.1", "6.29.0"], Gap(0)),
        ("7.0.1", ["7.0.1"], Gap(0)),
        ("7.0.1", [], Gap(0, listed=False)),
        ("7.0.1", ["7.0.2"], Gap(1, "7.0.2", listed=False)),
        ("0.10.5", ["0.10.5", "0.10.7", "0.11.0"], Gap(2, "0.11.0", "0.10.7")),
        # Moving tags are held against moving tags, full ones against full ones.
        ("3.20", ["3.20", "3.20.3", "3.21.1", "3", "4"], Gap(0)),
        ("3", ["3", "4", "20250108"], Gap(1, "4")),
        ("20240606", ["3", "4", "20240606", "20250108"], Gap(1, "20250108")),
        # What stands in front and behind is kept.
        ("2.4-alpine", ["2.4-alpine", "2.12-alpine", "2.13", "2.14-alpine3.20", "2.12.1-alpine"],
         Gap(1, "2.12-alpine")),
        ("2.528.3-lts-jdk21", ["2.528.3-lts-jdk21", "2.541.1-lts-jdk17", "2.541.1-lts-jdk21"],
         Gap(1, "2.541.1-lts-jdk21")),
        ("v3.8.1", ["v3.8.1", "v3.9.0", "3.10.0", "v3.11.0-distroless"], Gap(1, "v3.9.0")),
        # Pre-releases do not count; one that is pinned is behind its own release.
        ("8.0.1", ["8.0.1", "8.1.0-rc.1", "8.1.0-rc0", "8.1.0-beta", "8.1.0-SNAPSHOT"], Gap(0)),
        ("8.0.0-rc.1", ["8.0.0-rc.1", "8.0.0-rc.2", "8.0.0"], Gap(1, "8.0.0")),
        ("1.2.0-rc1-alpine", ["1.2.0-rc1-alpine", "1.2.0-alpine", "1.3.0"],
         Gap(1, "1.2.0-alpine")),
        ("10.4.32.1", ["10.4.32.1", "10.4.32.2", "10.4.33.0"], Gap(2, "10.4.33.0")),
    ],
)  # fmt: skip
def test_what_is_newer_is_counted(version: str, others: list[str], gap: Gap) -> None:
    assert behind(version, out(*others)) == gap
    assert behind(version, out(*reversed(others))) == gap


def test_the_newest_says_what_it_installs() -> None:
    found = behind("6.27.1", [ChartVersion("7.0.1", "8.6.1"), ChartVersion("6.27.1", "7.11.0")])

    assert found == Gap(1, "7.0.1", app="8.6.1")


def test_helm_makes_no_difference_between_versions_with_and_without_a_v() -> None:
    known = out("v1.14.4", "v1.15.0")

    assert behind("1.14.4", known, loose=True) == Gap(1, "v1.15.0")
    assert behind("1.14.4", known) == Gap(0, listed=False)


def test_near_is_what_the_series_say_where_they_are_known() -> None:
    known = out("7.0.14", "7.0.28", "7.1.9", "8.0.17", "8.2.3")

    found = behind("7.0.14", known, series=("5.0", "6.0", "7.0"))
    assert found == Gap(4, "8.2.3", "7.0.28")
    assert behind("7.0.14", known).near == "7.1.9"
    assert behind("7.0.14", known, series=("9.0",)).near == ""


@pytest.mark.parametrize(
    ("text", "known"),
    [
        *((text, True) for text in ("1", "v1", "3.20", "2.4-alpine", "1.2.3_4", "20250108")),
        *((text, False) for text in ("", "latest", "stable", "edge", "1a2b3c4d", "6.*", "^6.0.0")),
        *(
            (text, False)
            for text in (">=1.0.0", "1.x", "main", "1.2.3 ", "1.22rc1", "１.２", "9" * 5000)
        ),
    ],
)
def test_what_is_no_version_is_not_compared(text: str, known: bool) -> None:
    assert is_version(text) is known
    if not known:
        with pytest.raises(ValueError, match="is no version"):
            behind(text, out("1.0.0"))


@pytest.mark.parametrize(
    ("version", "series"),
    [("7.0.1", "7"), ("v3.8.1", "3"), ("0.10.5", "0.10"), ("0", "0"), ("2.4-alpine", "2")],
)
def test_a_series_is_what_should_not_break(version: str, series: str) -> None:
    assert series_of(version) == series
