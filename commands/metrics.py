"""`!metrics check`, `!metrics restart-agent`"""

from datetime import UTC, date, timedelta

from bot import versions
from bot.cards import Card, code
from bot.clock import Clock
from bot.command import command, operation
from bot.embedded import read
from bot.errors import AdapterError, CheckFailed, HoustonError, Refused
from bot.gitops import changed, commit, deployed, healthy, settled, sync
from bot.links import card
from bot.pipeline import Pipeline
from bot.plan import Actions, Check, Finding, Plan, Reach, Run, Sight, Tier
from bot.ports.argocd import ArgoCD
from bot.ports.git import Edit, Git
from bot.ports.kubernetes import Kubernetes, RolloutState
from bot.prometheus import drift
from bot.revision import next_revision
from bot.scraping import Scraping, at_home
from bot.target import Target

_GUIDE = 'Incident: Grafana "Rocket.Chat Metrics" Dashboard shows N/A / No data'


@command(
    "metrics check",
    guide=_GUIDE,
    manual=(
        "kubectl -n rocketchat describe deploy rocketchat-rocketchat",
        "kubectl -n rocketchat describe svc rocketchat-rocketchat",
        "kubectl get --raw /api/v1/namespaces/monitoring/pods/POD:9090/proxy/api/v1/status/config",
        'rocketchat_info{job="kubernetes-services"} in Grafana Explore',
    ),
    examples=("!metrics check",),
)
async def check(
    *,
    looked: Scraping,
) -> Card:
    """Find where Rocket.Chat's metrics get lost on their way to the dashboard."""
    return card("Rocket.Chat's metrics reach the dashboard", await looked.links())


@operation(
    "metrics restart-agent",
    guide=_GUIDE,
    manual=(
        "edit canepro.me/prometheus-agent-config-rev in "
        "ops/manifests/prometheus-agent-deployment.yaml",
        "git commit -a && git push",
        "argocd app sync aks-rocketchat-ops",
    ),
    examples=("!metrics restart-agent",),
)
async def restart_agent(
    *,
    looked: Scraping,
    git: Git,
    argocd: ArgoCD,
    kubernetes: Kubernetes,
    target: Target,
    pipeline: Pipeline,
    clock: Clock,
) -> Plan[Edit]:
    """Restart the Prometheus agent by a higher revision in git, and see its metrics arrive."""
    today = clock.now().astimezone(UTC).date()
    revision = next_revision(today, await _used(looked, today))
    edit = await git.edit(
        pipeline.manifest, pipeline.revision_key, revision, document=pipeline.document
    )
    edit = changed(edit, f"the revision of {pipeline.deployment}")
    home = at_home(target, pipeline)
    return Plan(
        f"Restart {pipeline.deployment} with revision {revision}",
        facts=edit,
        target=home.application,
        tier=Tier.MEDIUM,
        diff=edit.diff,
        where=(f"{edit.path} on {git.branch} at {edit.base[:7]}", home.application),
        findings=(await _difference(looked), *await settled(argocd, git, home)),
        expected=timedelta(minutes=2),
        reach=Reach(
            namespaces=(pipeline.namespace,), objects=(f"deployment/{pipeline.deployment}",)
        ),
        versions={
            **await versions.deployments(kubernetes, pipeline.namespace, pipeline.deployment),
            **await versions.application(argocd, home.application),
        },
    )


@restart_agent.actions
def actions(
    edit: Edit,
    *,
    looked: Scraping,
    git: Git,
    argocd: ArgoCD,
    kubernetes: Kubernetes,
    target: Target,
    pipeline: Pipeline,
) -> Actions:
    """Commit, let Argo CD deploy it, and see new pods run with the template and be heard."""
    home = at_home(target, pipeline)
    pushed = commit(
        git, edit, f"chore(monitoring): restart {pipeline.deployment} (rev {edit.after})"
    )
    return [
        pushed,
        sync(argocd, git, home, pushed),
        deployed(argocd, home, pushed),
        _restarted(kubernetes, looked, edit.after),
        _heard(looked),
        healthy(argocd, home),
    ]


async def _used(looked: Scraping, today: date) -> list[str]:
    """Revisions in git and on the pods that run. Raises Refused when git has none to count up."""
    pipeline = looked.pipeline
    content = (await looked.git.read(pipeline.manifest)).content
    try:
        declared = read(content, pipeline.revision_key, document=dict(pipeline.document))
    except Refused as error:
        raise _without(pipeline, error, next_revision(today, ())) from None
    try:
        live = [pod.annotations.get(pipeline.annotation, "") for pod in await looked.agents()]
    except AdapterError:
        live = []
    return [declared, *live]


def _without(pipeline: Pipeline, error: Refused, revision: str) -> Refused:
    """Which lines to add by hand, once, when there is no revision yet."""
    return Refused(
        f"{pipeline.manifest}: {error.message}",
        f"Add {code(f'{pipeline.annotation}: {chr(34)}{revision}{chr(34)}')} by hand below "
        f"{code('.'.join(pipeline.revision_key[:-1]))} of the Deployment {pipeline.deployment}, "
        "push, and let Argo CD deploy it: that is the first restart",
    )


async def _difference(looked: Scraping) -> Finding:
    """What a restart would change of the running configuration."""
    try:
        found = await _drifted(looked)
    except HoustonError as error:
        return Finding(f"what it runs with now is not seen: {error.message}", None)
    if not found:
        return Finding("it runs with the template already; a restart brings nothing new")
    return Finding(f"it runs with an older template: {'; '.join(found)}")


async def _drifted(looked: Scraping) -> list[str]:
    found = await looked.agents()
    if not found:
        return ["no pod of it is ready"]
    running = await looked.scraper.running(looked.pipeline.namespace, found[0].name)
    return drift(await looked.template(), running.config)


def _restarted(kubernetes: Kubernetes, looked: Scraping, revision: str) -> Check:
    """Every ready pod has the revision, and runs with the template."""
    pipeline = looked.pipeline

    async def look(run: Run) -> Sight:
        del run
        rollout = await kubernetes.rollout(pipeline.namespace, pipeline.deployment)
        if rollout.state is RolloutState.FAILED:
            raise CheckFailed(f"Kubernetes: {pipeline.deployment}: {rollout.text}")
        found = await looked.agents()
        new = [pod for pod in found if pod.annotations.get(pipeline.annotation) == revision]
        if not new or len(new) < len(found) or rollout.state is not RolloutState.DONE:
            return Sight(False, f"{len(new)} of {rollout.wanted} new pods ready")
        left = await _drifted(looked)
        return Sight(not left, "; ".join(left) or f"{len(new)} new pods run with the template")

    return Check(f"{pipeline.deployment} runs with the template", look, timedelta(minutes=10))


def _heard(looked: Scraping) -> Check:
    """The series at the hub carry every label."""

    async def look(run: Run) -> Sight:
        del run
        link = await looked.series()
        return Sight(bool(link.ok), link.text)

    return Check("labels at the hub", look, within=timedelta(minutes=10))
