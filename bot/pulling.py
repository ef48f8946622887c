"""Why a pod's image cannot be pulled, in words. Pure.

Texts are those of containerd as the kubelet passes them on; a registry that asks for an account
refuses the anonymous token itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ports.pods import Activity, Pod

_FOR_EVER = {"InvalidImageName", "ErrImageNeverPull"}
_REASONS = {"ErrImagePull", "ImagePullBackOff", *_FOR_EVER}
_REFUSED = re.compile(r"\b40[13]\b|denied|unauthorized|failed to authorize", re.IGNORECASE)
_MISSING = re.compile(r"not found|manifest unknown", re.IGNORECASE)
_QUOTED = 160


@dataclass(frozen=True)
class Unpulled:
    """Why, and what to do. `final`: trying again will not help; a network may come back."""

    text: str
    final: bool = True


def unpulled(pod: Pod, events: Sequence[str] = ()) -> Unpulled | None:
    """What keeps its images away; None when they were pulled or are being pulled.

    Args:
        events: messages of the pod's warnings, newest first: a back-off's own message may be empty.
    """
    for container in pod.containers:
        if container.activity is Activity.WAITING and container.reason in _REASONS:
            text = " ".join((container.message, *events))
            return _said(container.image, container.reason, text)
    return None


def _said(image: str, reason: str, text: str) -> Unpulled:
    if _REFUSED.search(text):
        return Unpulled(
            f"the registry refuses {image} to whoever has no account: take another image or "
            "registry, or give the Job imagePullSecrets"
        )
    if _MISSING.search(text):
        return Unpulled(
            f"there is no {image}: take a tag that exists, or pin the digest that worked last"
        )
    said = f"{image} cannot be pulled: {text[:_QUOTED]}"
    return Unpulled(said, reason in _FOR_EVER)
