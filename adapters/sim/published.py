"""What Rocket.Chat and others have published in the simulated world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.ports.charts import ChartVersion
from bot.ports.registry import Release

_MONGO_7 = ("5.0", "6.0", "7.0")
_MONGO_8 = ("7.0", "8.0", "8.2")
_SEVEN = ["7.10.0", "7.11.0", "7.12.0", "7.12.1", "7.12.2", "7.13.0", "7.13.1", "7.13.2"]
_EIGHT = ["8.0.0", "8.0.1", "8.0.2", "8.1.0", "8.2.0"]
RELEASES = {
    **dict.fromkeys(_SEVEN, _MONGO_7),
    **dict.fromkeys(_EIGHT, _MONGO_8),
    "9.0.0": ("8.0",),
}
"""Versions, and the MongoDB versions each runs on."""
GENERATOR = "ghcr.io/open-telemetry/opentelemetry-collector-contrib/telemetrygen"
IMAGES: dict[str, tuple[str, ...]] = {
    GENERATOR: ("v0.115.0", "latest"),
    "alpine": ("3", "3.18", "3.19", "3.19.9", "3.20", "3.21", "3.22", "20250108", "edge", "latest"),
    "prom/prometheus": (
        *("main", "latest", "v2.55.1", "v3.8.0", "v3.8.1", "v3.8.1-distroless", "v3.9.0-rc.0"),
        *("v3.9.0", "v3.9.1", "v3.9.1-distroless", "v3.10.0"),
    ),
    "mongo": (
        *("6.0.27", "7.0", "7.0.13", "7.0.14", "7.0.15", "7.0.28", "7.0.28-jammy", "8.0.17"),
        *("8.2.3", "8.2.4-rc0", "latest"),
    ),
}
"""Tags of images that are not Rocket.Chat's, by the image's short name."""


def _numbered(*versions: str) -> tuple[ChartVersion, ...]:
    return tuple(ChartVersion(version) for version in versions)


CHARTS: dict[str, dict[str, tuple[ChartVersion, ...]]] = {
    "https://rocketchat.github.io/helm-charts": {
        "rocketchat": (
            ChartVersion("7.0.1", "8.6.1"),
            ChartVersion("7.0.0", "8.5.0"),
            ChartVersion("6.30.0-rc.1", "8.0.1"),
            ChartVersion("6.29.0", "8.0.1"),
            ChartVersion("6.28.0", "8.0.0"),
            ChartVersion("6.27.1", "7.11.0"),
            ChartVersion("6.27.0", "7.10.0"),
        ),
        "monitoring": _numbered("1.4.0"),
    },
    "https://charts.external-secrets.io": {
        "external-secrets": _numbered("0.9.20", "0.10.5", "0.10.7", "1.2.0"),
    },
    "https://mongodb.github.io/helm-charts": {"mongodb-kubernetes": _numbered("1.6.0", "1.6.1")},
    "https://traefik.github.io/charts": {"traefik": _numbered("34.4.0", "34.4.1", "34.5.0")},
    "https://charts.jenkins.io": {"jenkins": _numbered("5.8.109", "5.8.110", "5.8.117")},
}
"""Versions of charts, by their repository and name."""


def listed(
    repository: str,
    images: Mapping[str, tuple[str, ...]],
    releases: Iterable[str],
    removed: set[tuple[str, str]],
) -> list[str] | None:
    """Every tag of an image; None for one nobody published."""
    known = images.get(repository, releases if "rocketchat/" in repository else None)
    return None if known is None else [tag for tag in known if (repository, tag) not in removed]


def released(version: str, releases: Mapping[str, tuple[str, ...]]) -> Release | None:
    """What is published of a version; `latest` is the newest."""
    if version == "latest":
        version = max(releases, key=lambda text: [int(part) for part in text.split(".")])
    known = releases.get(version)
    return Release(version, known) if known is not None else None
