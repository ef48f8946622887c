"""Pods and events from the Kubernetes API's JSON. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from adapters.kubernetes_read import (
    decoding,
    read_conditions,
    read_created,
    read_owner,
    read_quantity,
    read_time,
)
from bot.ports.nodes import Amount
from bot.ports.pods import (
    Activity,
    Container,
    Event,
    Phase,
    Pod,
    Reference,
    Termination,
)

_MIRROR = "kubernetes.io/config.mirror"


def read_pod(payload: Any) -> Pod:
    """A pod. Raises Unavailable when it is none."""
    with decoding("a Pod"):
        metadata, spec = payload["metadata"], payload["spec"]
        status = payload.get("status") or {}
        annotations = metadata.get("annotations") or {}
        containers = tuple(_containers(spec, status))
        regular = [container for container in containers if not container.init]
        return Pod(
            namespace=str(metadata.get("namespace", "")),
            name=str(metadata["name"]),
            uid=str(metadata.get("uid", "")),
            phase=Phase(status.get("phase") or Phase.UNKNOWN),
            status=_column(metadata, status, containers),
            created=read_created(metadata),
            ready=bool(regular) and all(container.ready for container in regular),
            node=str(spec.get("nodeName") or ""),
            ip=str(status.get("podIP") or ""),
            reason=str(status.get("reason") or ""),
            message=str(status.get("message") or ""),
            deleted=read_time(metadata.get("deletionTimestamp")),
            owner=read_owner(metadata),
            mirror=_MIRROR in annotations,
            containers=containers,
            conditions=read_conditions(status),
            references=tuple(dict.fromkeys(_references(spec))),
            labels=dict(metadata.get("labels") or {}),
            annotations=dict(annotations),
        )


def _column(
    metadata: Mapping[str, Any], status: Mapping[str, Any], containers: tuple[Container, ...]
) -> str:
    """What kubectl's STATUS column says (`printPod` in kubectl's printers)."""
    if metadata.get("deletionTimestamp"):
        return "Unknown" if status.get("reason") == "NodeLost" else "Terminating"
    text = str(status.get("reason") or status.get("phase") or "Unknown")
    starting = [c for c in containers if c.init]
    for done, container in enumerate(starting):
        if container.activity is Activity.TERMINATED and container.exit_code == 0:
            continue
        if container.reason and container.reason != "PodInitializing":
            return f"Init:{container.reason}"
        return f"Init:{done}/{len(starting)}"
    for container in reversed([c for c in containers if not c.init]):
        if container.activity is Activity.WAITING:
            text = container.reason or text
        elif container.activity is Activity.TERMINATED:
            text = container.reason or f"ExitCode:{container.exit_code}"
    return text


def _containers(spec: Mapping[str, Any], status: Mapping[str, Any]) -> Iterator[Container]:
    for asked, seen, init in (
        ("initContainers", "initContainerStatuses", True),
        ("containers", "containerStatuses", False),
    ):
        statuses = {found["name"]: found for found in status.get(seen) or ()}
        for wanted in spec.get(asked) or ():
            # One that is always restarted is a sidecar: it runs beside the others.
            before = init and wanted.get("restartPolicy") != "Always"
            yield _container(wanted, statuses.get(wanted["name"]) or {}, init=before)


def _container(wanted: Mapping[str, Any], seen: Mapping[str, Any], *, init: bool) -> Container:
    state = seen.get("state") or {}
    activity = next((found for found in Activity if state.get(found) is not None), None)
    said = state.get(activity or "") or {}
    last = (seen.get("lastState") or {}).get("terminated")
    code = said.get("exitCode")
    return Container(
        name=str(wanted["name"]),
        image=str(wanted["image"]),
        activity=activity or Activity.WAITING,
        ready=bool(seen.get("ready")),
        restarts=int(seen.get("restartCount", 0)),
        reason=str(said.get("reason") or ""),
        message=str(said.get("message") or ""),
        exit_code=int(code) if code is not None else None,
        since=read_time(said.get("finishedAt") or said.get("startedAt")),
        last=_termination(last) if last else None,
        image_id=str(seen.get("imageID") or ""),
        init=init,
        probes=tuple(_probes(wanted)),
    )


def _termination(found: Mapping[str, Any]) -> Termination:
    return Termination(
        reason=str(found.get("reason") or "Error"),
        exit_code=int(found.get("exitCode", 0)),
        message=str(found.get("message") or ""),
        finished=read_time(found.get("finishedAt")),
    )


def _probes(wanted: Mapping[str, Any]) -> Iterator[str]:
    for name in ("startup", "liveness", "readiness"):
        probe = wanted.get(f"{name}Probe")
        if not probe:
            continue
        if http := probe.get("httpGet"):
            yield f"{name} http-get :{http.get('port')}{http.get('path', '/')}"
        elif tcp := probe.get("tcpSocket"):
            yield f"{name} tcp-socket :{tcp.get('port')}"
        elif probe.get("grpc"):
            yield f"{name} grpc :{probe['grpc'].get('port')}"
        else:
            yield f"{name} exec"


def _references(spec: Mapping[str, Any]) -> Iterator[Reference]:
    for volume in spec.get("volumes") or ():
        yield from _volume(volume)
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for source in container.get("envFrom") or ():
            yield from _named(source, "configMapRef", "secretRef")
        for variable in container.get("env") or ():
            yield from _named(variable.get("valueFrom") or {}, "configMapKeyRef", "secretKeyRef")


def _volume(volume: Mapping[str, Any]) -> Iterator[Reference]:
    for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
        if found := source.get("configMap"):
            yield Reference("ConfigMap", str(found["name"]), bool(found.get("optional")))
        if found := source.get("secret"):
            name = found.get("secretName") or found.get("name")
            yield Reference("Secret", str(name), bool(found.get("optional")))
    if found := volume.get("persistentVolumeClaim"):
        yield Reference("PersistentVolumeClaim", str(found["claimName"]))


def _named(source: Mapping[str, Any], config_map: str, secret: str) -> Iterator[Reference]:
    for kind, key in (("ConfigMap", config_map), ("Secret", secret)):
        if found := source.get(key):
            yield Reference(kind, str(found["name"]), bool(found.get("optional")))


def read_event(payload: Any) -> Event:
    """An event of either API version. Raises Unavailable when it is none."""
    with decoding("an Event"):
        metadata, about = payload["metadata"], payload["involvedObject"]
        series = payload.get("series") or {}
        created = read_created(metadata)
        once = read_time(payload.get("eventTime"))
        return Event(
            namespace=str(metadata.get("namespace", "")),
            kind=str(about.get("kind", "")),
            name=str(about.get("name", "")),
            uid=str(about.get("uid", "")),
            warning=payload.get("type") == "Warning",
            reason=str(payload.get("reason") or ""),
            message=str(payload.get("message") or "").strip(),
            count=int(series.get("count") or payload.get("count") or 1),
            first=read_time(payload.get("firstTimestamp")) or once or created,
            last=read_time(series.get("lastObservedTime"))
            or read_time(payload.get("lastTimestamp"))
            or once
            or created,
        )


def read_requests(payload: Any) -> Amount:
    """What a pod asks for: the sum of its containers, or its greatest init container."""
    with decoding("a Pod"):
        spec = payload["spec"]
        together = _sum(spec.get("containers") or ())
        starting = spec.get("initContainers") or ()
        together += _sum(c for c in starting if c.get("restartPolicy") == "Always")
        for container in starting:
            alone = _sum((container,))
            together = Amount(
                max(together.cpu, alone.cpu),
                max(together.memory, alone.memory),
                max(together.disk, alone.disk),
            )
        return Amount(together.cpu, together.memory, together.disk, 1)


def _sum(containers: Any) -> Amount:
    found = Amount()
    for container in containers:
        found += read_amount((container.get("resources") or {}).get("requests") or {})
    return found


def read_amount(said: Mapping[str, Any]) -> Amount:
    """Quantities by resource name. Raises ValueError."""
    return Amount(
        cpu=int(read_quantity(said.get("cpu")) * 1000),
        memory=int(read_quantity(said.get("memory"))),
        disk=int(read_quantity(said.get("ephemeral-storage"))),
        pods=int(read_quantity(said.get("pods"))),
    )
