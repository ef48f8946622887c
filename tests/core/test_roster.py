"""Who is on call: rotations on the wall clock, overrides, shifts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.roster import Duty, Person, Rotation, on_duty

ANA = Person(id="uAna", name="Ana", email="ana@x.example")


def rotation(**more: Any) -> Rotation:
    return Rotation.model_validate(
        {
            "name": "primary",
            "people": ["uAna", "uBo", "uCleo"],
            "start": "2026-10-19T09:00:00",
            "zone": "Europe/London",
            **more,
        }
    )


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        (utc(10, 19, 7, 59), None),
        (utc(10, 19, 8, 0), "uAna"),  # 09:00 BST
        (utc(10, 26, 8, 59), "uAna"),  # 08:59 GMT: the clocks went back the day before
        (utc(10, 26, 9, 0), "uBo"),
        (utc(11, 2, 9, 0), "uCleo"),
        (utc(11, 9, 9, 0), "uAna"),
    ],
)
def test_turns_change_at_the_same_wall_clock_time(at: datetime, who: str | None) -> None:
    assert rotation().turn(at) == who


def test_outside_the_hours_it_is_nobodys_turn() -> None:
    rota = rotation(hours=[{"start": "09:00", "end": "17:00", "zone": "Europe/London"}])

    assert rota.turn(utc(11, 10, 12)) == "uAna"
    assert rota.turn(utc(11, 10, 20)) is None
    evening = {"start": "19:00", "end": "21:00", "zone": "Europe/London"}
    assert rotation(hours=[*rota.hours, evening]).turn(utc(11, 10, 20)) == "uAna"


def test_the_last_override_that_fits_wins() -> None:
    day = {"start": "2026-11-10T09:00:00", "end": "2026-11-11T09:00:00"}
    rota = rotation(overrides=[{"person": "uBo", **day}, {"person": "uCleo", **day}])

    assert rota.turn(utc(11, 10, 8, 59)) == "uAna"
    assert rota.turn(utc(11, 10, 9)) == "uCleo"
    assert rota.turn(utc(11, 11, 9)) == "uAna"


ZONED = {"person": "uBo", "start": "2026-11-10T09:00:00Z", "end": "2026-11-11T09:00:00Z"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "2026-10-19T09:00:00Z"},
        {"overrides": [ZONED]},
        {"people": []},
        {"every": 0},
        {"zone": "Mars"},
    ],
)
def test_a_rotation_that_says_too_little_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        rotation(**wrong)


def duty(person: str = "uAna", noted: datetime | None = None, instead: str = "") -> Duty:
    return Duty(person, utc(11, 10, 12), utc(11, 10, 14), "chat", noted, instead)


def test_a_shift_covers_its_start_and_not_its_end() -> None:
    def at(moment: datetime) -> bool:
        return on_duty(ANA, (), [duty()], moment)

    assert [at(utc(11, 10, 11, 59)), at(utc(11, 10, 12)), at(utc(11, 10, 14))] == [
        False,
        True,
        False,
    ]


def test_a_shift_taken_after_the_question_does_not_count_for_it() -> None:
    at, noted = utc(11, 10, 13), utc(11, 10, 12, 30)
    taken = [duty(noted=noted)]

    assert on_duty(ANA, (), taken, at)
    assert on_duty(ANA, (), taken, at, asked=noted)
    assert not on_duty(ANA, (), taken, at, asked=noted - timedelta(seconds=1))


def test_somebody_elses_shift_puts_nobody_else_on_call() -> None:
    at = utc(11, 10, 13)

    assert not on_duty(ANA, (), [duty("uBo", noted=utc(11, 10, 12))], at)
    assert not on_duty(ANA, (), [duty("uBo")], at)


def test_who_is_relieved_is_off_duty_for_that_time_only() -> None:
    swapped = [duty("uBo", instead="uAna")]

    assert not on_duty(ANA, [rotation()], swapped, utc(11, 10, 13))
    assert on_duty(ANA, [rotation()], swapped, utc(11, 10, 14))
    assert not on_duty(ANA, [rotation()], [*swapped, duty("uAna")], utc(11, 10, 13))
    back = duty("uAna", noted=utc(11, 10, 12))
    assert on_duty(ANA, [rotation()], [*swapped, back], utc(11, 10, 13))


def test_of_a_shift_taken_and_one_handed_over_the_later_word_counts() -> None:
    early, late = utc(11, 10, 11), utc(11, 10, 12)
    for taken, handed, on in ((early, late, False), (late, early, True), (late, late, False)):
        duties = [duty("uAna", noted=taken), duty("uBo", noted=handed, instead="uAna")]
        assert on_duty(ANA, [rotation()], duties, utc(11, 10, 13)) is on
    again = [duty("uAna", noted=noted) for noted in (utc(11, 10, 10), late)]
    between = duty("uBo", noted=early, instead="uAna")
    assert on_duty(ANA, [rotation()], [*again, between], utc(11, 10, 13))
    twice = [duty("uBo", noted=noted, instead="uAna") for noted in (utc(11, 10, 10), late)]
    assert not on_duty(ANA, [rotation()], [*twice, duty("uAna", noted=early)], utc(11, 10, 13))
