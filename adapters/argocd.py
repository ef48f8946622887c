"""Argo CD over its REST API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from adapters.http import JsonClient
from bot.errors import AdapterError, Busy, Conflict, Denied, Invalid, Unavailable, UnknownOutcome
from bot.ports.argocd import Application, Health, Phase, Source, Sync, SyncRun

_BUSY = "another operation is already in progress"
_WINDOW = "sync window"
_INFO = "houston-operation"
_TERMINAL = {Phase.SUCCEEDED, Phase.FAILED, Phase.ERROR}


class HttpArgoCD:
    """One Argo CD server.

    Args:
        client: with the token in its headers.
        project: sent with every call, so that a missing application is 404 and not 403.
        refresh_limit: how long a refresh may block before its answer is not waited for.
    """

    def __init__(
        self,
        client: JsonClient,
        *,
        project: str = "default",
        refresh_limit: timedelta = timedelta(seconds=40),
    ) -> None:
        self._client = client
        self._project = project
        self._refresh_limit = refresh_limit

    async def application(self, name: str) -> Application:
        """See the port."""
        params = {"project": self._project}
        try:
            return read_application(await self._client.get(_path(name), params=params))
        except Denied as error:
            raise _denied(error) from error

    async def refresh(self, name: str) -> Application:
        """See the port."""
        milliseconds = round(self._refresh_limit.total_seconds() * 1000)
        try:
            payload = await self._client.get(
                _path(name),
                params={"project": self._project, "refresh": "normal"},
                headers={"Grpc-Timeout": f"{milliseconds}m"},
                within=self._refresh_limit * 1.1,
                tries=1,
            )
        except Unavailable:
            return await self.application(name)
        except Denied as error:
            raise _denied(error) from error
        return read_application(payload)

    async def sync(self, name: str, operation: str) -> None:
        """See the port."""
        if await self._ours(name, operation):
            return
        body = {
            "project": self._project,
            "infos": [{"name": _INFO, "value": operation}],
            "retryStrategy": {
                "limit": 2,
                "backoff": {"duration": "5s", "factor": 2, "maxDuration": "1m"},
            },
        }
        try:
            await self._client.post(f"{_path(name)}/sync", body)
        except UnknownOutcome as lost:
            if not await self._arrived(name, operation):
                raise lost from None
        except (Denied, Invalid) as error:
            raise _refused(error) from error

    async def version(self) -> str:
        """See the port."""
        payload = await self._client.get("/api/version")
        if not isinstance(payload, dict) or "Version" not in payload:
            raise Unavailable("Argo CD", "an answer without 'Version'", "Check argocd.url")
        return str(payload["Version"])

    async def _ours(self, name: str, operation: str) -> bool:
        run = (await self.application(name)).run
        return run is not None and run.operation == operation

    async def _arrived(self, name: str, operation: str) -> bool:
        """Whether a sync whose answer was lost was accepted; false when nobody can tell."""
        try:
            return await self._ours(name, operation)
        except AdapterError:
            return False


def _path(name: str) -> str:
    return f"/api/v1/applications/{quote(name, safe='')}"


def _denied(error: Denied) -> Denied:
    """401 is the token, 403 a right; texts differ by version and are not looked at."""
    if error.message.startswith(f"{error.system}: 401"):
        return Denied(
            "Argo CD",
            "401 the token is expired, revoked or wrong",
            "Make a new one: argocd account generate-token --account <houston's account>",
        )
    return Denied(
        "Argo CD", "403 Houston's account may not do this", "Give it applications, get and sync"
    )


def _refused(error: AdapterError) -> AdapterError:
    if _BUSY in error.message:
        return Busy("Argo CD", "another sync is running", "Wait until it has finished")
    if _WINDOW in error.message:
        return Conflict("Argo CD", "a sync window forbids syncs now", "Wait until it ends")
    return _denied(error) if isinstance(error, Denied) else error


def read_application(payload: Any) -> Application:
    """From the vendor's JSON; fields nobody knows are ignored.

    Raises Unavailable, naming what is missing.
    """
    try:
        spec, status = payload["spec"], payload.get("status") or {}
        sync = status.get("sync") or {}
        return Application(
            name=payload["metadata"]["name"],
            sync=_known(Sync, sync.get("status"), Sync.UNKNOWN),
            health=_known(Health, (status.get("health") or {}).get("status"), Health.UNKNOWN),
            sources=_sources(spec, sync),
            automated=_automated(spec.get("syncPolicy") or {}),
            run=_run(payload, status),
            conditions=tuple(
                f"{found.get('type')}: {found.get('message')}"
                for found in status.get("conditions") or ()
            ),
            resource_version=str(payload["metadata"].get("resourceVersion", "")),
        )
    except KeyError as error:
        raise Unavailable("Argo CD", f"an application without {error}") from error
    except (TypeError, AttributeError, ValueError) as error:
        raise Unavailable("Argo CD", f"an application nobody can read ({error})") from error


def _sources(spec: dict[str, Any], sync: dict[str, Any]) -> tuple[Source, ...]:
    if spec.get("sources"):
        sources, revisions = spec["sources"], list(sync.get("revisions") or [])
    else:
        sources, revisions = [spec["source"]], [sync.get("revision", "")]
    revisions += [""] * (len(sources) - len(revisions))
    return tuple(
        Source(
            repository=source["repoURL"],
            target_revision=str(source.get("targetRevision", "HEAD")),
            revision=str(revision),
            chart=source.get("chart", ""),
        )
        for source, revision in zip(sources, revisions, strict=False)
    )


def _automated(policy: dict[str, Any]) -> bool:
    automated = policy.get("automated")
    return automated is not None and automated.get("enabled") is not False


def _run(payload: dict[str, Any], status: dict[str, Any]) -> SyncRun | None:
    """The running or last sync. `finishedAt` is set between retries too, so it decides nothing."""
    asked, state = payload.get("operation"), status.get("operationState")
    if state is None:
        if not asked:
            return None
        return SyncRun(Phase.RUNNING, "waiting to start", False, None, _info(asked))
    phase = _known(Phase, state.get("phase"), Phase.RUNNING)
    result = state.get("syncResult") or {}
    operation = state.get("operation") or {}
    wanted = operation.get("sync") or {}
    revisions = result.get("revisions") or [result.get("revision")]
    if not any(revisions):
        revisions = wanted.get("revisions") or [wanted.get("revision")]
    return SyncRun(
        phase=phase,
        message=str(state.get("message", "")),
        finished=phase in _TERMINAL and not asked,
        started=_moment(state.get("startedAt")),
        operation=_info(asked or operation),
        revisions=tuple(str(revision) for revision in revisions if revision),
    )


def _info(operation: dict[str, Any]) -> str:
    for info in operation.get("info") or ():
        if info.get("name") == _INFO:
            return str(info.get("value", ""))
    return ""


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _known(kind: Any, text: str | None, otherwise: Any) -> Any:
    return kind(text) if text in list(kind) else otherwise
