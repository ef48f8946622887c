"""The steps and checks every change by commit shares: commit, sync, deployed, rolled out."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot import versions
from bot.cards import code
from bot.errors import Already, Busy, CheckFailed, Moved, Refused
from bot.plan import Check, Finding, Reach, Run, Sight, Step
from bot.ports.argocd import Application, ArgoCD, Health, Phase, Sync
from bot.ports.git import Edit, Git
from bot.ports.kubernetes import Kubernetes, RolloutState
from bot.target import Target

_SYNC_TRIES = 20
_BETWEEN_TRIES = timedelta(seconds=3)


async def settled(
    argocd: ArgoCD, git: Git, target: Target, *, mends: bool = False
) -> tuple[Finding, ...]:
    """Whether the application is in a state from which a change can be judged.

    Args:
        mends: the change takes back what may have broken it, so that Degraded is no obstacle, but
            a reason for more eyes.
    """
    application = await argocd.refresh(target.application)
    head = await git.head()
    well = application.sync is Sync.SYNCED and application.health is Health.HEALTHY
    broken = application.sync is Sync.SYNCED and application.health is Health.DEGRADED
    return (
        Finding(
            f"{application.name} is {application.sync} and {application.health}",
            None if mends and broken else well,
            next=f"!app {application.name}",
        ),
        Finding(
            f"nothing else is syncing {application.name}"
            if not application.busy
            else f"{application.name} is being synced now; wait until that has finished",
            not application.busy,
            next=f"!app {application.name}",
        ),
        _follows(application, git.branch),
        _up_to_date(application, head),
    )


def _follows(application: Application, branch: str) -> Finding:
    followed = application.git.target_revision if application.git else "no branch"
    if followed == branch:
        return Finding(f"Argo CD follows {branch}, the branch Houston pushes to")
    return Finding(f"Argo CD follows {followed}, not {branch}: correct git.branch", ok=False)


def _up_to_date(application: Application, head: str) -> Finding:
    deployed = application.git.revision if application.git else ""
    if deployed == head:
        return Finding(f"{head[:7]} is what runs: nothing else waits to be deployed")
    return Finding(
        f"{head[:7]} is not deployed yet, Argo CD runs {deployed[:7] or 'nothing'}",
        ok=False,
        next=_sync_line(application.name),
    )


def changed(edit: Edit, what: str) -> Edit:
    """The edit, when it changes something. Raises Already when the file says so."""
    if not edit.changes:
        raise Already(f"{what} is already {edit.after}. Nothing to change.", "See `!status`")
    return edit


def numeric(edit: Edit, what: str) -> Edit:
    """The edit, when it changes a number: nothing else could be taken back. Raises Refused."""
    if not edit.before.isdecimal():
        raise Refused(
            f"{what} is {code(edit.before[:40])} in {edit.path}, which is no number.",
            "Correct it by hand first",
        )
    return changed(edit, what)


def reach(target: Target, *parts: str, replicas: int | None = None) -> Reach:
    """What a change of these services' values touches."""
    objects = tuple(f"deployment/{target.deployment(part)}" for part in parts)
    return Reach(replicas, namespaces=(target.namespace,), objects=objects)


async def live(
    argocd: ArgoCD, kubernetes: Kubernetes, target: Target, *names: str
) -> dict[str, str]:
    """These Deployments of the release and its application as they stand: see `bot.versions`."""
    return {
        **await versions.deployments(kubernetes, target.namespace, *names),
        **await versions.application(argocd, target.application),
    }


def commit(git: Git, edit: Edit, subject: str) -> Step[str]:
    """Push the edit; gives the commit's hash."""

    async def act(run: Run) -> str:
        return await git.commit(edit, operation=run.id, subject=subject, author=run.requester)

    return Step(f"Commit to {git.branch}", act)


def sync(argocd: ArgoCD, git: Git, target: Target, pushed: Step[str]) -> Step[str]:
    """Ask Argo CD for a sync of that commit, once; an automated one that came first will do.

    Raises Moved when somebody pushed since: nobody has approved what a sync would deploy now.
    """

    async def act(run: Run) -> str:
        for _ in range(_SYNC_TRIES):
            application = await argocd.refresh(target.application)
            if _runs(application, run[pushed]):
                return "Argo CD had begun by itself"
            await _still_last(git, run[pushed])
            try:
                await argocd.sync(target.application, run.id)
            except Busy:
                await asyncio.sleep(_BETWEEN_TRIES.total_seconds())
            else:
                return "accepted"
        raise Busy("Argo CD", f"{target.application} was busy with another sync all the time")

    # Once it is committed the command itself would find nothing to change.
    return Step(f"Sync {target.application}", act, again=_sync_line(target.application))


def _sync_line(application: str) -> str:
    return f"!app sync {application}"


async def _still_last(git: Git, commit: str) -> None:
    head = await git.head()
    if head == commit:
        return
    others = [
        f"{other.id[:7]} {other.message.splitlines()[0]} by {other.author.name}"
        for other in await git.between(commit, head)
    ]
    raise Moved(
        "git",
        f"{git.branch} moved after this commit, so it was not synced: {'; '.join(others)}",
        "Look at what came in between: whoever syncs now deploys that too",
    )


def deployed(argocd: ArgoCD, target: Target, pushed: Step[str]) -> Check:
    """The application runs that commit."""

    async def look(run: Run) -> Sight:
        application = await argocd.application(target.application)
        if _at(application, run[pushed]) and application.sync is Sync.SYNCED:
            return Sight(True, f"{run[pushed][:7]} synced")
        last = application.run
        if last and last.finished and last.phase in {Phase.FAILED, Phase.ERROR}:
            raise CheckFailed(f"Argo CD: the sync ended {last.phase}: {last.message}")
        return Sight(False, last.told if last and not last.finished else str(application.sync))

    return Check(f"{target.application} deployed", look, within=timedelta(minutes=10))


def healthy(argocd: ArgoCD, target: Target) -> Check:
    """The application is Synced and Healthy again."""

    async def look(run: Run) -> Sight:
        del run
        found = await argocd.application(target.application)
        good = found.health is Health.HEALTHY and found.sync is Sync.SYNCED and not found.busy
        return Sight(good, f"{found.sync}, {found.health}")

    return Check(f"{target.application} healthy", look, within=timedelta(minutes=15))


def rolled_out(
    kubernetes: Kubernetes,
    target: Target,
    part: str,
    *,
    image: str | None = None,
    replicas: int | None = None,
) -> Check:
    """The Deployment of this part has the wanted image and number, and its rollout is done."""
    deployment = target.deployment(part)

    async def look(run: Run) -> Sight:
        del run
        found = await kubernetes.rollout(target.namespace, deployment)
        if image is not None and image not in found.images:
            return Sight(False, "waiting for the new template", 0.0)
        if replicas is not None and found.wanted != replicas:
            return Sight(False, f"waiting for {replicas} replicas to be asked for", 0.0)
        if found.state is RolloutState.FAILED:
            raise CheckFailed(f"Kubernetes: {deployment}: {found.text}")
        share = min(found.updated, found.available) / found.wanted if found.wanted else 1.0
        ready = f"{found.available} of {found.wanted} ready"
        if replicas is not None and found.available > replicas:
            # kubectl calls a rollout done while the pods scaled away still run.
            return Sight(False, f"{ready}, {found.available - replicas} to be stopped")
        if found.state is RolloutState.DONE:
            return Sight(True, ready, 1.0)
        return Sight(False, f"{ready}, {found.text}", share)

    return Check(f"{deployment}", look, within=timedelta(minutes=15))


def _at(application: Application, commit: str) -> bool:
    return application.git is not None and application.git.revision == commit


def _runs(application: Application, commit: str) -> bool:
    """Whether the commit is deployed, or being deployed right now."""
    run = application.run
    if run and not run.finished and commit in run.revisions:
        return True
    return _at(application, commit) and application.sync is Sync.SYNCED
