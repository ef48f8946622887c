"""Parts are put together by the types they ask for."""

from __future__ import annotations

import pytest

from bot.wiring import Wiring


class Engine:
    """Needs nothing."""


class Car:
    def __init__(self, engine: Engine, *, wheels: int) -> None:
        self.engine = engine
        self.wheels = wheels


def test_a_part_gets_what_its_constructor_asks_for_and_is_kept() -> None:
    parts = Wiring()
    engine = parts.make(Engine)
    car = parts.make(Car, wheels=4)

    assert (car.engine, car.wheels) == (engine, 4)
    assert parts[Car] is car


def test_what_is_not_there_is_named() -> None:
    with pytest.raises(LookupError, match=r"Car needs engine: .*Engine"):
        Wiring().make(Car, wheels=4)
