"""What Houston needs of the metrics: the hub that keeps them, the Prometheus that sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Rule = tuple[tuple[str, str], ...]
"""One relabelling rule: its keys and values in order of the keys, defaults written out."""


@dataclass(frozen=True)
class Series:
    """One series of an instant query. `labels` hold `__name__` too; `value` is as written."""

    labels: Mapping[str, str]
    value: str


@dataclass(frozen=True)
class ScrapeConfig:
    """What a Prometheus configuration says, without anything secret.

    `remote` are the addresses it sends to. `jobs` are the rules of each scrape job by its name,
    those for targets first, then those for metrics.
    """

    external: Mapping[str, str] = field(default_factory=dict)
    remote: tuple[str, ...] = ()
    jobs: Mapping[str, tuple[tuple[Rule, ...], tuple[Rule, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Running:
    """What a Prometheus runs with. `agent`: it only forwards, and cannot be asked for series.

    `started` is the process's start; `reloaded` is false when its last reload failed.
    """

    config: ScrapeConfig
    agent: bool
    version: str
    started: datetime
    reloaded: bool


@dataclass(frozen=True)
class ScrapeTarget:
    """One place it scrapes. `health` is `up`, `down` or `unknown`; `error` the last one."""

    job: str
    url: str
    health: str
    error: str = ""


class Metrics(Protocol):
    """The hub. Every method may raise Unavailable or Denied."""

    async def query(self, expression: str) -> list[Series]:
        """The series an expression selects now. Raises Invalid when it is no expression."""
        ...

    async def label_values(self, label: str, selector: str) -> list[str]:
        """The values a label has had in the last hour on the series a selector finds."""
        ...

    async def version(self) -> str:
        """What answers, in a few words."""
        ...


class Scraper(Protocol):
    """A Prometheus in a pod of the cluster. Every method may raise Unavailable or Denied.

    Raises Missing without the pod.
    """

    async def running(self, namespace: str, pod: str) -> Running:
        """Its configuration and flags."""
        ...

    async def targets(self, namespace: str, pod: str) -> list[ScrapeTarget]:
        """What it scrapes, by job and address."""
        ...

    async def query(self, namespace: str, pod: str, expression: str) -> list[Series]:
        """As the hub's, of its own series; external labels are not on them.

        Raises Conflict in agent mode: then it keeps none.
        """
        ...
