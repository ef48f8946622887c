"""The Kubernetes API's JSON in the bot's words: what every kind shares, and Deployments.

Pure. A field that is needed and absent is Unavailable, naming it; unknown fields are ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from bot.errors import AdapterError, Busy, Conflict, Denied, Invalid, Limited, Missing, Unavailable
from bot.jsontext import loads
from bot.ports.kubernetes import Rollout, RolloutState
from bot.ports.pods import Condition, Owner

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEM = "Kubernetes"
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""The media type that asks for an object without its content."""
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_SUFFIXES = {
    "m": Decimal("0.001"),
    "k": Decimal(10) ** 3, "M": Decimal(10) ** 6, "G": Decimal(10) ** 9, "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15, "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10, "Mi": Decimal(2) ** 20, "Gi": Decimal(2) ** 30, "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50, "Ei": Decimal(2) ** 60,
}  # fmt: skip


class Expired(Unavailable):
    """The pages of a list are not kept any longer; `token` goes on with the newest state."""

    def __init__(self, system: str, message: str, token: str = "") -> None:
        super().__init__(system, message, "Ask again")
        self.token = token


def refusal(status: int, body: str, retry_after: str = "") -> AdapterError:
    """The port error of a status that is not success. The body is cut to 200 characters."""
    said = f"{status} {_message(body)}"
    if status == 410:
        return Expired(SYSTEM, said, _token(body))
    if status == 429 and "disruption budget" in body:
        return Busy(SYSTEM, said, "Wait until another replica is ready")
    if status == 429:
        wait = timedelta(seconds=int(retry_after) if retry_after.isdigit() else 1)
        return Limited(SYSTEM, said, wait)
    kind, hint = _REFUSALS.get(status, (Invalid, ""))
    if status >= 500 or status < 300:
        kind, hint = Unavailable, "Try again in a moment"
    return kind(SYSTEM, said, hint)


_REFUSALS: dict[int, tuple[type[AdapterError], str]] = {
    401: (Denied, "Renew the kubeconfig's credential"),
    403: (Denied, "Give its account this right"),
    404: (Missing, ""),
    409: (Conflict, ""),
}


def _message(body: str) -> str:
    """The message of a Status; anything else only cut."""
    try:
        return str(loads(body)["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return body[:200]


def _token(body: str) -> str:
    try:
        return str(loads(body)["metadata"].get("continue") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""


@contextmanager
def decoding(what: str) -> Iterator[None]:
    """Make whatever is absent or of another shape Unavailable, naming it."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Unavailable(SYSTEM, f"{what} without a usable {error}") from error


def read_time(text: object) -> datetime | None:
    """RFC 3339, with or without a fraction; None for what is absent."""
    if not text:
        return None
    return datetime.fromisoformat(str(text)).astimezone(UTC)


def read_created(metadata: Mapping[str, Any]) -> datetime:
    """When the object was made; the beginning of time for a server that does not say."""
    return read_time(metadata.get("creationTimestamp")) or datetime.fromtimestamp(0, UTC)


def read_owner(metadata: Mapping[str, Any]) -> Owner | None:
    """The controller of the object."""
    for found in metadata.get("ownerReferences") or ():
        if found.get("controller"):
            return Owner(str(found["kind"]), str(found["name"]), str(found["uid"]))
    return None


def read_conditions(status: Mapping[str, Any]) -> tuple[Condition, ...]:
    """`status.conditions`."""
    return tuple(
        Condition(
            type=str(found["type"]),
            status=str(found["status"]),
            reason=str(found.get("reason") or ""),
            message=str(found.get("message") or ""),
            since=read_time(found.get("lastTransitionTime")),
        )
        for found in status.get("conditions") or ()
    )


def read_quantity(text: object) -> Decimal:
    """A Kubernetes quantity, such as `250m`, `12Gi`, `1.5` or `1e3`; absent is 0.

    Raises ValueError.
    """
    said = str(text or "0")
    suffix = said.lstrip("+-0123456789.")
    try:
        if suffix in _SUFFIXES:
            return Decimal(said.removesuffix(suffix)) * _SUFFIXES[suffix]
        return Decimal(said)
    except InvalidOperation:
        raise ValueError(f"quantity {said!r}") from None


def read_rollout(payload: Any) -> Rollout:
    """A Deployment, judged by the rules of `kubectl rollout status`.

    Absent numbers are 0, absent `spec.replicas` is 1. Raises Unavailable when it is no Deployment.
    """
    with decoding("a Deployment"):
        metadata, spec = payload["metadata"], payload["spec"]
        containers = spec["template"]["spec"]["containers"]
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
            generation=int(metadata.get("generation", 0)),
        )


def _judged(
    metadata: Mapping[str, Any], status: Mapping[str, Any], wanted: int
) -> tuple[RolloutState, str]:
    updated = int(status.get("updatedReplicas", 0))
    available = int(status.get("availableReplicas", 0))
    old = int(status.get("replicas", 0)) - updated
    if unobserved(metadata, status):
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


def unobserved(metadata: Mapping[str, Any], status: Mapping[str, Any]) -> bool:
    """Whether the controller has not seen the newest change of the object."""
    return int(metadata.get("generation", 0)) > int(status.get("observedGeneration", 0))


def _gave_up(condition: Mapping[str, Any]) -> bool:
    return (
        condition.get("type") == "Progressing"
        and condition.get("reason") == "ProgressDeadlineExceeded"
    )


def restart_patch(kind: str, at: datetime) -> dict[str, Any]:
    """What `kubectl rollout restart` changes. Raises Invalid for a kind without a pod template."""
    if kind not in {"Deployment", "StatefulSet", "DaemonSet"}:
        raise Invalid(SYSTEM, f"a {kind} cannot be restarted")
    stamp = {"kubectl.kubernetes.io/restartedAt": at.isoformat(timespec="seconds")}
    return {"spec": {"template": {"metadata": {"annotations": stamp}}}}


def refresh_patch(at: datetime) -> dict[str, Any]:
    """The annotation whose change makes External Secrets read the values again."""
    return {"metadata": {"annotations": {"force-sync": str(int(at.timestamp()))}}}
