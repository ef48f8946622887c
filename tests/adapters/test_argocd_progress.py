"""How far a sync is, from Argo CD's own JSON: phases, waves, hooks, and what is not told."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.argocd_read import read_application
from bot.ports.argocd import Progress, Stage


def resource(name: str, wave: int = 0, **more: Any) -> dict[str, Any]:
    """An object of the application; the server leaves wave 0 out."""
    waved = {"syncWave": wave} if wave else {}
    return {"version": "v1", "kind": "ConfigMap", "namespace": "chat", "name": name} | waved | more


def result(name: str, status: str = "Synced", phase: str = "Sync", **more: Any) -> dict[str, Any]:
    """What the sync has done with an object so far."""
    return resource(name) | {"status": status, "syncPhase": phase, "hookPhase": "Running"} | more


def hook(name: str, phase: str, state: str) -> dict[str, Any]:
    """A hook: its status stays empty."""
    return result(name, "", phase, kind="Job", hookType=phase, hookPhase=state)


def progress(*results: dict[str, Any], phase: str = "Running") -> Progress | None:
    """Of a sync of five objects in three waves, one hook, and one that git has dropped."""
    resources = [
        resource("a", -1), resource("b"), resource("c"), resource("d", 3), resource("e", 3),
        resource("migrate", 7, kind="Job", hook=True),
        resource("old", 9, requiresPruning=True),
    ]  # fmt: skip
    state = {"phase": phase, "message": "", "syncResult": {"resources": list(results)}}
    made: dict[str, Any] = {
        "metadata": {"name": "ops"},
        "spec": {"source": {"repoURL": "https://git.example/ops.git"}},
        "status": {"resources": resources, "operationState": state},
    }
    run = read_application(made).run
    assert run is not None
    return run.progress


A = result("a")
BC = (result("b"), result("c"))


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ((hook("migrate", "PreSync", "Running"),), "PreSync: 0 of 1 hooks done"),
        ((hook("migrate", "PreSync", "Succeeded"), A), "Sync, wave -1 of -1, 0, 3: 1 of 1"),
        ((result("a", ""),), "Sync, wave -1 of -1, 0, 3: 0 of 1"),
        ((A, result("b")), "Sync, wave 0 of -1, 0, 3: 1 of 2"),
        ((A, *BC, result("d")), "Sync, wave 3 of -1, 0, 3: 1 of 2"),
        ((A, *BC, result("d"), result("e", "SyncFailed")), "Sync, wave 3 of -1, 0, 3: 1 of 2"),
        ((A, *BC, result("old", "PruneSkipped")), "Sync, wave 0 of -1, 0, 3: 2 of 2"),
        ((A, hook("test", "PostSync", "Running")), "PostSync: 0 of 1 hooks done"),
        ((A, hook("undo", "SyncFail", "Succeeded")), "SyncFail: 1 of 1 hooks done"),
    ],
)
def test_the_stage_the_wave_and_how_many_are_done(results: Any, said: str) -> None:
    assert str(progress(*results)).startswith(said)


def test_what_has_not_begun_or_is_over_has_no_progress() -> None:
    assert progress() is None
    assert progress(result("a", phase="Tomorrow")) is None
    assert progress(A, phase="Succeeded") is None


def test_where_all_is_one_wave_no_wave_is_named() -> None:
    assert str(Progress(Stage.SYNC, 1, 3, 0, (0,))) == "Sync: 1 of 3 objects applied"
