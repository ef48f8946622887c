"""`!apps`, `!app NAME` with its `diff`, `history` and `refresh`"""

import asyncio
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.cards import Card, Mark, code, counted, day_moment, duration, plain, table, text_file
from bot.clock import Clock
from bot.command import command
from bot.errors import AdapterError
from bot.fleet import (
    MANY,
    by,
    change_line,
    last_run,
    named,
    running,
    seen,
    short,
    trouble,
    worst_first,
)
from bot.ports.applications import Applications, Change, Deployed, Detail, Done, Fate, Resource
from bot.ports.argocd import Application, ArgoCD, Health, Sync
from bot.ports.chat import File
from bot.roles import Role

_GUIDE = "ArgoCD CLI Login and Application Management"
_LATELY = 3
_DIFF_LINES = 40
_OLD = 600
"""Seconds after which what Argo CD says of an application is called old."""
Name = Annotated[str, Says("NAME")]


@command("apps", guide=_GUIDE, manual=("argocd app list",), examples=("!apps",))
async def apps(*, applications: Applications, clock: Clock) -> Card:
    """List every Argo CD application, those with problems first."""
    found = worst_first(await seen(applications))
    now = clock.now()
    wrong = [each for each in found if not each.well or each.conditions]
    title = f"{len(found)} applications, all Synced and Healthy"
    if wrong:
        title = f"{len(wrong)} of {len(found)} applications need attention: {wrong[0].name}"
    head = ("", "application", "sync", "health", "runs", "since", "last sync")
    return Card(
        Mark.WARNING if wrong else Mark.OK,
        plain(title),
        tuple(f"✘ {code(each.name)} {plain(trouble(each))}" for each in wrong[:MANY]),
        block=table([head, *(_row(each, now) for each in found)]),
        next=tuple(f"!app {each.name}" for each in (wrong or found)[:2]),
    )


def _row(each: Application, now: datetime) -> tuple[str, ...]:
    good = each.well and not each.conditions
    age = duration(now - each.deployed) if each.deployed else "never"
    return (
        "✔" if good else "✘",
        each.name,
        str(each.sync),
        str(each.health),
        running(each),
        age,
        last_run(each, now),
    )


@command(
    "app",
    guide="Check Application Status",
    manual=("argocd app get aks-rocketchat-ops",),
    examples=("!app aks-rocketchat-ops", "!app ops"),
)
async def app(name: Name, *, applications: Applications, clock: Clock, zone: ZoneInfo) -> Card:
    """Show what is wrong in an application, and what its last syncs changed."""
    found = await named(applications, name)
    detail = await applications.detail(found.name)
    found, now = detail.application, clock.now()
    wrong = trouble(found)
    uneven = [each for each in detail.resources if each.sync is not Sync.SYNCED]
    return Card(
        Mark.WARNING if wrong else Mark.OK,
        plain(f"{found.name} is {wrong or 'Synced and Healthy'}"),
        (
            *(f"✘ {plain(condition)}" for condition in found.conditions),
            *_ailing(detail),
            *_refused(detail),
            *_uneven(uneven),
            *_sources(found),
            f"Last sync: {plain(last_run(found, now))}",
            *await _entries(applications, found, detail.history[:_LATELY], zone),
            *_age(detail, now),
        ),
        next=_next(found, uneven),
    )


def _ailing(detail: Detail) -> list[str]:
    found = [r for r in detail.resources if r.health not in {None, Health.HEALTHY}]
    lines = [f"✘ {code(str(r.thing))} {r.health} {plain(r.message)}".rstrip() for r in found]
    return _few(lines, "objects that are not healthy")


def _refused(detail: Detail) -> list[str]:
    found = [result for result in detail.results if result.done is Done.FAILED]
    lines = [f"✘ {code(str(r.thing))} was refused: {plain(r.message)}" for r in found]
    return _few(lines, "refused objects")


def _uneven(uneven: list[Resource]) -> list[str]:
    lines = [
        f"≠ {code(str(each.thing))} "
        + ("is not in git any more" if each.extra else "is not as git wants it")
        for each in uneven
    ]
    return _few(lines, "objects that are not as git wants them")


def _few(lines: list[str], what: str) -> list[str]:
    more = [f"… {len(lines) - MANY} more {what}"] if len(lines) > MANY else []
    return [*lines[:MANY], *more]


def _sources(found: Application) -> list[str]:
    return [
        f"{plain(source.chart or source.repository)} at {code(short(source.revision))}"
        + (
            f", git is at {code(short(source.compared))}"
            if source.compared != source.revision
            else ""
        )
        for source in found.sources
    ]


def _age(detail: Detail, now: datetime) -> list[str]:
    """A stopped cluster or controller leaves old truths standing."""
    if detail.reconciled is None or (now - detail.reconciled).total_seconds() < _OLD:
        return []
    ago = duration(now - detail.reconciled)
    return [f"All of this is {ago} old: Argo CD has not compared it since"]


def _next(found: Application, uneven: list[Resource]) -> tuple[str, ...]:
    if uneven or found.sync is Sync.OUT_OF_SYNC:
        return (f"!app diff {found.name}", f"!app sync {found.name}")
    if found.sync is Sync.UNKNOWN:
        return (f"!app refresh {found.name} --hard",)
    return (f"!app history {found.name}", "!apps")


async def _entries(
    applications: Applications,
    found: Application,
    entries: tuple[Deployed, ...],
    zone: ZoneInfo,
) -> list[str]:
    changed = await asyncio.gather(*(_changed(applications, found, each) for each in entries))
    return [
        f"{code(str(entry.id))} {day_moment(entry.at, zone)} {what}, {plain(by(entry))}"
        for entry, what in zip(entries, changed, strict=True)
    ]


async def _changed(applications: Applications, found: Application, entry: Deployed) -> str:
    """What a sync deployed: a commit with its subject, a chart with its version."""
    said = []
    for index, (source, revision) in enumerate(zip(found.sources, entry.revisions, strict=False)):
        if source.chart:
            said.append(f"{plain(source.chart)} {code(revision)}")
            continue
        try:
            known = await applications.revision(found.name, index, revision)
        except AdapterError:
            said.append(f"{code(short(revision))} (its message cannot be read)")
        else:
            said.append(f"{code(short(revision))} {plain(known.subject)} by {plain(known.author)}")
    return " with ".join(said)


@command(
    "app diff",
    guide=_GUIDE,
    manual=("argocd app diff aks-rocketchat-ops",),
    examples=("!app diff aks-rocketchat-ops",),
)
async def diff(name: Name, *, applications: Applications) -> Card:
    """Show what is not as git wants it; values of Secrets and ConfigMaps are never shown."""
    found = await named(applications, name)
    changes = await applications.changes(found.name)
    if not changes:
        return Card(
            Mark.OK,
            plain(f"{found.name} runs what git asks for"),
            (f"Compared with {code(running(found))}",),
            next=(f"!app refresh {found.name}",),
        )
    text = "\n".join(_diff(change) for change in changes if change.diff)
    lines = text.split("\n") if text else []
    prune = any(change.fate is Fate.DELETE for change in changes)
    return Card(
        Mark.WARNING,
        plain(f"{found.name} is not as git wants it in {counted(len(changes), 'object')}"),
        tuple(_few([change_line(change) for change in changes], "objects")),
        block="\n".join(lines[:_DIFF_LINES]),
        next=(f"!app sync {found.name}{' --prune' if prune else ''}",),
        files=(_file(found, text),) if len(lines) > _DIFF_LINES else (),
    )


def _diff(change: Change) -> str:
    return f"# {change.thing}\n{change.diff}"


def _file(found: Application, text: str) -> File:
    return text_file(f"{found.name}.diff", text)


@command(
    "app history",
    guide=_GUIDE,
    manual=("argocd app history aks-rocketchat-ops",),
    examples=("!app history aks-rocketchat-ops",),
)
async def history(name: Name, *, applications: Applications, zone: ZoneInfo) -> Card:
    """Show what was deployed when, by whom, and what it changed."""
    found = await named(applications, name)
    detail = await applications.detail(found.name)
    if not detail.history:
        return Card(Mark.INFO, plain(f"{found.name} was never deployed"), next=("!apps",))
    lines = await _entries(applications, found, detail.history, zone)
    at = detail.history[0].at
    return Card(
        Mark.INFO,
        plain(f"{found.name} was last deployed {day_moment(at, zone)}"),
        tuple(lines),
        next=(f"!app {found.name}",),
    )


@command(
    "app refresh",
    role=Role.OPERATOR,
    guide=_GUIDE,
    manual=("argocd app get aks-rocketchat-ops --refresh",),
    examples=("!app refresh aks-rocketchat-ops", "!app refresh ops --hard"),
)
async def refresh(
    name: Name, hard: bool = False, *, applications: Applications, argocd: ArgoCD, clock: Clock
) -> Card:
    """Let Argo CD look at git again; `--hard` drops its cache of manifests too."""
    before = await named(applications, name)
    await argocd.refresh(before.name, hard=hard)
    detail = await applications.detail(before.name)
    found = detail.application
    compared = found.git.compared if found.git else ""
    moved = before.git is not None and before.git.compared != compared
    news = f"found {code(short(compared))}" if moved else "found nothing new"
    begun = "" if not found.busy else "; a sync has begun"
    wrong = trouble(found)
    return Card(
        Mark.WARNING if wrong else Mark.OK,
        plain(f"{found.name} is {wrong or 'Synced and Healthy'}"),
        (f"Argo CD looked at git and {news}{begun}", *_age(detail, clock.now())),
        next=(f"!app diff {found.name}",) if wrong else ("!apps",),
    )
