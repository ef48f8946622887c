"""Why an image cannot be pulled is read from what the kubelet says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.ports.pods import Activity, Container, Phase, Pod
from bot.pulling import unpulled

IMAGE = "ghcr.io/a/b:1"
GHCR = (
    "failed to authorize: failed to fetch anonymous token: unexpected status from GET request to "
    "https://ghcr.io/token?scope=repository%3Aa%2Fb%3Apull: 403 Forbidden"
)


def pod(reason: str, message: str = "", activity: Activity = Activity.WAITING) -> Pod:
    container = Container("c", IMAGE, activity, reason=reason, message=message)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Pod("n", "p", "u", Phase.PENDING, reason, at, containers=(container,))


@pytest.mark.parametrize(
    ("reason", "message", "events", "said", "final"),
    [
        ("ErrImagePull", GHCR, (), "refuses ghcr.io/a/b:1 to whoever has no account", True),
        ("ImagePullBackOff", "Back-off pulling image", (GHCR,), "no account", True),
        ("ErrImagePull", "ghcr.io/a/b:1: not found", (), "there is no ghcr.io/a/b:1", True),
        ("ImagePullBackOff", "manifest unknown", (), "there is no ghcr.io/a/b:1", True),
        ("ErrImagePull", "dial tcp: i/o timeout", (), "cannot be pulled: dial tcp", False),
        ("InvalidImageName", "couldn't parse", (), "cannot be pulled: couldn't parse", True),
    ],
)
def test_each_reason_is_told_apart_and_a_network_may_come_back(
    reason: str, message: str, events: tuple[str, ...], said: str, final: bool
) -> None:
    found = unpulled(pod(reason, message), events)

    assert found is not None
    assert said in found.text
    assert found.final is final


def test_a_pod_that_is_being_made_or_runs_says_nothing() -> None:
    assert unpulled(pod("ContainerCreating"), (GHCR,)) is None
    assert unpulled(pod("", activity=Activity.RUNNING)) is None
