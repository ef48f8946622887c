"""The settings of reports."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from bot.jobhealth import JobRules
from bot.section import Section, Window
from bot.sections import Duration


class ReportsSection(Section):
    """What reports call wrong."""

    run_limits: dict[str, Duration] = Field(
        default_factory=lambda: {"*cleanup*": timedelta(hours=25), "*prune*": timedelta(days=8)}
    )
    """How long ago a CronJob's last success may be, by patterns of its name; the first one counts.
    Time in which the cluster is off by its schedule is not held against it."""
    failures: int = Field(2, ge=1)
    """So many failed runs in a row are an alarm."""
    grace: Duration = timedelta(minutes=20)
    """How long after it could a run must have begun."""

    watch_every: Duration | None = timedelta(minutes=5)
    """Between two looks for what breaks between reports; two of them must agree. `null`: nothing is
    watched, and only reports tell."""
    quiet: tuple[Window, ...] = ()
    """Hours in which only what is critical opens an incident card; the rest waits."""

    unasked: tuple[str, ...] = ()
    """Hosts that `!report weekly` does not ask for newer versions, with stars: `["*"]` where there
    is no way out. They are those of `releases`, of Argo CD's chart repositories and of the images'
    registries, as `registry-1.docker.io`. What is not asked is said to be unknown."""

    @property
    def job_rules(self) -> JobRules:
        """As the reports take them."""
        return JobRules(tuple(self.run_limits.items()), self.failures, self.grace)
