"""The git port's edits: which scalars of a file become a commit, and which bytes stay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.git_place import ANA, Place, placed


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with placed(request.param, tmp_path) as made:
        yield made


async def test_one_document_of_several_is_changed_and_committed(place: Place) -> None:
    path = "ops/manifests/stale-pods.yaml"
    before = place.world.remote.read(path)
    edit = await place.git.edit(
        path, ("spec", "schedule"), "30 9 * * *", document=((("kind",), "CronJob"),)
    )
    await place.git.commit(edit, operation="op-2", subject="later", author=ANA)

    assert place.world.remote.read(path) == before.replace(edit.before.encode(), b"30 9 * * *", 1)
    assert place.world.remote.read(path) != before


async def test_a_scalar_in_a_block_of_yaml_is_changed_and_committed(place: Place) -> None:
    path, key = "ops/manifests/prometheus-agent-configmap.yaml", ("data", "prometheus.yml.tmpl")
    before = place.world.remote.read(path)
    label = ("global", "external_labels", "workspace")
    edit = await place.git.edit(path, key, "staging", inside=label)
    await place.git.commit(edit, operation="op-3", subject="staging", author=ANA)
    after = place.world.remote.read(path)

    assert (edit.before, edit.after) == ("production", "staging")
    assert after == before.replace(b"workspace: production\r\n", b"workspace: staging\r\n")
    assert after != before


async def test_several_scalars_of_one_document_are_one_commit(place: Place) -> None:
    path, key = "ops/manifests/tracegen.yaml", ("metadata", "name")
    before = place.world.remote.read(path)
    revision = ("metadata", "annotations", "fernhill.example/tracegen-rev")
    image = ("spec", "template", "spec", "containers", "name=telemetrygen", "image")
    which = ((("kind",), "Job"), (key, "tracegen-2026-11-02-01"))
    more = ((revision, "2026-11-24-01"), (image, "example.org/telemetrygen:1"))
    edit = await place.git.edit(path, key, "tracegen-2026-11-24-01", document=which, more=more)
    await place.git.commit(edit, operation="op-4", subject="again", author=ANA)
    old, new = before.split(b"\n"), place.world.remote.read(path).split(b"\n")
    changed = {was: now for was, now in zip(old, new, strict=True) if was != now}

    assert list(changed.values()) == [
        b"  name: tracegen-2026-11-24-01",
        b'    fernhill.example/tracegen-rev: "2026-11-24-01"',
        b"          image: example.org/telemetrygen:1",
    ]
    assert edit.diff.count("@@") == 6
    assert len(place.world.remote.commits()) == 2


async def test_a_truth_stays_one(place: Place) -> None:
    key = ("prometheusScraping", "enabled")
    edit = await place.git.edit("values.yaml", key, value=False)
    await place.git.commit(edit, operation="op-5", subject="off", author=ANA)

    assert edit.after == "false"
    assert b"  enabled: false" in place.world.remote.read("values.yaml")
