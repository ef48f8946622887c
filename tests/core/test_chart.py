"""The picture of a month: what is drawn where, read back from the pixels."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from PIL import Image

from bot.chart import HEIGHT, SMALLEST, WIDTH, Bars, font, png, step

RED = (192, 57, 43)
BLUE, PALE = (29, 116, 245), (182, 211, 252)


def drawn(bars: Bars) -> Image.Image:
    return Image.open(io.BytesIO(png(bars))).convert("RGB")


def pixel(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found = picture.getpixel((x, y))
    assert isinstance(found, tuple)
    return found


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(abs(a - b) < 60 for a, b in zip(one, other, strict=True))


def count(picture: Image.Image, colour: tuple[int, int, int]) -> int:
    found = 0
    for x in range(0, WIDTH, 2):
        for y in range(0, HEIGHT, 2):
            shown = pixel(picture, x, y)
            found += all(abs(a - b) < 12 for a, b in zip(shown, colour, strict=True))
    return found


def month(*amounts: float) -> list[tuple[date, float]]:
    return [(date(2026, 12, number), amount) for number, amount in enumerate(amounts, start=1)]


def test_it_is_a_small_png_of_the_right_size() -> None:
    made = png(Bars("November", "GBP", month(1, 2, 3)))

    assert made.startswith(b"\x89PNG")
    assert len(made) < 30_000
    assert Image.open(io.BytesIO(made)).size == (WIDTH, HEIGHT)


def test_twice_the_amount_is_twice_the_bar() -> None:
    one = count(drawn(Bars("", "", month(2, 8))), BLUE)
    two = count(drawn(Bars("", "", month(4, 8))), BLUE)

    assert two / one == pytest.approx(12 / 10, rel=0.04)


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


def test_the_numbers_of_a_whole_month_do_not_run_into_each_other() -> None:
    picture = drawn(Bars("", "", month(*[1.0] * 31)))
    inked = [
        any(sum(pixel(picture, x, y)) < 600 for y in range(HEIGHT - 40, HEIGHT - 12))
        for x in range(100, WIDTH)
    ]
    gaps = re.findall(" +", "".join("x" if ink else " " for ink in inked))

    assert sum(len(gap) >= 8 for gap in gaps) >= 14
    assert all(len(gap) < 4 or len(gap) >= 8 for gap in gaps)


def test_the_budget_is_a_line_and_its_name_stands_above_every_bar() -> None:
    without = drawn(Bars("", "", month(*[4.0] * 30)))
    picture = drawn(Bars("", "", month(*[4.0] * 30), level=("budget by day", 3.3)))
    rows = [y for y in range(HEIGHT) if near(pixel(picture, WIDTH // 2, y), RED)]

    assert 1 <= len(rows) <= 3
    assert not any(near(pixel(without, WIDTH // 2, y), RED) for y in range(HEIGHT))
    assert any(near(pixel(picture, x, y), RED) for x in range(500, WIDTH) for y in range(40, 64))


@pytest.mark.parametrize("colour", ["#ffffff", "#1f2329"])
def test_a_picture_brings_its_own_paper_for_light_and_dark_pages(colour: str) -> None:
    made = Image.open(io.BytesIO(png(Bars("November", "GBP", month(1, 2, 3))))).convert("RGBA")
    page = Image.new("RGBA", made.size, colour)
    page.alpha_composite(made)

    assert page.convert("RGB").tobytes() == made.convert("RGB").tobytes()


def test_letters_that_a_phone_makes_too_small_are_not_drawn() -> None:
    with pytest.raises(ValueError, match="too small"):
        font(SMALLEST - 1)
