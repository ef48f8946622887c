"""`!metrics correct ITEM`"""

from datetime import timedelta
from typing import Annotated

from bot import versions
from bot.arguments import Says
from bot.cards import code
from bot.command import operation
from bot.errors import Refused, UsageError
from bot.gitops import changed, commit, deployed, healthy, settled, sync
from bot.pipeline import Pipeline
from bot.plan import Actions, Finding, Plan, Reach, Tier
from bot.ports.argocd import ArgoCD
from bot.ports.git import Edit, Git
from bot.scraping import at_home
from bot.target import Target

_EXTERNAL = ("global", "external_labels")


@operation(
    "metrics correct",
    guide='Incident: Grafana "Rocket.Chat Metrics" Dashboard shows N/A / No data',
    manual=(
        "edit prometheusScraping.enabled in values.yaml, or external_labels in "
        "ops/manifests/prometheus-agent-configmap.yaml",
        "git commit -a && git push",
    ),
    examples=("!metrics correct tenant_id",),
)
async def correct(
    item: Annotated[str, Says("ITEM")],
    *,
    git: Git,
    argocd: ArgoCD,
    target: Target,
    pipeline: Pipeline,
) -> Plan[Edit]:
    """Write into git what metrics need: a label the agent adds, or the switch they hang on.

    The item is the label's name, or the switch's key in the values file.
    """
    edit = changed(await _edit(item, git, target, pipeline), f"{item} in git")
    home = _home(edit, target, pipeline)
    return Plan(
        f"Correct {item} to {edit.after}",
        facts=edit,
        target=home.application,
        tier=Tier.MEDIUM,
        reach=Reach(objects=(f"application/{home.application}", f"file/{edit.path}")),
        diff=edit.diff,
        where=(f"{edit.path} on {git.branch} at {edit.base[:7]}", home.application),
        findings=(_afterwards(edit, pipeline), *await settled(argocd, git, home)),
        expected=timedelta(minutes=1),
        versions=await versions.application(argocd, home.application),
    )


@correct.actions
def actions(edit: Edit, *, git: Git, argocd: ArgoCD, target: Target, pipeline: Pipeline) -> Actions:
    """Commit, and let Argo CD deploy it."""
    home, item = _home(edit, target, pipeline), (edit.inside[-1:] or (".".join(edit.key),))[0]
    pushed = commit(git, edit, f"fix(monitoring): Correct {item} to {edit.after}")
    return [
        pushed,
        sync(argocd, git, home, pushed),
        deployed(argocd, home, pushed),
        healthy(argocd, home),
    ]


async def _edit(item: str, git: Git, target: Target, pipeline: Pipeline) -> Edit:
    """The one line that is to change. Raises UsageError, Refused."""
    for switch in pipeline.switches:
        if item == ".".join(switch):
            return await git.edit(target.values, switch, value=True)
    if item not in pipeline.external:
        known = [*pipeline.external, *map(".".join, pipeline.switches)]
        raise UsageError(
            f"{code(item[:40])} is nothing that is corrected here.",
            f"There are {', '.join(map(code, known))}",
        )
    value = pipeline.labels[item]
    try:
        return await git.edit(
            pipeline.template, pipeline.template_key, value, inside=(*_EXTERNAL, item)
        )
    except Refused as error:
        hint = f"Or add {code(f'{item}: {value}')} below {code('.'.join(_EXTERNAL))} by hand"
        raise Refused(error.message, f"{error.hint}. {hint}") from None


def _home(edit: Edit, target: Target, pipeline: Pipeline) -> Target:
    """The application that deploys the file."""
    return at_home(target, pipeline) if edit.path == pipeline.template else target


def _afterwards(edit: Edit, pipeline: Pipeline) -> Finding:
    if edit.path == pipeline.template:
        return Finding(
            f"{pipeline.deployment} reads its template when it starts: "
            "type !metrics restart-agent afterwards"
        )
    return Finding("the chart makes variables and port of it: !metrics check shows them afterwards")
