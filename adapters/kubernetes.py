"""The Kubernetes API: kubernetes-asyncio for configuration and authentication, plain JSON for the
rest, because its models take milliseconds a pod and refuse what servers legally send."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from bot.errors import (
    AdapterError,
    ConfigError,
    Conflict,
    Denied,
    Invalid,
    Limited,
    Missing,
    Unavailable,
)
from bot.ports.kubernetes import Pod, Rollout, RolloutState

_SYSTEM = "Kubernetes"
_PAGE = 250
_CONNECT = 5
_READ = 20
_REFRESH = timedelta(minutes=1)
_RETRY_AFTER = 5.0
_RESTARTS = 3
"""How often one list may begin again because its pages have expired."""

_MONGODB = "/apis/mongodbcommunity.mongodb.com/v1/namespaces/{namespace}/mongodbcommunity"
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class KubernetesApi:
    """One cluster. Made by `connect`, inside the running loop."""

    def __init__(self, api: Any, refresh: asyncio.Task[None] | None = None) -> None:
        self._api = api
        self._refresh = refresh

    @classmethod
    async def connect(
        cls, *, kubeconfig: Path | None = None, context: str | None = None
    ) -> KubernetesApi:
        """From a kubeconfig and one of its contexts, or from inside a pod.

        Raises ConfigError when there is no usable configuration.
        """
        from kubernetes_asyncio import client, config

        configuration = client.Configuration()
        refresh: asyncio.Task[None] | None = None
        try:
            if kubeconfig is None:
                config.load_incluster_config(  # type: ignore[no-untyped-call]  # the library's
                    client_configuration=configuration
                )
            else:
                loader = await config.load_kube_config(
                    str(kubeconfig),
                    context=context,
                    client_configuration=configuration,
                    persist_config=False,
                )
                refresh = asyncio.create_task(
                    config.refresh_token(loader, configuration, interval=_REFRESH.total_seconds()),
                    name="kubernetes token",
                )
        except (config.ConfigException, OSError) as error:
            raise ConfigError(
                f"kubernetes: {str(error)[:160]}",
                "Set kubernetes.kubeconfig and kubernetes.context, or run inside a cluster",
            ) from None
        api = client.ApiClient(configuration)
        api.user_agent = "houston"
        return cls(api, refresh)

    async def close(self) -> None:
        """Close the connections."""
        if self._refresh is not None:
            self._refresh.cancel()
            await asyncio.gather(self._refresh, return_exceptions=True)
        await self._api.close()

    async def rollout(self, namespace: str, deployment: str) -> Rollout:
        """See the port."""
        return read_rollout(await self._get(_deployments(namespace) + f"/{deployment}"))

    async def rollouts(self, namespace: str) -> list[Rollout]:
        """See the port."""
        found = await self._list(_deployments(namespace))
        return sorted((read_rollout(item) for item in found), key=lambda seen: seen.name)

    async def pods(self, namespace: str, deployment: str) -> list[Pod]:
        """See the port."""
        owner = await self._get(_deployments(namespace) + f"/{deployment}")
        labels = owner["spec"]["selector"].get("matchLabels") or {}
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        found = await self._list(f"/api/v1/namespaces/{namespace}/pods", selector)
        return sorted((read_pod(item) for item in found), key=lambda pod: pod.name)

    async def mongodb_version(self, namespace: str) -> str | None:
        """See the port."""
        try:
            found = await self._list(_MONGODB.format(namespace=namespace))
        except Missing:
            return None
        return next((str(item["spec"]["version"]) for item in found), None)

    async def version(self) -> str:
        """See the port."""
        return str((await self._get("/version"))["gitVersion"])

    async def allowed(self, namespace: str, verb: str, resource: str, group: str = "") -> bool:
        """See the port."""
        attributes = {"namespace": namespace, "verb": verb, "resource": resource, "group": group}
        body = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        review = await self._call("POST", _REVIEWS, body=body)
        return bool(review["status"]["allowed"])

    async def _get(self, path: str) -> Any:
        return await self._call("GET", path)

    async def _list(self, path: str, selector: str = "") -> list[Any]:
        """Every item, page by page; from the beginning when the pages have expired."""
        found: list[Any] = []
        token, expired = "", 0
        while True:
            query = {"limit": str(_PAGE), "labelSelector": selector, "continue": token}
            try:
                page = await self._call("GET", path, query=query)
            except Expired:
                expired += 1
                if expired > _RESTARTS:
                    raise
                found, token = [], ""
                continue
            found += page.get("items") or []
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return found

    async def _call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        from kubernetes_asyncio.client.exceptions import ApiException

        try:
            return await self._api.call_api(
                path,
                method,
                query_params=[(key, value) for key, value in (query or {}).items() if value],
                header_params={"Accept": "application/json", "Content-Type": "application/json"},
                body=body,
                response_types_map={200: "object", 201: "object"},
                auth_settings=["BearerToken"],
                _return_http_data_only=True,
                _request_timeout=(_CONNECT, _READ),
            )
        except ApiException as error:
            said = str(error.body or error.reason or "")
            headers: Mapping[str, str] = error.headers or {}
            wait = headers.get("Retry-After", "")
            raise _refusal(error.status or 0, said, wait) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unavailable(
                _SYSTEM,
                f"the API server is not reachable ({type(error).__name__})",
                "Is the cluster running?",
            ) from error
        except ValueError as error:
            raise Unavailable(
                _SYSTEM, "the answer is no JSON", "A proxy may stand there"
            ) from error


class Expired(Unavailable):
    """The pages of a list are not kept any longer."""


def _deployments(namespace: str) -> str:
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


def _refusal(status: int, body: str, retry_after: str) -> AdapterError:
    said = f"{status} {_message(body)}"
    match status:
        case 401 | 403:
            hint = "Renew the kubeconfig's credential" if status == 401 else "Give it this right"
            return Denied(_SYSTEM, said, hint)
        case 404:
            return Missing(_SYSTEM, said)
        case 409 | 410:
            return (Conflict if status == 409 else Expired)(_SYSTEM, said)
        case 429:
            seconds = float(retry_after) if retry_after.isdigit() else _RETRY_AFTER
            return Limited(_SYSTEM, said, timedelta(seconds=seconds))
        case _ if status >= 500 or status < 300:
            return Unavailable(_SYSTEM, said, "Try again in a moment")
        case _:
            return Invalid(_SYSTEM, said)


def _message(body: str) -> str:
    """The message of a Status; anything else only cut."""

    try:
        return str(json.loads(body)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return body[:200]


def read_rollout(payload: Any) -> Rollout:
    """From the API's JSON, judged by the rules of `kubectl rollout status`.

    Absent numbers are 0, absent `spec.replicas` is 1. Raises Unavailable when it is no Deployment.
    """
    try:
        metadata, spec = payload["metadata"], payload["spec"]
        containers = spec["template"]["spec"]["containers"]
    except (KeyError, TypeError) as error:
        raise Unavailable(_SYSTEM, f"a Deployment without {error}") from error
    status = payload.get("status") or {}
    wanted = int(spec.get("replicas", 1))
    state, text = _judged(metadata, status, wanted)
    return Rollout(
        namespace=str(metadata.get("namespace", "")),
        name=str(metadata["name"]),
        state=state,
        text=text,
        images=tuple(str(container["image"]) for container in containers),
        wanted=wanted,
        updated=int(status.get("updatedReplicas", 0)),
        available=int(status.get("availableReplicas", 0)),
        resource_version=str(metadata.get("resourceVersion", "")),
    )


def _judged(
    metadata: Mapping[str, Any], status: Mapping[str, Any], wanted: int
) -> tuple[RolloutState, str]:
    updated = int(status.get("updatedReplicas", 0))
    available = int(status.get("availableReplicas", 0))
    old = int(status.get("replicas", 0)) - updated
    if int(metadata.get("generation", 0)) > int(status.get("observedGeneration", 0)):
        return RolloutState.WAITING, "waiting for the change to be seen"
    if any(_gave_up(condition) for condition in status.get("conditions") or ()):
        return RolloutState.FAILED, "exceeded its progress deadline"
    if updated < wanted:
        return RolloutState.WAITING, f"{updated} of {wanted} updated"
    if old > 0:
        return RolloutState.WAITING, f"{old} old to be terminated"
    if available < updated:
        return RolloutState.WAITING, f"{available} of {updated} available"
    return RolloutState.DONE, "rolled out"


def _gave_up(condition: Mapping[str, Any]) -> bool:
    return (
        condition.get("type") == "Progressing"
        and condition.get("reason") == "ProgressDeadlineExceeded"
    )


def read_pod(payload: Any) -> Pod:
    """From the API's JSON; the status is what kubectl's STATUS column says."""
    metadata, status = payload["metadata"], payload.get("status") or {}
    containers = status.get("containerStatuses") or []
    text = str(status.get("reason") or status.get("phase") or "Unknown")
    for container in reversed(containers):
        state = container.get("state") or {}
        for kind in ("waiting", "terminated"):
            text = str((state.get(kind) or {}).get("reason") or text)
    if metadata.get("deletionTimestamp"):
        text = "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    return Pod(
        name=str(metadata["name"]),
        images=tuple(str(container["image"]) for container in payload["spec"]["containers"]),
        ready=bool(containers) and all(container.get("ready") for container in containers),
        status=text,
    )
