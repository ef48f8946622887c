"""Why a pod's image cannot be pulled, in words. Pure.

Texts are those of containerd as the kubelet passes them on; a registry that asks for an account
refuses the anonymous token itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.ports.pods import Activity, Pod

_REASONS = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
_REFUSED = re.compile(r"\b40[13]\b|denied|unauthorized|failed to authorize", re.IGNORECASE)
_MISSING = re.compile(r"not found|manifest unknown", re.IGNORECASE)
_QUOTED = 160


def unpulled(pod: Pod, events: Sequence[str] = ()) -> str:
    """Why, and what to do; empty when its images were pulled or are being pulled.

    Args:
        events: messages of the pod's warnings, newest first: a back-off's own message may be empty.
    """
    for container in pod.containers:
        if container.activity is Activity.WAITING and container.reason in _REASONS:
            return _said(container.image, " ".join((container.message, *events)))
    return ""


def _said(image: str, text: str) -> str:
    if _REFUSED.search(text):
        return (
            f"the registry refuses {image} to whoever has no account: take another image or "
            "registry, or give the Job imagePullSecrets"
        )
    if _MISSING.search(text):
        return f"there is no {image}: take a tag that exists, or pin the digest that worked last"
    return f"{image} cannot be pulled: {text[:_QUOTED]}"
