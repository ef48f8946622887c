"""The Rocket.Chat that is operated: where its values stand and what its parts are called."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.errors import Refused
from bot.scalar import KeyPath
from bot.yamlfile import load

MONOLITH = "rocketchat"
IMAGE_TAG: KeyPath = ("image", "tag")


@dataclass(frozen=True)
class Part:
    """One Deployment of the release. `replicas_key` is where the values file scales it."""

    name: str
    deployment: str
    image: str
    replicas_key: KeyPath
    replicas: int


@dataclass(frozen=True)
class Target:
    """Names from the configuration.

    `microservice_images` holds `{service}` for a microservice's name in kebab case.
    """

    application: str
    namespace: str
    release: str
    values: str
    microservice_images: str

    def deployment(self, part: str) -> str:
        """The Deployment of a part, by the part's name in the values file."""
        return f"{self.release}-{_kebab(part)}"

    def parts(self, content: bytes) -> tuple[Part, ...]:
        """The monolith and each microservice the values file declares replicas for.

        Raises Refused when the file is no usable values file.
        """
        try:
            values = load(content)
        except Refused as error:
            raise Refused(f"{self.values}: {error.message}", error.hint) from None
        if not isinstance(values, dict):
            values = {}
        image = values.get("image")
        if not isinstance(image, dict) or not image.get("repository"):
            raise Refused(
                f"{self.values} is no Rocket.Chat values file: image.repository is missing",
                "Check rocketchat.values in the configuration",
            )
        monolith = Part(
            MONOLITH,
            self.deployment(MONOLITH),
            str(image["repository"]),
            ("replicaCount",),
            _count(values.get("replicaCount")),
        )
        services = values.get("microservices")
        if not isinstance(services, dict) or services.get("enabled") is not True:
            return (monolith,)
        found = (self._service(key, entry) for key, entry in services.items())
        return (monolith, *(part for part in found if part))

    def _service(self, key: object, entry: object) -> Part | None:
        if not isinstance(key, str) or not isinstance(entry, dict) or "replicas" not in entry:
            return None
        return Part(
            key,
            self.deployment(key),
            self.microservice_images.format(service=_kebab(key)),
            ("microservices", key, "replicas"),
            _count(entry["replicas"]),
        )


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 1
