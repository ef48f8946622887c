"""Types of settings, and what is said of the cluster Rocket.Chat runs on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.section import ClockTime, Section


def http(url: str) -> str:
    """An address without credentials. The error repeats nothing: they may stand in it."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        raise ValueError(_NO_ADDRESS) from None
    if "@" in parts.netloc:
        raise ValueError("credentials do not belong into an address: use the keys made for them")
    if parts.query or parts.fragment:
        raise ValueError("an address has no ? and no #: leave out what follows")
    if not usable or not url.isprintable() or " " in url:
        raise ValueError(_NO_ADDRESS)
    return url.rstrip("/")


_NO_ADDRESS = "is no http(s) address: write it like https://chat.example.org"
_NOTHING = timedelta(0)
LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""What this machine calls itself, and nobody else can reach."""
Duration = Annotated[timedelta, Field(gt=_NOTHING)]
Secret = Annotated[SecretStr, Field(min_length=1)]


class KubernetesSection(Section):
    """The cluster Rocket.Chat runs on."""

    kubeconfig: Path | None = None
    """A kubeconfig file; none: the configuration inside a pod."""
    context: str | None = None
    """The context in it; none: its current one."""
    namespaces: tuple[str, ...] = ("monitoring", "external-secrets")
    """Namespaces Houston looks after beside Rocket.Chat's own. It changes nothing elsewhere."""


class AnnounceSection(Section):
    """Who is told, beside the ops rooms, when a change is about to cut people off from chat."""

    room: str = Field("", pattern=r"^[^#@\s]*$")
    """Name of the room in which it is announced, and that it is over; empty: nowhere. Houston's
    account must be in it, or it must be public."""


class GuideSection(Section):
    """The operations guide people read, which `!guide check` holds against the facts."""

    path: str = Field("OPERATIONS.md", min_length=1)
    """Its Markdown file in the repository."""
    nightly: ClockTime | None = time(22)
    """When it is checked every night, on the clock of `zone`; what does not hold any more is said
    once. While the cluster is off it waits for the next start. None: not by itself."""


class MaintenanceSection(Section):
    """Cleaning up by hand."""

    image_prune: str = "k3s-image-prune"
    """The CronJob whose template `!prune images` runs."""
    keep: tuple[str, ...] = ()
    """Pods `!cleanup` never removes, as `namespace/pod` with stars: `monitoring/tracegen-*`."""
    at_most: int = Field(default=50, ge=1, le=500)
    """Pods one `!cleanup run` removes."""
    older_than: Duration = timedelta(minutes=10)
    """How long ago a pod must have ended."""


class MongoDBSection(Section):
    """Rocket.Chat's database, by the names it has had."""

    workloads: tuple[str, ...] = ("mongodb", "rocketchat-mongodb")
    """StatefulSets that are MongoDB. Those of MongoDBCommunity resources are found anyway."""
    buses: tuple[str, ...] = ("rocketchat-nats",)
    """Workloads of the message bus that microservices need."""
    config_map: str = "rocketchat-mongodb-fix-clustermonitor-role-configmap"
    """The ConfigMap with MongoDB's start-up scripts."""
    manifest: str = "ops/manifests/rocketchat-mongodb.yaml"
    """The file in the repository that declares it."""
    kustomization: str = "ops/kustomization.yaml"
    """The file that lists the manifest."""
    application: str = "aks-rocketchat-ops"
    """The Argo CD application that deploys it."""
    image: str = Field("mongo:{version}", pattern=r"^[^{}]+:[^{}/]*\{version\}[^{}/]*$")
    """The image whose tags say which versions of MongoDB there are. Docker's own has each; the
    operator's is `quay.io/mongodb/mongodb-community-server:{version}-ubi8`."""
    secrets: Mapping[str, tuple[str, ...]] = Field(
        default={
            "rocketchat-mongodb-external": ("mongo-uri", "mongo-oplog-uri"),
            "mongodb-admin-password": ("password",),
            "mongodb-rocketchat-password": ("password",),
            "metrics-endpoint-password": ("password",),
        }
    )
    """Secrets that must exist, with the keys each must have. Values are never read."""


class RocketChatSection(Section):
    """The Rocket.Chat that is operated."""

    namespace: str = "rocketchat"
    """Where its Deployments are."""
    release: str = "rocketchat"
    """The Helm release's name: Deployments are `<release>-rocketchat`, `<release>-account` …"""
    values: str = "values.yaml"
    """The values file in the repository."""
    microservice_images: str = "rocketchat/{service}-service"
    """Repository of each microservice's image; `{service}` is its name in kebab case."""

    @field_validator("microservice_images")
    @classmethod
    def _template(cls, images: str) -> str:
        if images.count("{service}") != 1 or re.search(r"[{}]", images.replace("{service}", "")):
            raise ValueError("must hold {service} once and no other brace: see the default")
        return images


class ConsoleSection(Section):
    """The web console, a second door for when chat is away. `door.operators` says who may enter."""

    host: str = "127.0.0.1"
    """The address to listen on; another than this machine's own needs `url`."""
    port: int = Field(8090, ge=0, le=65535)
    """The port; 0 takes a free one and says which in the log."""
    url: str = ""
    """The address people open, `https://houston.example.org`: a proxy in front ends TLS. No request
    under another name is answered. Empty: `http://127.0.0.1` and the port, on this machine only."""
    proxies: int = Field(0, ge=0, le=5)
    """How many proxies in front add to X-Forwarded-For; who comes too often is told apart by it."""
    idle: Annotated[timedelta, Field(gt=_NOTHING, le=timedelta(hours=8))] = timedelta(minutes=30)
    """After how long without a request somebody must log in again."""
    longest: Annotated[timedelta, Field(gt=_NOTHING, le=timedelta(days=1))] = timedelta(hours=8)
    """After how long in any case."""

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        if url and urlsplit(url).path.strip("/"):
            raise ValueError("has a path: the console is served at / of a name of its own")
        return http(url) if url else url

    @model_validator(mode="after")
    def _private(self) -> Self:
        """Tokens and cookies go through this address: not in clear over a network."""
        if self.host not in LOOPBACK and not self.url.startswith("https://"):
            raise ValueError("url must begin with https:// when host is not this machine alone")
        return self


class HealthSection(Section):
    """Where Houston answers whether it is well, and with its figures."""

    host: str = "127.0.0.1"
    """The address to listen on; `0.0.0.0` in a container."""
    port: int = Field(8080, ge=0, le=65535)
    """The port; 0 takes a free one and says which in the log."""


class TelemetrySection(Section):
    """Where traces of operations go."""

    endpoint: str
    """The address of an OpenTelemetry collector that takes OTLP over HTTP, for example
    `http://collector:4318`."""

    _url = field_validator("endpoint")(http)
