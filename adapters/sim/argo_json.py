"""The world's applications in Argo CD's own JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from adapters.sim.argo_records import Entry, Item, Managed, Outcome, Run, States
from adapters.sim.manifests import Key
from adapters.sim.world import World
from bot.ports.argocd import Phase

_MASKED = "++++++++"


def application(managed: Managed, world: World, *, just_asked: bool = False) -> dict[str, Any]:
    """One Application. Right after a sync was asked for its state is not there yet."""
    spec, run = managed.spec, managed.run
    several = "sources" in spec["spec"]
    made: dict[str, Any] = {
        "metadata": {
            **spec["metadata"],
            "namespace": "argocd",
            "resourceVersion": str(managed.version),
        },
        "spec": spec["spec"],
        "status": {
            "sync": {"status": managed.sync, **_revisions(managed.compared, several)},
            "health": {"status": managed.health},
            "conditions": [{"type": t, "message": text} for t, text in managed.conditions],
            "resources": [_resource(item) for item in managed.items()],
            "history": [_entry(entry, several) for entry in managed.history],
            "reconciledAt": _stamp(world.clock.now()),
        },
    }
    if run:
        if not run.finished:
            made["operation"] = _operation(run, several)
        if not just_asked:
            made["status"]["operationState"] = _state(run, several)
    return made


def applications(world: World) -> dict[str, Any]:
    """The list of what Houston's account may see."""
    return {"metadata": {}, "items": [application(one, world) for one in world.argo.everyone()]}


def managed_resources(managed: Managed) -> dict[str, Any]:
    """What runs and what git asks for, each state JSON in a string."""
    return {"items": [_states(state) for state in managed.states()]}


def revision(world: World, sha: str) -> dict[str, Any] | None:
    """What is known of a commit, None for one that cannot be resolved."""
    found = world.remote.find(sha)
    if found is None:
        return None
    author = f"{found.author.name} <{found.author.email}>"
    return {"author": author, "date": _stamp(found.at), "message": found.message}


def unresolved(sha: str) -> str:
    """What Argo CD says of a commit it cannot find."""
    return f"rpc error: code = Unknown desc = unable to resolve '{sha}' to a commit SHA"


def _named(key: Key) -> dict[str, str]:
    group, kind, namespace, name = key
    found = {"group": group, "kind": kind, "namespace": namespace, "name": name}
    # The core group and what has no namespace are left out.
    return {field: value for field, value in found.items() if value}


def _revisions(revisions: tuple[str, ...], several: bool) -> dict[str, Any]:
    return {"revisions": list(revisions)} if several else {"revision": revisions[0]}


def _resource(item: Item) -> dict[str, Any]:
    made: dict[str, Any] = {**_named(item.key), "version": item.version, "status": item.sync}
    if item.health:
        made["health"] = {"status": item.health}
        if item.message:
            made["health"]["message"] = item.message
    if item.extra:
        made["requiresPruning"] = True
    if item.wave:
        made["syncWave"] = item.wave
    return made


def _entry(entry: Entry, several: bool) -> dict[str, Any]:
    return {
        "id": entry.id,
        "deployedAt": _stamp(entry.at),
        "initiatedBy": _initiator(entry.by),
        **_revisions(entry.revisions, several),
    }


def _initiator(by: str) -> dict[str, Any]:
    return {"username": by} if by else {"automated": True}


def _operation(run: Run, several: bool) -> dict[str, Any]:
    info = [{"name": "houston-operation", "value": run.operation}] if run.operation else []
    sync = {**_revisions(run.revisions, several), **({"prune": True} if run.prune else {})}
    return {"sync": sync, "initiatedBy": _initiator(run.by), "info": info}


def _state(run: Run, several: bool) -> dict[str, Any]:
    result = _revisions(run.revisions, several)
    if run.outcomes:
        result["resources"] = [_outcome(outcome) for outcome in run.outcomes]
    state: dict[str, Any] = {
        "operation": _operation(run, several),
        "phase": run.phase,
        "message": run.message,
        "startedAt": _stamp(run.started),
        "syncResult": result,
    }
    if run.ended and run.phase is not Phase.TERMINATING:
        state["finishedAt"] = _stamp(run.ended)
    return state


def _outcome(outcome: Outcome) -> dict[str, Any]:
    done = {"status": outcome.done} if outcome.done else {}
    return {**_named(outcome.key), "message": outcome.message, "syncPhase": "Sync", **done}


def _states(state: States) -> dict[str, Any]:
    made = {
        **_named(state.key),
        "targetState": _shown(state.target, state.live),
        "liveState": _shown(state.live),
        "normalizedLiveState": _shown(state.live),
        "predictedLiveState": _shown(state.predicted, state.live),
    }
    return {**made, "modified": True} if state.live != state.predicted else made


def _shown(manifest: dict[str, Any] | None, other: dict[str, Any] | None = None) -> str:
    """Values of Secrets are masked by the server itself; what differs gets a longer mask."""
    if manifest and manifest.get("kind") == "Secret":
        was = (other or manifest).get("data") or {}
        data = manifest.get("data") or {}
        masked = {key: _MASKED + "+" * (was.get(key) != value) for key, value in data.items()}
        manifest = {**manifest, "data": masked}
    # YAML knows dates, JSON does not.
    return json.dumps(manifest, default=str)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
