"""What Houston needs of the repositories Helm charts come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class ChartVersion:
    """A published version of a chart; `app` is the version of what it installs, if it says so."""

    version: str
    app: str = ""


class Charts(Protocol):
    """Every chart repository that answers over HTTP with an index."""

    async def versions(self, repository: str, chart: str) -> list[ChartVersion]:
        """Every version of the chart, in no order that could be relied on.

        `repository` is the address as Argo CD has it, `https://rocketchat.github.io/helm-charts`.
        Raises Missing when the repository has no such chart or is none, Invalid when its index is
        larger than Houston reads, Unavailable when it cannot be asked or answers with something
        else, Denied when it is not visible to us.
        """
        ...
