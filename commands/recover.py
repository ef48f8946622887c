"""`!mongo recover`"""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot import versions
from bot.clock import Clock
from bot.command import operation
from bot.errors import Conflict, Missing, Refused
from bot.evidence import Evidence
from bot.gitops import deployed, sync
from bot.plan import Actions, Check, Disruption, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.podview import ailment, workload
from bot.ports.argocd import Application, ArgoCD
from bot.ports.git import Git
from bot.ports.history import History, Restoration
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Resources
from bot.scope import Database
from bot.symptoms import Kind, SickPod, symptom
from bot.target import Target

_COMES_UP = timedelta(minutes=10)
_APPEARS = timedelta(minutes=5)


@dataclass(frozen=True)
class Recover:
    """What the steps need. `lost` is None when the ConfigMap is there again."""

    namespace: str
    workload: str
    pod: str
    uid: str
    config_map: str
    lost: Restoration | None


@operation(
    "mongo recover",
    guide="Incident Recovery: MongoDB Stuck",
    manual=(
        "kubectl get configmap -n rocketchat rocketchat-mongodb-fix-clustermonitor-role-configmap",
        "git checkout COMMIT -- ops/manifests/rocketchat-mongodb.yaml",
        "git commit -a && git push",
        "kubectl delete pod rocketchat-mongodb-0 -n rocketchat",
        "kubectl delete pod -n rocketchat -l app.kubernetes.io/name=rocketchat-account",
    ),
    examples=("!mongo recover",),
)
async def recover(
    *,
    pods: Pods,
    resources: Resources,
    history: History,
    git: Git,
    argocd: ArgoCD,
    clock: Clock,
    database: Database,
    target: Target,
) -> Plan[Recover]:
    """Bring MongoDB back when a ConfigMap it mounts was deleted: restore, sync, restart, verify."""
    namespace = target.namespace
    stuck = await _stuck(pods, resources, namespace, database, clock)
    name = _missing(stuck, database)
    there = await resources.config_map(namespace, name)
    entry = database.manifest.removeprefix(database.kustomization.rpartition("/")[0] + "/")
    lost = None if there else await history.lost(database.manifest, database.kustomization, entry)
    pod, application = stuck.pod, await argocd.application(database.application)
    return Plan(
        f"Recover MongoDB: {'restart ' + pod.name if there else 'restore ' + name}",
        facts=Recover(namespace, workload(pod), pod.name, pod.uid, name, lost),
        target=database.application,
        tier=Tier.HIGH,
        diff=lost.diff if lost else "",
        where=(
            *((f"{lost.path} on {git.branch} at {lost.base[:7]}",) if lost else ()),
            f"{workload(pod)} in {namespace}",
        ),
        findings=(
            Finding(f"{pod.name} is {stuck.ailment}: {symptom(stuck).title}"),
            *(_found(lost) if lost else (Finding(f"ConfigMap {name} is there again"),)),
            *_followed(application, git.branch, lost),
        ),
        expected=timedelta(minutes=4),
        reach=Reach(None, 1, (namespace,), (f"pod/{pod.name}", f"configmap/{name}")),
        disrupts=Disruption(away=timedelta(minutes=2)),
        versions=_versions(name, application, there=there),
    )


def _versions(config_map: str, application: Application, *, there: bool) -> dict[str, str]:
    said = "there" if there else "not there"
    return {f"configmap/{config_map}": said, **versions.of_application(application)}


def _found(lost: Restoration) -> tuple[Finding, ...]:
    listed = f", and {lost.listing} lists it again" if lost.listing else ""
    return (
        Finding(f"git had {lost.path} until {lost.removed[:7]} ({lost.removed_by[:60]}){listed}"),
    )


def _followed(found: Application, branch: str, lost: Restoration | None) -> tuple[Finding, ...]:
    """Whether a commit would reach the cluster."""
    if lost is None:
        return ()
    followed = found.git.target_revision if found.git else "no branch"
    return (
        Finding(f"{found.name} follows {followed}, Houston pushes to {branch}", followed == branch),
        Finding(
            f"{found.name} is being synced now" if found.busy else f"{found.name} rests",
            not found.busy,
        ),
    )


async def _stuck(
    pods: Pods, resources: Resources, namespace: str, database: Database, clock: Clock
) -> SickPod:
    """The database's pod that is stuck. Raises Refused when there is none."""
    operated = {db.name for db in await resources.mongodb(namespace)}
    names = {*database.workloads, *operated}
    sets = [one.name for one in await resources.stateful_sets(namespace) if one.name in names]
    if not sets:
        raise Refused(
            f"There is no StatefulSet {' or '.join(sorted(names))} in {namespace}.",
            "mongodb.workloads in the configuration names them",
        )
    async for pod in pods.pods(namespace):
        if workload(pod) in sets:
            events = [event async for event in pods.events(namespace, uid=pod.uid)]
            warnings = tuple(event for event in events if event.warning)
            why = ailment(pod, clock.now())
            if not pod.ready and (why or warnings):
                return SickPod(pod, why or pod.status, warnings)
    raise Refused(f"{' and '.join(sets)} runs: there is nothing to recover.", "See `!mongo status`")


def _missing(stuck: SickPod, database: Database) -> str:
    """The ConfigMap it lacks. Raises Refused when something else keeps it down."""
    found = symptom(stuck)
    wanted = f"missing ConfigMap {database.config_map}"
    if found.kind in {Kind.MOUNT, Kind.CONFIG} and found.key == wanted:
        return database.config_map
    raise Refused(
        f"{stuck.pod.name} is down for another reason: {found.title}.",
        "`!diagnose mongodb` has the evidence",
    )


@recover.actions
def actions(
    facts: Recover,
    *,
    evidence: Evidence,
    pods: Pods,
    resources: Resources,
    history: History,
    git: Git,
    argocd: ArgoCD,
    clock: Clock,
    database: Database,
    target: Target,
) -> Actions:
    """Keep evidence, restore and sync, delete the stuck pod, then restart what crash-loops."""
    steps: Actions = [evidence.keep((facts.namespace, facts.pod))]
    if facts.lost is not None:
        pushed = _restore(facts.lost, history, git)
        application = replace(target, application=database.application)
        steps += [
            pushed,
            sync(argocd, git, application, pushed),
            deployed(argocd, application, pushed),
            _there(facts, resources),
        ]
    crashing = _Crashing(facts, pods, clock)
    return [
        *steps,
        _delete(facts, pods),
        _running(facts, pods),
        crashing.restart(evidence),
        crashing.gone(),
    ]


def _restore(lost: Restoration, history: History, git: Git) -> Step[str]:
    async def act(run: Run) -> str:
        subject = f"fix: Restore {lost.path.rpartition('/')[2]} as it was in {lost.source[:7]}"
        return await history.restore(lost, operation=run.id, subject=subject, author=run.requester)

    return Step(f"Commit to {git.branch}", act)


def _there(facts: Recover, resources: Resources) -> Check:
    async def look(run: Run) -> Sight:
        del run
        found = await resources.config_map(facts.namespace, facts.config_map)
        return Sight(found, "is there" if found else "is not there yet")

    return Check(f"ConfigMap {facts.config_map}", look, within=_APPEARS)


def _delete(facts: Recover, pods: Pods) -> Step[str]:
    async def act(run: Run) -> str:
        del run
        try:
            await pods.delete(facts.namespace, facts.pod, facts.uid)
        except (Missing, Conflict):
            return "was replaced already"
        return "deleted"

    return Step(f"Delete {facts.pod}", act)


def _running(facts: Recover, pods: Pods) -> Check:
    async def look(run: Run) -> Sight:
        del run
        try:
            pod = await pods.pod(facts.namespace, facts.pod)
        except Missing:
            return Sight(False, "is being made again")
        return Sight(pod.ready and pod.uid != facts.uid, pod.status)

    return Check(f"{facts.pod} running", look, within=_COMES_UP)


class _Crashing:
    """The services that crash-loop for want of the database: whichever they are by then."""

    def __init__(self, facts: Recover, pods: Pods, clock: Clock) -> None:
        self._facts = facts
        self._pods = pods
        self._clock = clock

    async def _found(self) -> list[Pod]:
        found = []
        async for pod in self._pods.pods(self._facts.namespace):
            why = ailment(pod, self._clock.now())
            ours = pod.owner and pod.owner.kind == "ReplicaSet"
            if ours and why and symptom(SickPod(pod, why)).kind is Kind.CRASH:
                found.append(pod)
        return found

    def restart(self, evidence: Evidence) -> Step[str]:
        async def act(run: Run) -> str:
            done = []
            for pod in await self._found():
                await evidence.bundle(run.id, pod.namespace, pod.name)
                try:
                    await self._pods.delete(pod.namespace, pod.name, pod.uid)
                except (Missing, Conflict):
                    continue
                done.append(workload(pod))
            return ", ".join(dict.fromkeys(done)) or "none crash-loops"

        return Step("Restart the services that crash-loop", act)

    def gone(self) -> Check:
        async def look(run: Run) -> Sight:
            del run
            crashing = [pod.name for pod in await self._found()]
            if crashing:
                return Sight(False, f"{crashing[0]} crash-loops")
            pods = [pod async for pod in self._pods.pods(self._facts.namespace)]
            waiting = [pod.name for pod in pods if not (pod.ready or pod.phase.terminal)]
            return Sight(not waiting, f"{waiting[0]} is not ready" if waiting else "all ready")

        return Check("Services ready", look, within=_COMES_UP)
