"""What Houston needs of Grafana: data sources, dashboards, alert rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True)
class DataSource:
    """`type` is the plugin's, such as `prometheus`; `default` is what panels without one take."""

    uid: str
    name: str
    type: str
    default: bool = False


@dataclass(frozen=True)
class Dashboard:
    """A dashboard. `content` is its JSON without `id` and `version`; `version` counts its changes.

    `folder` is the folder's uid, empty for the root; `address` is where a person sees it.
    """

    uid: str
    folder: str
    version: int
    content: Mapping[str, Any]
    address: str = ""


@dataclass(frozen=True)
class AlertRule:
    """A rule on one expression: it fires when the result is more than `above` for as long as
    `lasts`. Without a result nothing is wrong: the cluster may be off.

    `source` is the uid of the data source the expression is asked of.
    """

    uid: str
    title: str
    folder: str
    group: str
    source: str
    expression: str
    above: float
    lasts: timedelta
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


class Grafana(Protocol):
    """Grafana. Every method may raise Unavailable or Denied."""

    async def data_sources(self) -> list[DataSource]:
        """Every data source, by name."""
        ...

    async def dashboard(self, uid: str) -> Dashboard:
        """Raises Missing."""
        ...

    async def save(self, dashboard: Dashboard, message: str) -> None:
        """Write it over its version, or make it when its version is 0; `message` goes into its
        history.

        Raises Moved when it has another version by now or its name is taken, Invalid for what is
        no dashboard or one that is provisioned from files, Missing without the folder,
        UnknownOutcome.
        """
        ...

    async def folder(self, uid: str) -> str:
        """Its title. Raises Missing."""
        ...

    async def make_folder(self, uid: str, title: str) -> None:
        """Raises Conflict when it is there, UnknownOutcome."""
        ...

    async def rule(self, uid: str) -> AlertRule:
        """A rule as far as it is of this form. Raises Missing."""
        ...

    async def put_rule(self, rule: AlertRule) -> None:
        """Make it, or make the one of this uid so. Stays open to changes in Grafana itself.

        Raises Invalid for what Grafana does not take, Missing without the folder or the data
        source, UnknownOutcome.
        """
        ...

    async def version(self) -> str:
        """Grafana's version, and that it takes the token."""
        ...
