"""`!app sync NAME [--prune]`, `!app terminate NAME`"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from bot import versions
from bot.arguments import Says
from bot.cards import counted, plain
from bot.command import operation
from bot.errors import Busy, CheckFailed, Refused
from bot.fleet import change_line, named, running, short
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.applications import Applications, Change, Detail, Done, Fate, Thing
from bot.ports.argocd import Application, ArgoCD, Health, Phase, Sync

_GUIDE = "ArgoCD CLI Login and Application Management"
Name = Annotated[str, Says("NAME")]


@dataclass(frozen=True)
class Syncing:
    """What a sync would do. `revisions` are what it deploys, by source; `deletes` needs prune.

    `changes` and `deletes` are objects as `CronJob monitoring/stale-pods`.
    """

    application: str
    revisions: tuple[str, ...]
    changes: tuple[str, ...]
    deletes: tuple[str, ...]
    prune: bool


@operation(
    "app sync",
    guide=_GUIDE,
    manual=("argocd app sync aks-rocketchat-ops --prune",),
    examples=("!app sync aks-rocketchat-ops", "!app sync aks-rocketchat-ops --prune"),
)
async def sync(
    name: Name, prune: bool = False, *, applications: Applications, argocd: ArgoCD
) -> Plan[Syncing]:
    """Bring an application to what git asks for; `--prune` also deletes what git has dropped."""
    found = await argocd.refresh((await named(applications, name)).name)
    changes = await applications.changes(found.name)
    deletes = [change for change in changes if change.fate is Fate.DELETE]
    touched = [change for change in changes if change.fate is not Fate.DELETE]
    _worth_it(found, touched, deletes, prune=prune)
    facts = Syncing(
        found.name,
        tuple(source.compared for source in found.sources),
        tuple(str(change.thing) for change in touched),
        tuple(str(change.thing) for change in deletes) if prune else (),
        prune,
    )
    to = ", ".join(short(revision) for revision in facts.revisions if revision)
    delete = f" and delete {counted(len(deletes), 'object')}" if prune and deletes else ""
    reached = [*touched, *(deletes if prune else [])]
    return Plan(
        f"Sync {found.name} to {to}{delete}",
        facts=facts,
        target=found.name,
        tier=Tier.HIGH if prune else Tier.MEDIUM,
        diff=_diff(reached),
        where=(found.name, f"now at {running(found)}"),
        findings=_findings(found, deletes, prune=prune),
        expected=timedelta(minutes=2),
        reach=_reach(change.thing for change in reached),
        versions=versions.of_application(found),
    )


def _worth_it(
    found: Application, touched: list[Change], deletes: list[Change], *, prune: bool
) -> None:
    """Raises Refused when a sync would do nothing."""
    if touched or (prune and deletes) or found.sync is Sync.UNKNOWN:
        return
    if deletes:
        raise Refused(
            f"{found.name} differs from git only by {counted(len(deletes), 'object')} git has "
            "dropped: a sync without prune leaves them.",
            f"Type `!app sync {found.name} --prune`",
        )
    raise Refused(
        f"{found.name} runs what git asks for. Nothing to sync.",
        f"Type `!app refresh {found.name}` when git has something newer",
    )


def _diff(changes: list[Change]) -> str:
    """Every object that is touched, by name: nobody approves what they have not read."""
    lines = [change_line(change).replace("`", "").replace("\\", "") for change in changes]
    return "\n".join(lines)


def _reach(things: Iterable[Thing]) -> Reach:
    found = list(things)
    return Reach(
        namespaces=tuple(sorted({thing.namespace for thing in found if thing.namespace})),
        objects=tuple(f"{thing.kind.lower()}/{thing.name}" for thing in found),
    )


def _findings(found: Application, deletes: list[Change], *, prune: bool) -> tuple[Finding, ...]:
    findings = [
        Finding(
            f"{found.name} is being synced now; wait until that has finished"
            if found.busy
            else f"nothing else is syncing {found.name}",
            not found.busy,
        ),
        Finding(
            f"Argo CD cannot compare it: {'; '.join(found.conditions)}"
            if found.sync is Sync.UNKNOWN
            else "Argo CD has compared it with git",
            found.sync is not Sync.UNKNOWN,
        ),
    ]
    if deletes and not prune:
        findings.append(
            Finding(f"{counted(len(deletes), 'object')} that git has dropped: left, see --prune")
        )
    if prune:
        findings.append(Finding(f"deletes {counted(len(deletes), 'object')}, no others"))
    return tuple(findings)


@sync.actions
def actions(facts: Syncing, *, argocd: ArgoCD, applications: Applications) -> Actions:
    """Ask for the sync, follow it, and see the application as git wants it."""

    async def ask(run: Run) -> str:
        found = await argocd.application(facts.application)
        if found.run and not found.run.finished and found.run.operation != run.id:
            raise Busy("Argo CD", f"{facts.application} is being synced by somebody else")
        await argocd.sync(facts.application, run.id, prune=facts.prune)
        return "accepted"

    async def done(run: Run) -> Sight:
        detail = await applications.detail(facts.application)
        state = detail.application.run
        if state is None or state.operation != run.id:
            raise CheckFailed(f"Another sync has taken the place of ours in {facts.application}")
        if not state.finished:
            return Sight(False, plain(state.told))
        if state.phase is not Phase.SUCCEEDED:
            raise CheckFailed(f"Argo CD: the sync ended {state.phase}: {_why(detail)}")
        return Sight(True, _told(detail, facts))

    async def even(run: Run) -> Sight:
        del run
        found = await argocd.application(facts.application)
        left = found.sync is not Sync.SYNCED and not await _only_dropped(applications, facts)
        good = found.health is Health.HEALTHY and not left and not found.busy
        return Sight(good, f"{found.sync}, {found.health}")

    return [
        Step(f"Sync {facts.application}", ask),
        Check("The sync has succeeded", done, within=timedelta(minutes=15)),
        Check(f"{facts.application} is as git wants it", even, within=timedelta(minutes=15)),
    ]


async def _only_dropped(applications: Applications, facts: Syncing) -> bool:
    """Whether nothing differs but what only a prune removes."""
    if facts.prune:
        return False
    changes = await applications.changes(facts.application)
    return all(change.fate is Fate.DELETE for change in changes)


def _why(detail: Detail) -> str:
    refused = [f"{r.thing}: {r.message}" for r in detail.results if r.done is Done.FAILED]
    run = detail.application.run
    return "; ".join(refused) or (run.message if run else "")


def _told(detail: Detail, facts: Syncing) -> str:
    """What the sync did. What it deleted must be what was agreed to."""
    pruned = {str(r.thing) for r in detail.results if r.done is Done.PRUNED}
    more = sorted(pruned - set(facts.deletes))
    if more:
        raise CheckFailed(f"Argo CD also deleted what was not in the plan: {', '.join(more)}")
    skipped = sum(r.done is Done.SKIPPED for r in detail.results)
    applied = sum(r.done is Done.SYNCED for r in detail.results)
    said = [f"{applied} applied"]
    said += [f"{len(pruned)} deleted"] if pruned else []
    said += [f"{skipped} dropped by git are left"] if skipped else []
    return ", ".join(said)


@dataclass(frozen=True)
class Stopping:
    """The sync that is to be stopped, known by when it began. `since` is ISO 8601."""

    application: str
    since: str


@operation(
    "app terminate",
    guide=_GUIDE,
    manual=("argocd app terminate-op aks-rocketchat-ops",),
    examples=("!app terminate aks-rocketchat-ops",),
    unbound={
        Bound.COMMIT: "it stops a sync, whatever that deploys",
        Bound.DIFF: "no object is described otherwise afterwards",
        Bound.OBJECTS: "the sync is known by when it began, a fact",
    },
)
async def terminate(name: Name, *, applications: Applications) -> Plan[Stopping]:
    """Stop the sync of an application that does not come to an end."""
    found = await named(applications, name)
    run = found.run
    if run is None or run.finished:
        raise Refused(f"No sync of {found.name} is running.", f"See `!app {found.name}`")
    since = run.started.isoformat() if run.started else ""
    return Plan(
        f"Stop the running sync of {found.name}",
        facts=Stopping(found.name, since),
        # Not the application's own name: the sync to be stopped may hold the lock on that.
        target=f"{found.name}/operation",
        tier=Tier.MEDIUM,
        reach=Reach(objects=(f"application/{found.name}",)),
        where=(found.name,),
        findings=(Finding(f"{run.phase}: {run.message}"),),
        expected=timedelta(minutes=1),
    )


@terminate.actions
def stop(facts: Stopping, *, applications: Applications) -> Actions:
    """Ask for the end, and see it."""

    async def ours() -> bool:
        run = (await applications.detail(facts.application)).application.run
        if run is None or run.finished:
            return False
        return run.started is None or run.started.isoformat() == facts.since

    async def ask(run: Run) -> str:
        del run
        if not await ours():
            return "it has ended by itself"
        await applications.terminate(facts.application)
        return "accepted"

    async def ended(run: Run) -> Sight:
        del run
        return Sight(not await ours(), "no longer running")

    return [
        Step(f"Stop the sync of {facts.application}", ask),
        Check("The sync has ended", ended, within=timedelta(minutes=5)),
    ]
