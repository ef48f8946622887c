"""`houston backup` and `houston restore`, as they are typed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from adapters.fence import Fence
from adapters.leadership import leadership
from adapters.store import SqlStore
from bot.__main__ import main
from tests.core.configuration import GOOD


def typed(folder: Path, *words: str, url: str = "") -> Result:
    config = folder / "houston.yaml"
    store = url or f"sqlite:///{folder}/houston.sqlite"
    config.write_text(yaml.safe_dump({**GOOD, "store": {"url": store}}), "utf-8")
    return CliRunner().invoke(main, [words[0], "--config", str(config), *words[1:]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with a store."""

    async def make() -> None:
        store = SqlStore(f"sqlite:///{tmp_path}/houston.sqlite")
        await store.open()
        await store.documents.put("kind", "key", {"n": 1})
        await store.close()

    asyncio.run(make())
    return tmp_path


def test_a_store_is_backed_up_and_restored(folder: Path) -> None:
    saved = typed(folder, "backup", f"{folder}/copy")
    (folder / "houston.sqlite").unlink()
    back = typed(folder, "restore", f"{folder}/copy")

    async def known() -> object:
        store = SqlStore(f"sqlite:///{folder}/houston.sqlite")
        await store.open()
        try:
            return await store.documents.get("kind", "key")
        finally:
            await store.close()

    assert (saved.exit_code, back.exit_code) == (0, 0)
    assert "is the store now" in back.output
    assert asyncio.run(known()) == {"n": 1}


def test_nothing_is_restored_under_a_houston_that_runs(folder: Path) -> None:
    typed(folder, "backup", f"{folder}/copy")

    async def during() -> Result:
        lead = leadership(f"sqlite:///{folder}/houston.sqlite", Fence(), timedelta(seconds=1))
        await lead.take()
        try:
            return await asyncio.to_thread(typed, folder, "restore", f"{folder}/copy")
        finally:
            await lead.leave()

    refused = asyncio.run(during())
    assert refused.exit_code == 2
    assert "Another Houston already runs" in refused.output
    assert not list(folder.glob("*.replaced-*"))


@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_for_postgresql_its_own_commands_are_told(folder: Path, verb: str) -> None:
    refused = typed(folder, verb, f"{folder}/copy", url="postgresql://houston@localhost/h")

    assert refused.exit_code == 2
    assert "pg_dump" in refused.output
