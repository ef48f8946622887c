"""`!cluster start`, `!cluster stop`"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.cards import day_moment, duration
from bot.clock import Clock
from bot.comeback import LONGEST, answers, deployed, nodes_ready
from bot.command import operation
from bot.errors import AdapterError, Already, CheckFailed, HoustonError
from bot.hosting import Hosting, Nights, nights
from bot.plan import (
    Actions,
    Bound,
    Check,
    Disruption,
    Finding,
    Plan,
    Reach,
    Run,
    Sight,
    Step,
    Tier,
)
from bot.ports.automation import Automation, JobState
from bot.ports.azure import Azure, ManagedCluster, Outcome, PowerState
from bot.ports.chat import Chat, Post
from bot.ports.kubernetes import Kubernetes
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.store import DOORS, State, Store
from bot.request import post_id
from bot.seen import seen
from bot.target import Target

COME_BACK = "houston exec '!cluster start'"
_UNBOUND = {
    Bound.COMMIT: "git is neither read nor changed",
    Bound.DIFF: "nothing is described otherwise afterwards",
    Bound.OBJECTS: "Azure's word on the cluster, and what turns it back, are facts",
}


@dataclass(frozen=True)
class Turn:
    """What a start or stop rests on.

    `power` is what Azure said. `runbook` is empty when Azure itself is asked. `until` is when the
    schedule turns it back, ISO 8601 in UTC, empty for never.
    """

    cluster: str
    power: str
    runbook: str
    until: str


@operation(
    "cluster start",
    guide="Cluster Stopped",
    manual=("az aks start -g rg-canepro-aks -n aks-canepro",),
    examples=("!cluster start",),
    while_off=True,
    unbound=_UNBOUND,
)
async def start(
    *, azure: Azure, automation: Automation, hosting: Hosting, clock: Clock, zone: ZoneInfo
) -> Plan[Turn]:
    """Start the cluster, and see its nodes and Rocket.Chat come back."""
    cluster = await azure.cluster()
    known, unseen = await _nights(automation, hosting, clock)
    end = known.next_stop if known else None
    if cluster.already(PowerState.RUNNING):
        raise _already(cluster, "runs", end, zone)
    left = duration(end - clock.now()) if end else ""
    return Plan(
        f"Start {cluster.name}",
        facts=_facts(cluster, "", end),
        target=cluster.name,
        tier=Tier.LOW,
        reach=Reach(objects=(f"managedcluster/{cluster.name}",)),
        undo="!cluster stop",
        where=(f"{cluster.name} in {cluster.group}",),
        findings=(
            _idle(cluster),
            Finding(
                f"the schedule stops it {day_moment(end, zone)}, in {left}"
                if end
                else "no schedule that Houston can see stops it again"
            ),
            *unseen,
        ),
        expected=timedelta(minutes=8),
    )


@start.actions
def start_actions(
    facts: Turn,
    *,
    azure: Azure,
    automation: Automation,
    kubernetes: Kubernetes,
    nodes: Nodes,
    pods: Pods,
    chat: Chat,
    hosting: Hosting,
    target: Target,
) -> Actions:
    """Ask Azure, wait for it, then for the nodes, the Deployments and Rocket.Chat itself."""
    return [
        Step(f"Start {facts.cluster}", lambda run: azure.start()),
        _turned(azure, automation, facts, PowerState.RUNNING),
        nodes_ready(nodes),
        deployed(kubernetes, pods, target),
        *([answers(chat)] if hosting.hosts_chat else []),
    ]


@operation(
    "cluster stop",
    guide="Cost Optimization: AKS Cluster Scheduling",
    manual=("az aks stop -g rg-canepro-aks -n aks-canepro",),
    examples=("!cluster stop",),
    while_off=True,
    unbound=_UNBOUND,
)
async def stop(
    *,
    azure: Azure,
    automation: Automation,
    store: Store,
    hosting: Hosting,
    clock: Clock,
    zone: ZoneInfo,
) -> Plan[Turn]:
    """Stop the cluster now, and Rocket.Chat with it, until the next start."""
    cluster = await azure.cluster()
    known, unseen = await _nights(automation, hosting, clock)
    back = known.next_start if known else None
    if cluster.already(PowerState.STOPPED):
        raise _already(cluster, "is stopped", back, zone)
    runbook = hosting.stop_runbook if hosting.automated else ""
    facts = _facts(cluster, runbook, back)
    return Plan(
        f"Stop {cluster.name}",
        facts=facts,
        target=cluster.name,
        tier=Tier.HIGH,
        reach=Reach(objects=(f"managedcluster/{cluster.name}",)),
        undo="!cluster start",
        where=(f"{cluster.name} in {cluster.group}, {cluster.nodes} nodes",),
        findings=(
            _idle(cluster),
            *(Finding(text, ok=False) for text in await _cut_off(store, cluster.name)),
            Finding(_farewell(facts, hosting, zone)),
            *unseen,
            Finding(
                f"{runbook} drains the build agents first"
                if runbook
                else "nothing is drained first: no Automation account is configured"
            ),
        ),
        expected=timedelta(minutes=5),
        disrupts=Disruption(away=None, until=back) if hosting.hosts_chat else None,
    )


@stop.actions
def stop_actions(
    facts: Turn,
    *,
    azure: Azure,
    automation: Automation,
    chat: Chat,
    store: Store,
    hosting: Hosting,
    zone: ZoneInfo,
) -> Actions:
    """Say goodbye while there is somebody to read it, then stop it, and see it stopped."""

    async def goodbye(run: Run) -> str:
        record = await store.operations.get(run.id)
        if record is None or record.room_id in DOORS:
            return "nobody to tell"
        text = f":warning: *{facts.cluster} stops now.* {_farewell(facts, hosting, zone)}."
        try:
            await chat.post(Post(post_id(run.id, "goodbye"), record.room_id, text))
        except AdapterError as error:
            return f"not told, {error.message}"
        return "told"

    async def ask(run: Run) -> str:
        if facts.runbook:
            await automation.run(facts.runbook, _job(run))
            return f"{facts.runbook} runs"
        await azure.stop()
        return "asked Azure"

    return [
        Step("Say goodbye", goodbye),
        Step(f"Stop {facts.cluster}", ask),
        _turned(azure, automation, facts, PowerState.STOPPED),
    ]


def _facts(cluster: ManagedCluster, runbook: str, turn: datetime | None) -> Turn:
    until = turn.astimezone(UTC).isoformat() if turn else ""
    return Turn(cluster.name, f"{cluster.power}, {cluster.provisioning}", runbook, until)


async def _nights(
    automation: Automation, hosting: Hosting, clock: Clock
) -> tuple[Nights | None, tuple[Finding, ...]]:
    """None without an account, and while it is away: starting and stopping go on without it, and
    say so."""
    if not hosting.automated:
        return None, ()
    found = await seen(automation.schedules())
    if isinstance(found, HoustonError):
        return None, (Finding(f"the schedule is not seen: {found.message}", heed=True),)
    return nights(found, hosting, clock.now()), ()


def _already(cluster: ManagedCluster, state: str, turn: datetime | None, zone: ZoneInfo) -> Already:
    until = f" until {day_moment(turn, zone)}" if turn else ""
    doing = f"is {cluster.provisioning.lower()} already" if cluster.busy else f"{state} already"
    return Already(f"{cluster.name} {doing}{until}.", "`!cluster status` shows more")


def _idle(cluster: ManagedCluster) -> Finding:
    if cluster.busy:
        return Finding(f"{cluster.name} is {cluster.provisioning.lower()}: wait for that", ok=False)
    if cluster.broken:
        return Finding(f"its last operation ended {cluster.provisioning}; this one tries again")
    return Finding(f"{cluster.name} is {str(cluster.power).lower()} and nothing is going on")


async def _cut_off(store: Store, cluster: str) -> list[str]:
    """Operations that a stop would break off."""
    return [
        f"{record.code}, {record.title}, would be cut off: wait for it or abort it"
        for record in await store.operations.open()
        if record.state in {State.RUNNING, State.HELD} and record.target != cluster
    ]


def _farewell(facts: Turn, hosting: Hosting, zone: ZoneInfo) -> str:
    """Who loses what, until when, and how to come back."""
    lost = "Rocket.Chat goes away for everybody" if hosting.hosts_chat else "All on it goes away"
    if not facts.until:
        return f"{lost} until somebody starts it: {COME_BACK} beside Houston"
    back = day_moment(datetime.fromisoformat(facts.until), zone)
    return f"{lost} until the schedule starts it {back}; sooner by {COME_BACK} beside Houston"


def _job(run: Run) -> str:
    """The job's id comes from the operation's: asking twice is one job."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, run.id))


def _turned(azure: Azure, automation: Automation, facts: Turn, wanted: PowerState) -> Check:
    async def look(run: Run) -> Sight:
        cluster = await azure.cluster()
        if cluster.settled and cluster.power is wanted:
            return Sight(True, f"Azure says {cluster.power}")
        if cluster.broken:
            raise CheckFailed(await _why(azure, cluster))
        if facts.runbook:
            job = await automation.job(_job(run))
            if job.state in {JobState.FAILED, JobState.STOPPED}:
                raise CheckFailed(f"Azure: {facts.runbook} {job.state}: {job.error or 'no reason'}")
        return Sight(False, f"{cluster.power}, {cluster.provisioning}")

    return Check(f"{facts.cluster} {str(wanted).lower()}", look, within=LONGEST)


async def _why(azure: Azure, cluster: ManagedCluster) -> str:
    found = await azure.followed()
    error = found.error if found and found.outcome is Outcome.FAILED else ""
    return f"Azure: {cluster.name} {error or f'ended {cluster.provisioning}'}"
