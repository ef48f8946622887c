"""Many cells, on all of the machine."""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.faults.kinds import Fault, Moment, System, inapplicable
from tests.faults.matrix import Cell, Trial
from tests.faults.skipping import run

Key = tuple[System, Fault, Moment]


def flown(key: Key) -> Cell:
    """One cell, in a process of the pool."""
    with tempfile.TemporaryDirectory(prefix="houston-") as name:
        try:
            return run(Trial(Cell(*key)).fly(Path(name)))
        except Exception as error:  # noqa: BLE001  # a cell that breaks down leaves the others
            return Cell(*key, wrong=[f"{type(error).__name__}: {error}"])


def chosen(words: list[str]) -> Iterator[Key]:
    """The cells there are, or those all of whose words are given."""
    for key in itertools.product(System, Fault, Moment):
        kinds = ({*System}, {*Fault}, {*Moment})
        if inapplicable(*key):
            continue
        if all(
            part in words or not (kind & {*words}) for part, kind in zip(key, kinds, strict=True)
        ):
            yield key


def fly(keys: list[Key], workers: int = 2) -> Iterator[Cell]:
    """All of them, in their order. A process is given up after a few, so that none of them meets
    what another left behind."""
    apart = multiprocessing.get_context("spawn")
    with apart.Pool(workers, _quiet, maxtasksperchild=25) as pool:
        yield from pool.imap(flown, keys)


def _quiet() -> None:
    """That a connection breaks is what is wanted here."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
