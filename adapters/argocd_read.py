"""Argo CD's JSON, read into what the ports speak of. Pure; fields nobody knows are ignored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from bot.errors import Unavailable
from bot.ports.applications import Deployed, Detail, Done, Resource, Result, Revision, Thing
from bot.ports.argocd import (
    Application,
    Health,
    Phase,
    Progress,
    Source,
    Stage,
    Sync,
    SyncRun,
)

SYSTEM = "Argo CD"
OPERATION = "houston-operation"
"""The name under which a sync carries the id of Houston's operation."""

_TERMINAL = {Phase.SUCCEEDED, Phase.FAILED, Phase.ERROR}
Read = TypeVar("Read")


def guarded(what: str, read: Callable[[Any], Read], payload: Any) -> Read:
    """What was read. Raises Unavailable, naming what is missing, for what cannot be read."""
    try:
        return read(payload)
    except KeyError as error:
        raise Unavailable(SYSTEM, f"{what} without {error}") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise Unavailable(SYSTEM, f"{what} nobody can read ({error})") from error


def read_application(payload: Any) -> Application:
    """One application. Raises Unavailable."""
    return guarded("an application", _application, payload)


def read_applications(payload: Any) -> list[Application]:
    """A list of applications. Raises Unavailable."""
    items = guarded("a list of applications", lambda found: found["items"] or [], payload)
    return sorted(map(read_application, items), key=lambda found: found.name)


def read_detail(payload: Any) -> Detail:
    """One application with what is inside. Raises Unavailable."""
    return guarded("an application", _detail, payload)


def read_revision(payload: Any) -> Revision:
    """A commit's metadata. Raises Unavailable."""
    return guarded("a revision", _revision, payload)


def read_thing(found: dict[str, Any]) -> Thing:
    """What an object is called, from anything that names it."""
    return Thing(found.get("group", ""), found["kind"], found.get("namespace", ""), found["name"])


def _application(payload: Any) -> Application:
    spec, status = payload["spec"], payload.get("status") or {}
    history = _history(status)
    synced = _known(Sync, (status.get("sync") or {}).get("status"), Sync.UNKNOWN)
    return Application(
        name=payload["metadata"]["name"],
        sync=synced,
        health=_known(Health, (status.get("health") or {}).get("status"), Health.UNKNOWN),
        sources=_sources(spec, status, synced, history),
        automated=_automated(spec.get("syncPolicy") or {}),
        run=_run(payload, status),
        conditions=tuple(
            f"{found.get('type')}: {found.get('message')}"
            for found in status.get("conditions") or ()
        ),
        resource_version=str(payload["metadata"].get("resourceVersion", "")),
        deployed=history[0].at if history else None,
    )


def _detail(payload: Any) -> Detail:
    status = payload.get("status") or {}
    state = status.get("operationState") or {}
    return Detail(
        application=_application(payload),
        resources=tuple(map(_resource, status.get("resources") or ())),
        results=tuple(map(_result, (state.get("syncResult") or {}).get("resources") or ())),
        history=_history(status),
        reconciled=_moment(status.get("reconciledAt")),
    )


def _resource(found: dict[str, Any]) -> Resource:
    health = found.get("health") or {}
    return Resource(
        thing=read_thing(found),
        sync=_known(Sync, found.get("status"), Sync.UNKNOWN),
        health=_known(Health, health["status"], Health.UNKNOWN) if "status" in health else None,
        message=str(health.get("message", "")),
        extra=found.get("requiresPruning") is True,
    )


def _result(found: dict[str, Any]) -> Result:
    done = _known(Done, found.get("status"), Done.PENDING)
    return Result(read_thing(found), done, str(found.get("message", "")))


def _history(status: dict[str, Any]) -> tuple[Deployed, ...]:
    """Newest first; the server keeps the last ten, oldest first."""
    return tuple(
        Deployed(
            id=int(found["id"]),
            at=datetime.fromisoformat(found["deployedAt"]),
            revisions=tuple(map(str, found.get("revisions") or [found.get("revision", "")])),
            by=str((found.get("initiatedBy") or {}).get("username", "")),
        )
        for found in reversed(status.get("history") or ())
    )


def _revision(payload: Any) -> Revision:
    return Revision(
        subject=str(payload["message"]).strip().split("\n", 1)[0],
        author=str(payload.get("author", "")).split("<", 1)[0].strip(),
        at=datetime.fromisoformat(payload["date"]),
    )


def _sources(
    spec: dict[str, Any], status: dict[str, Any], synced: Sync, history: tuple[Deployed, ...]
) -> tuple[Source, ...]:
    """`status.sync` names what was compared; that runs only when it is Synced, else what the
    history has last."""
    sync = status.get("sync") or {}
    if spec.get("sources"):
        sources, compared = spec["sources"], list(sync.get("revisions") or [])
    else:
        sources, compared = [spec["source"]], [sync.get("revision", "")]
    deployed = list(history[0].revisions) if history else []
    if synced is Sync.SYNCED:
        deployed = compared
    return tuple(
        Source(
            repository=source["repoURL"],
            target_revision=str(source.get("targetRevision", "HEAD")),
            revision=str(_at(deployed, index)),
            chart=source.get("chart", ""),
            compared=str(_at(compared, index)),
        )
        for index, source in enumerate(sources)
    )


def _at(revisions: list[str], index: int) -> str:
    return revisions[index] if index < len(revisions) else ""


def _automated(policy: dict[str, Any]) -> bool:
    automated = policy.get("automated")
    return automated is not None and automated.get("enabled") is not False


def _run(payload: dict[str, Any], status: dict[str, Any]) -> SyncRun | None:
    """The running or last sync. `finishedAt` is set between retries too, so it decides nothing."""
    asked, state = payload.get("operation"), status.get("operationState")
    if state is None:
        if not asked:
            return None
        return SyncRun(Phase.RUNNING, "waiting to start", False, None, _info(asked), by=_by(asked))
    phase = _known(Phase, state.get("phase"), Phase.RUNNING)
    result = state.get("syncResult") or {}
    operation = state.get("operation") or {}
    wanted = operation.get("sync") or {}
    revisions = result.get("revisions") or [result.get("revision")]
    if not any(revisions):
        revisions = wanted.get("revisions") or [wanted.get("revision")]
    finished = phase in _TERMINAL and not asked
    return SyncRun(
        phase=phase,
        message=str(state.get("message", "")),
        finished=finished,
        started=_moment(state.get("startedAt")),
        operation=_info(asked or operation),
        revisions=tuple(str(revision) for revision in revisions if revision),
        ended=_moment(state.get("finishedAt")),
        by=_by(asked or operation),
        progress=None if finished else _progress(status, result.get("resources") or []),
    )


def _progress(status: dict[str, Any], results: list[dict[str, Any]]) -> Progress | None:
    """A result comes when its object or hook is begun, so the furthest stage is the present one.

    Which wave an object is of stands in `status.resources` (0 is left out); a hook's nowhere.
    """
    stages = list(Stage)
    seen = [each for each in results if each.get("syncPhase") in stages]
    if not seen:
        return None
    stage = max((Stage(each["syncPhase"]) for each in seen), key=stages.index)
    if stage is not Stage.SYNC:
        hooks = [each.get("hookPhase") for each in seen if each["syncPhase"] == stage]
        return Progress(stage, hooks.count(Phase.SUCCEEDED), len(hooks))
    wanted = {
        read_thing(found): int(found.get("syncWave", 0))
        for found in status.get("resources") or ()
        if not found.get("hook") and not found.get("requiresPruning")
    }
    applied = {read_thing(each) for each in seen if each.get("status") == Done.SYNCED}
    waves = tuple(sorted(set(wanted.values())))
    wave = max((wanted[each] for each in applied if each in wanted), default=min(waves, default=0))
    here = {thing for thing, of in wanted.items() if of == wave}
    return Progress(stage, len(here & applied), len(here), wave, waves)


def _info(operation: dict[str, Any]) -> str:
    for info in operation.get("info") or ():
        if info.get("name") == OPERATION:
            return str(info.get("value", ""))
    return ""


def _by(operation: dict[str, Any]) -> str:
    return str((operation.get("initiatedBy") or {}).get("username", ""))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _known(kind: Any, text: str | None, otherwise: Any) -> Any:
    return kind(text) if text in list(kind) else otherwise
