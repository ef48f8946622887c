"""`houston backup` and `houston restore`, as they are typed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from adapters.fence import Fence
from adapters.leadership import leadership
from adapters.sim.servers.kubernetes import write_kubeconfig
from adapters.store import SqlStore
from bot.__main__ import main
from tests.core.configuration import GOOD
from tests.faults.store import damage


def typed(folder: Path, *words: str, url: str = "") -> Result:
    config = folder / "houston.yaml"
    store = url or f"sqlite:///{folder}/houston.sqlite"
    cluster = folder / "kubeconfig"
    write_kubeconfig(cluster, "http://cluster.invalid", "t0ken")
    content = {**GOOD, "store": {"url": store}, "kubernetes": {"kubeconfig": str(cluster)}}
    config.write_text(yaml.safe_dump(content), "utf-8")
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


def overwritten(store: Path) -> None:
    store.write_bytes(b"this is no database, only a file with text in it" * 100)


def cut_short(store: Path) -> None:
    store.write_bytes(store.read_bytes()[:-8192])


@pytest.mark.parametrize("harm", [overwritten, damage, cut_short])
def test_a_damaged_store_is_refused_at_the_start_with_the_way_back(
    folder: Path, harm: Callable[[Path], None]
) -> None:
    store = folder / "houston.sqlite"
    typed(folder, "backup", f"{folder}/copy")
    harm(store)
    refused = typed(folder, "run")
    told = refused.output
    back = typed(folder, "restore", f"{folder}/copy")

    assert refused.exit_code == 1
    assert f"store: {store} is damaged: " in told
    assert "houston restore --config houston.yaml COPY" in told
    assert "Traceback" not in told
    assert back.exit_code == 0
    assert f"What was there is {store}.replaced-1" in back.output
