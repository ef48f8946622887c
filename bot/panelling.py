"""What Houston puts into Grafana, and where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Panelling:
    """From the configuration. `source` is the uid of the metrics' data source, empty when it is to
    be found; `dashboard` a file in the repository; `folder` a uid, `title` what it is called;
    `group` is that of the alert rules."""

    source: str
    dashboard: str
    folder: str
    title: str
    group: str
