"""`!loglevel LEVEL`"""

from datetime import timedelta
from enum import StrEnum

from houston import (
    Actions,
    ArgoCD,
    Edit,
    Git,
    Plan,
    Target,
    Tier,
    changed,
    commit,
    deployed,
    healthy,
    operation,
    reach,
    settled,
    sync,
)


class Level(StrEnum):
    WARN = "warn"
    INFO = "info"
    DEBUG = "debug"


@operation(
    "loglevel",
    manual=("edit microservices.logLevel in values.yaml", "git commit -a && git push"),
    examples=("!loglevel debug",),
)
async def loglevel(level: Level, *, git: Git, argocd: ArgoCD, target: Target) -> Plan[Edit]:
    """Set how much the microservices log."""
    edit = await git.edit(target.values, ("microservices", "logLevel"), level.value)
    edit = changed(edit, "the log level")
    return Plan(
        f"Log at {level} instead of {edit.before}",
        facts=edit,
        target=target.application,
        tier=Tier.LOW,
        undo=f"!loglevel {edit.before}",
        diff=edit.diff,
        where=(f"{target.values} on {git.branch} at {edit.base[:7]}", target.application),
        findings=await settled(argocd, git, target),
        expected=timedelta(minutes=1),
        reach=reach(target),
    )


@loglevel.actions
def actions(edit: Edit, *, git: Git, argocd: ArgoCD, target: Target) -> Actions:
    """Commit, let Argo CD deploy it, and see the application healthy again."""
    pushed = commit(git, edit, f"chore: Log at {edit.after} instead of {edit.before}")
    return [
        pushed,
        sync(argocd, git, target, pushed),
        deployed(argocd, target, pushed),
        healthy(argocd, target),
    ]
