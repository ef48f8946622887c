"""Argo CD's applications in a few words, and which one a person means."""

from __future__ import annotations

from datetime import datetime

from bot.arguments import choose
from bot.cards import code, duration, plain
from bot.errors import Refused
from bot.ports.applications import Applications, Change, Deployed, Fate
from bot.ports.argocd import Application, Health, Phase, Sync

MANY = 8
"""Changes a card names one by one."""
_SYNCS = (Sync.UNKNOWN, Sync.OUT_OF_SYNC, Sync.SYNCED)
_HEALTHS = (
    Health.DEGRADED,
    Health.MISSING,
    Health.UNKNOWN,
    Health.PROGRESSING,
    Health.SUSPENDED,
    Health.HEALTHY,
)
_VERBS = {Fate.CREATE: "+ create", Fate.CHANGE: "~ change", Fate.DELETE: "− delete"}


async def seen(applications: Applications) -> list[Application]:
    """Every application Houston may see. Raises Refused when there is none, saying why."""
    found = await applications.applications()
    if found:
        return found
    account = await applications.account()
    who = f"the account {account}" if account else "Houston's account"
    raise Refused(
        f"Argo CD shows no application to {who}.",
        "Give it `p, ACCOUNT, applications, get, PROJECT/*, allow` in argocd-rbac-cm, or put the "
        "token of the right account into argocd.token",
    )


async def named(applications: Applications, word: str) -> Application:
    """The application a person means by its name, or by the end of it that only one has.

    Raises UsageError, Refused, and whatever listing raises.
    """
    found = {each.name: each for each in await seen(applications)}
    ending = [name for name in found if name.endswith(f"-{word.lower()}")]
    if word.lower() not in found and len(ending) == 1:
        return found[ending[0]]
    return found[choose(word, list(found), "application")]


def worst_first(found: list[Application]) -> list[Application]:
    """Those with problems before the others, each by name."""
    return sorted(
        found,
        key=lambda each: (
            each.well and not each.conditions,
            _HEALTHS.index(each.health),
            _SYNCS.index(each.sync),
            each.name,
        ),
    )


def trouble(found: Application) -> str:
    """What is wrong with it in a few words, empty when nothing is."""
    said = []
    if found.sync is not Sync.SYNCED:
        said.append(str(found.sync))
    if found.health is not Health.HEALTHY:
        said.append(str(found.health))
    run = found.run
    if run and run.phase in {Phase.FAILED, Phase.ERROR}:
        said.append(f"last sync {run.phase}: {run.message}")
    return ", ".join(said) or next(iter(found.conditions), "")


def short(revision: str) -> str:
    """A revision as people read it: seven letters of a commit, a chart's version whole."""
    whole = revision if len(revision) < 40 else revision[:7]
    return whole or "nothing"


def running(found: Application) -> str:
    """What is deployed: the commit, else the chart's version."""
    charts = [source.revision for source in found.sources if source.chart]
    return short(found.git.revision if found.git else next(iter(charts), ""))


def by(entry: Deployed | str) -> str:
    """Who asked for a sync."""
    who = entry if isinstance(entry, str) else entry.by
    return who or "Argo CD by itself"


def last_run(found: Application, now: datetime) -> str:
    """The current or last sync in a few words."""
    run = found.run
    if run is None:
        return "no sync noted"
    at = run.ended if run.finished and run.ended else run.started
    ago = f" {duration(now - at)} ago" if at else ""
    return f"{run.phase}{ago if run.finished else ''}, {by(run.by)}"


def change_line(change: Change) -> str:
    """One object a sync would touch, with what changes in it."""
    fields = f": {', '.join(change.fields[:4])}" if change.fields else ""
    more = f" and {len(change.fields) - 4} more" if len(change.fields) > 4 else ""
    return f"{_VERBS[change.fate]} {code(str(change.thing))}{plain(fields)}{more}"
