"""What ails one pod, as a cause with a name: from its state, its warnings and its last lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from bot.podview import hurting, workload
from bot.ports.pods import Event, Pod


class Kind(IntEnum):
    """Kinds of causes. What comes first explains what comes later."""

    CLUSTER = 0
    NODE = 1
    MOUNT = 2
    CONFIG = 3
    VOLUME = 4
    UNSCHEDULABLE = 5
    IMAGE = 6
    EVICTED = 7
    MEMORY = 8
    CRASH = 9
    NOT_READY = 10
    TERMINATING = 11
    OTHER = 12
    APPLICATION = 13
    CHAT = 14


@dataclass(frozen=True)
class SickPod:
    """A pod that is not well: why in a few words, its warnings, the last lines it wrote."""

    pod: Pod
    ailment: str
    events: tuple[Event, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def workload(self) -> str:
        return workload(self.pod)

    @property
    def text(self) -> str:
        """All that was said about it, for what to look for in it."""
        container = hurting(self.pod)
        said = [self.pod.message, container.message if container else ""]
        said += [event.message for event in self.events]
        return "\n".join([*said, *(c.message for c in self.pod.conditions)])


@dataclass(frozen=True)
class Symptom:
    """`key` is the same for pods that share the cause; `title` names it without its pods."""

    kind: Kind
    key: str
    title: str
    hint: str = ""


_MISSING = re.compile(r'(configmap|secret) "([^"]+)" not found', re.IGNORECASE)
_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) (\S+)", re.IGNORECASE)
_ATTACH = re.compile(r"Multi-Attach error for volume \S+ (?:[^\n]*)")
_UNBOUND = re.compile(r"unbound immediate PersistentVolumeClaims")
_IMAGE_REASONS = ("ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull")
_NAMES = {"configmap": "ConfigMap", "secret": "Secret"}


def symptom(sick: SickPod) -> Symptom:
    """The cause nearest to the pod."""
    container = hurting(sick.pod)
    for read in (_missing, _volume):
        found = read(sick.text)
        if found:
            return found
    if sick.pod.reason == "Evicted":
        return Symptom(Kind.EVICTED, "evicted", "evicted by its node", "the node was low on space")
    reason = f"{container.reason if container else ''} {sick.ailment}"
    if any(name in reason for name in _IMAGE_REASONS):
        return _image(sick, container.image if container else "?")
    if "Unschedulable" in reason:
        return Symptom(Kind.UNSCHEDULABLE, "unschedulable", "no node takes it")
    return _running(sick, reason)


def _running(sick: SickPod, reason: str) -> Symptom:
    name = sick.workload
    container = hurting(sick.pod)
    last = container.last.reason if container and container.last else ""
    if "OOMKilled" in (last, container.reason if container else ""):
        text = "killed for using more memory than its limit (OOMKilled)"
        return Symptom(Kind.MEMORY, f"memory {name}", text)
    if "CrashLoopBackOff" in reason or "restarted" in sick.ailment or sick.pod.phase == "Failed":
        code = container.last.exit_code if container and container.last else None
        ended = f" (exit code {code})" if code is not None else ""
        return Symptom(Kind.CRASH, f"crash {name}", f"ends again and again{ended}")
    if "deleted" in sick.ailment:
        return Symptom(Kind.TERMINATING, f"terminating {name}", "does not finish terminating")
    if "not ready" in sick.ailment:
        return Symptom(Kind.NOT_READY, f"not ready {name}", "runs and is not ready")
    return Symptom(Kind.OTHER, f"{sick.ailment} {name}", sick.ailment)


def _missing(text: str) -> Symptom | None:
    if found := _MISSING.search(text):
        kind = _NAMES[found[1].lower()]
        mount = "FailedMount" if "MountVolume" in text else ""
        return Symptom(
            Kind.MOUNT if mount else Kind.CONFIG,
            f"missing {kind} {found[2]}",
            f"{kind} {found[2]} is missing",
        )
    if found := _KEY.search(text):
        return Symptom(
            Kind.CONFIG,
            f"key {found[1]} {found[3]}",
            f"{found[2]} {found[3]} has no key {found[1]}",
        )
    return None


def _volume(text: str) -> Symptom | None:
    if found := _ATTACH.search(text):
        return Symptom(Kind.VOLUME, "attach", "its volume is still attached to another node",
                       found[0][:120])  # fmt: skip
    if _UNBOUND.search(text):
        return Symptom(Kind.VOLUME, "unbound", "its PersistentVolumeClaim is not bound")
    return None


_PULL = (
    (re.compile(r"\b403\b|denied|unauthorized|401|authentication required", re.IGNORECASE),
     "the registry refuses the image {image} (403)",
     "add imagePullSecrets, or use an image that may be pulled"),
    (re.compile(r"toomanyrequests|rate limit|\b429\b", re.IGNORECASE),
     "the registry's rate limit stops the pull of {image}",
     "wait, or pull with an account"),
    (re.compile(r"not found|manifest unknown|no such", re.IGNORECASE),
     "the image {image} does not exist in its registry",
     "correct the tag"),
    (re.compile(r"no space left", re.IGNORECASE),
     "the node has no space for the image {image}",
     "free space on the node"),
)  # fmt: skip


def _image(sick: SickPod, image: str) -> Symptom:
    for pattern, title, hint in _PULL:
        if pattern.search(sick.text):
            return Symptom(Kind.IMAGE, f"{title} {image}", title.format(image=image), hint)
    return Symptom(Kind.IMAGE, f"pull {image}", f"the image {image} cannot be pulled")
