"""How cost grows with size: pods, CronJobs, rooms, and what is remembered."""

from __future__ import annotations

import io
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from PIL import Image, ImageDraw

from adapters.store import SqlStore
from bot.chart import SMALLEST, font
from bot.ports.audit import Entry
from tests.bench.scale import Measured
from tests.bench.stage import Stage, name, staged
from tests.bench.subjects import HOUSTON

FACTORS = (1, 4, 16)
_PODS, _JOBS = "!pods all --bad", "!jobs"
_ENTRIES = 1_000
_TIMES = 15
_READY_SECONDS = 30.0
Series = Mapping[str, Sequence[float]]
"""Seconds at each of `FACTORS`, by what grows."""


async def grown(clusters: Sequence[Measured]) -> Series:
    """Every series; the clusters' figures are `scale`'s."""
    return {
        f"pods, 625 to 10,000: `{_PODS}`": [each[_PODS][0] for each in clusters],
        f"CronJobs, 62 to 1,000: `{_JOBS}`": [each[_JOBS][0] for each in clusters],
        "rooms, 1 to 16: `!whoami`": [await _rooms(factor) for factor in FACTORS],
        "audit trail, 1,000 to 16,000 entries: its last 20": [
            await _history(factor * _ENTRIES) for factor in FACTORS
        ],
    }


async def _rooms(count: int) -> float:
    """The round trip of a command where this many rooms are heard."""
    names = [f"room-{number}" for number in range(count - 1)]
    with tempfile.TemporaryDirectory(prefix="houston-bench-") as directory:
        async with staged(HOUSTON, Path(directory), rooms=names) as stage:
            found = [await _trip(stage, name(number + 1)) for number in range(_TIMES + 1)]
    return median(found[1:])


async def _trip(stage: Stage, who: str) -> float:
    began = time.perf_counter()
    while time.perf_counter() - began < _READY_SECONDS:
        asked = time.perf_counter()
        stage.ask(who)
        if await stage.answered(Counter({who: 1}), 1.0):
            return stage.last - asked
    raise TimeoutError(f"no answer within {_READY_SECONDS:.0f} s")


async def _history(entries: int) -> float:
    """The time `!audit` takes for its entries."""
    with tempfile.TemporaryDirectory(prefix="houston-bench-") as directory:
        store = SqlStore(f"sqlite:///{directory}/houston.sqlite")
        await store.open()
        now = datetime.now(UTC)
        for number in range(entries):
            await store.audit.write(Entry(now, f"u{number % 50}", "command.answered", "", {}))
        found = []
        for _ in range(_TIMES):
            began = time.perf_counter()
            await store.audit.search(limit=20)
            found.append(time.perf_counter() - began)
        await store.close()
    return median(found)


_WIDTH, _ROW, _TOP, _LEFT, _SHARPNESS = 720, 118, 60, 24, 2
_PAPER, _INK, _BAR = "#ffffff", "#1f2933", "#1d74f5"


def plot(series: Series) -> bytes:
    """A PNG: for each series a bar at each size, as a multiple of the smallest's."""
    height = _TOP + _ROW * len(series) + 16
    canvas = Image.new("RGB", (_WIDTH * _SHARPNESS, height * _SHARPNESS), _PAPER)
    draw = ImageDraw.Draw(canvas)
    small, large = font(SMALLEST), font(SMALLEST + 4)

    def put(x: float, y: float, text: str, *, big: bool = False) -> None:
        where = (x * _SHARPNESS, y * _SHARPNESS)
        draw.text(where, text, fill=_INK, font=large if big else small)

    put(_LEFT, 14, "Time where there is 1, 4 and 16 times as much", big=True)
    longest = max(max(values) / values[0] for values in series.values())
    for row, (what, values) in enumerate(series.items()):
        y = _TOP + row * _ROW
        put(_LEFT, y, what.replace("`", ""))
        for place, value in enumerate(values):
            ratio = value / values[0]
            wide = 480 * ratio / longest
            top = y + 28 + place * 26
            box = [_LEFT, top, _LEFT + max(wide, 1), top + 18]
            draw.rectangle([edge * _SHARPNESS for edge in box], fill=_BAR)
            put(_LEFT + wide + 8, top - 3, f"{ratio:.1f}×   {value * 1e3:,.1f} ms")
    out = io.BytesIO()
    shrunk = canvas.resize((_WIDTH, height), Image.Resampling.LANCZOS)
    shrunk.quantize(32).save(out, "PNG", optimize=True)
    return out.getvalue()
