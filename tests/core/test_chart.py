"""The picture of a month: what is drawn where, read back from the pixels."""

from __future__ import annotations

import io
from datetime import date

import pytest
from PIL import Image

from bot.chart import HEIGHT, WIDTH, Bars, png, step

BLUE, PALE = (29, 116, 245), (182, 211, 252)


def drawn(bars: Bars) -> Image.Image:
    return Image.open(io.BytesIO(png(bars))).convert("RGB")


def count(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    near = 0
    for x in range(0, WIDTH, 2):
        for y in range(0, HEIGHT, 2):
            pixel = picture.getpixel((x, y))
            assert isinstance(pixel, tuple)
            near += all(abs(a - b) < 12 for a, b in zip(pixel, colour, strict=True))
    return near


def month(*amounts: float) -> list[tuple[date, float]]:
    return [(date(2026, 11, number), amount) for number, amount in enumerate(amounts, start=1)]


def test_it_is_a_small_png_of_the_right_size() -> None:
    made = png(Bars("November", "GBP", month(1, 2, 3)))

    assert made.startswith(b"\x89PNG")
    assert len(made) < 30_000
    assert Image.open(io.BytesIO(made)).size == (WIDTH, HEIGHT)


def test_twice_the_amount_is_twice_the_bar() -> None:
    one = count(drawn(Bars("", "", month(2, 8))), BLUE)
    two = count(drawn(Bars("", "", month(4, 8))), BLUE)

    assert two / one == pytest.approx(12 / 10, rel=0.03)


def test_what_is_expected_is_pale() -> None:
    picture = drawn(Bars("", "", month(4), [(date(2026, 11, 2), 4.0)]))

    assert count(picture, BLUE) == pytest.approx(count(picture, PALE), rel=0.05)


def test_a_month_without_costs_is_an_empty_picture() -> None:
    picture = drawn(Bars("Nothing yet", "", []))

    assert count(picture, BLUE) == 0


@pytest.mark.parametrize("text", ["Kosten für März", "Затраты €", "✓ £ — ≈"])
def test_letters_of_many_languages_are_drawn(text: str) -> None:
    """A letter the font lacks is drawn as the same box every time."""
    unknown = drawn(Bars("\ue000" * len(text), "", []))

    assert drawn(Bars(text, "", [])).tobytes() != unknown.tobytes()
    assert len({png(Bars(letter, "", [])) for letter in set(text)}) == len(set(text))


@pytest.mark.parametrize(
    ("highest", "wanted"), [(0, 1), (3.9, 1), (5.2, 2), (9, 2.5), (100, 25), (0.07, 0.02)]
)
def test_grid_lines_stand_at_round_numbers(highest: float, wanted: float) -> None:
    assert step(highest) == pytest.approx(wanted)
