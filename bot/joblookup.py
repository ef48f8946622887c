"""Finds the CronJob a person means by its name."""

from __future__ import annotations

from bot.arguments import choose
from bot.errors import Refused
from bot.ports.jobs import CronJob, Jobs
from bot.scope import Scope


async def named(jobs: Jobs, scope: Scope, word: str) -> CronJob:
    """The CronJob with this name among the namespaces Houston looks after.

    Raises UsageError with the nearest names, Refused when two have it.
    """
    found = [each for space in scope.namespaces async for each in jobs.cron_jobs(space)]
    name = choose(word, [each.name for each in found], "CronJob")
    mine = [each for each in found if each.name == name]
    if len(mine) > 1:
        raise Refused(
            f"{name} is in {' and '.join(each.namespace for each in mine)}.",
            "Give one of them another name",
        )
    return mine[0]
