"""What Rocket.Chat has published in the simulated world."""

from __future__ import annotations

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
OTHERS = {
    "ghcr.io/open-telemetry/opentelemetry-collector-contrib/telemetrygen": ("v0.115.0", "latest"),
}
"""Tags of images that are not Rocket.Chat's."""
