"""`!mongo status`"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import yaml

from bot.cards import Card, Mark, code, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import AdapterError, Denied, Missing
from bot.podview import ailment, unseen, workload
from bot.ports.git import Git
from bot.ports.kubernetes import RolloutState
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Claim, MongoDB, Resources, StatefulSet
from bot.ports.secrets import Secrets
from bot.scope import Database
from bot.target import Target

Seen = TypeVar("Seen")


@command(
    "mongo status",
    guide="MongoDB: Recommended Deployment",
    manual=(
        "kubectl -n rocketchat get mongodbcommunity,statefulset,pvc",
        "kubectl -n rocketchat describe secret rocketchat-mongodb-external",
    ),
    examples=("!mongo status",),
)
async def status(
    *,
    resources: Resources,
    pods: Pods,
    secrets: Secrets,
    git: Git,
    clock: Clock,
    database: Database,
    target: Target,
) -> Card:
    """Show MongoDB: its resource, set, pods, volumes, the Secrets and keys it needs."""
    namespace = target.namespace
    found, sets, claims, own, kept, bundled = await asyncio.gather(
        _seen(resources.mongodb(namespace), "MongoDBCommunity"),
        _seen(resources.stateful_sets(namespace), "StatefulSets"),
        _seen(resources.claims(namespace), "Volumes"),
        _seen(_pods(pods, namespace), "Pods"),
        _secrets(secrets, namespace, database),
        _bundled(git, target),
    )
    names = {*database.workloads, *(db.name for db in found if isinstance(db, MongoDB))}
    now = clock.now()
    lines = [
        *(_resource(db) for db in found),
        *(_set(one) for one in sets if isinstance(one, str) or one.name in names),
        *(
            pod if isinstance(pod, str) else _pod(pod, ailment(pod, now))
            for pod in own
            if isinstance(pod, str) or workload(pod) in names
        ),
        *(_claim(one) for one in claims if isinstance(one, str) or "mongodb" in one.name),
        *kept,
        bundled,
    ]
    nothing = not any(isinstance(db, MongoDB) for db in found) and not any(
        isinstance(one, StatefulSet) and one.name in names for one in sets
    )
    return _card(lines, namespace, nothing=nothing)


def _card(lines: list[str], namespace: str, *, nothing: bool) -> Card:
    wrong = [line for line in lines if line.startswith("✘")]
    blind = any(line.startswith("?") for line in lines)
    title = "MongoDB is well" if not wrong else f"MongoDB: {wrong[0].removeprefix('✘ ')}"
    if nothing:
        title = f"No MongoDB was found in {namespace}"
    return Card(
        Mark.WARNING if wrong or blind or nothing else Mark.OK,
        title,
        tuple(lines),
        next=("!diagnose mongodb", "!mongo recover") if wrong else ("!pods mongodb",),
    )


async def _seen(reading: Awaitable[list[Seen]], what: str) -> list[Seen | str]:
    """What was read, or a line that says why not."""
    try:
        return [*await reading]
    except AdapterError as error:
        return [f"? {plain(unseen(error, what))}"]


async def _pods(pods: Pods, namespace: str) -> list[Pod]:
    return [pod async for pod in pods.pods(namespace) if not pod.phase.terminal]


def _resource(db: MongoDB | str) -> str:
    if isinstance(db, str):
        return db
    good = db.phase == "Running" and db.members == db.wanted_members
    version = db.version or "no version yet"
    if db.version != db.wanted_version:
        version += f", {db.wanted_version} is wanted"
    said = f": {plain(db.message)}" if db.message else ""
    return (
        f"{'✔' if good else '✘'} MongoDBCommunity {code(db.name)} is {db.phase}, "
        f"{db.members} of {db.wanted_members} members, {version}{said}"
    )


def _set(one: StatefulSet | str) -> str:
    if isinstance(one, str):
        return one
    sign = "✔" if one.state is RolloutState.DONE else "✘"
    return f"{sign} StatefulSet {code(one.name)}: {one.ready} of {one.wanted} ready"


def _pod(pod: Pod, why: str) -> str:
    return f"✘ Pod {code(pod.name)} is {plain(why)}" if why else f"✔ Pod {code(pod.name)} is ready"


def _claim(claim: Claim | str) -> str:
    if isinstance(claim, str):
        return claim
    sign = "✔" if claim.phase == "Bound" else "✘"
    return f"{sign} Volume {code(claim.name)} is {claim.phase}, {claim.capacity}"


async def _secrets(secrets: Secrets, namespace: str, database: Database) -> list[str]:
    """Whether each Secret is there with its keys. Values are never asked for."""
    return [await _secret(secrets, namespace, name, keys) for name, keys in database.secrets]


async def _secret(secrets: Secrets, namespace: str, name: str, keys: tuple[str, ...]) -> str:
    shown = f"Secret {code(name)}"
    try:
        found = await secrets.secret(namespace, name)
    except Missing:
        return f"✘ {shown} is missing"
    except Denied:
        return f"? {shown} may not be looked at: give its account get on this Secret"
    except AdapterError as error:
        return f"? {plain(unseen(error, name))}"
    if found.keys is None:
        return f"? {shown} is there; the server does not say which keys it has"
    absent = [key for key in keys if key not in found.keys]
    if absent:
        return f"✘ {shown} lacks {', '.join(map(code, absent))}"
    return f"✔ {shown} has {', '.join(map(code, keys))}"


async def _bundled(git: Git, target: Target) -> str:
    """Whether the chart's own MongoDB is really off."""
    try:
        values = yaml.safe_load((await git.read(target.values)).content)
    except (AdapterError, yaml.YAMLError, UnicodeDecodeError):
        return f"? {code(target.values)} could not be read for mongodb.enabled"
    section = values.get("mongodb") if isinstance(values, dict) else None
    enabled = section.get("enabled") if isinstance(section, dict) else None
    if enabled is False:
        return "✔ The chart's bundled MongoDB is off"
    said = "on" if enabled else "not switched off"
    return f"✘ The chart's bundled MongoDB is {said}: set mongodb.enabled to false"
