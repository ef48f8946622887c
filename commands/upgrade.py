"""`!upgrade VERSION`"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from bot.arguments import Says
from bot.cards import code
from bot.command import operation
from bot.errors import AdapterError, Denied, Refused, Unavailable, UsageError
from bot.gitops import changed, commit, deployed, healthy, live, reach, rolled_out, settled, sync
from bot.plan import Actions, Check, Disruption, Finding, Plan, Run, Sight, Tier
from bot.ports.argocd import ArgoCD
from bot.ports.chat import Chat
from bot.ports.git import Edit, Git
from bot.ports.kubernetes import Kubernetes
from bot.ports.registry import Registry, Release, Releases
from bot.ports.resources import Resources
from bot.target import IMAGE_TAG, Part, Target
from bot.version import Version

_REMOVED_IN_8 = "streamHub"


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade rests on. `digests` are the images' by repository, as the registries gave
    them; a tag that is pushed again later voids the approval."""

    edit: Edit
    version: str
    images: tuple[tuple[str, str], ...]
    digests: tuple[tuple[str, str], ...]


@operation(
    "upgrade",
    guide="How to Upgrade",
    manual=(
        "edit image.tag in values.yaml",
        "git commit -a && git push",
        "argocd app get aks-rocketchat-helm --refresh",
        "kubectl -n rocketchat rollout status deployment/rocketchat-rocketchat",
    ),
    examples=("!upgrade 7.13.2",),
)
async def upgrade(
    version: Annotated[Version, Says("VERSION")],
    downgrade: bool = False,
    *,
    git: Git,
    argocd: ArgoCD,
    kubernetes: Kubernetes,
    resources: Resources,
    registry: Registry,
    releases: Releases,
    target: Target,
) -> Plan[Upgrade]:
    """Bring Rocket.Chat and its microservices to another version."""
    file = await git.read(target.values)
    edit = changed(await git.edit(target.values, IMAGE_TAG, str(version)), "Rocket.Chat")
    current = _direction(_running(edit, target), version, allowed=downgrade)
    parts = target.parts(file.content)
    images, *seen = await asyncio.gather(
        _images(registry, parts, version),
        _released(releases, version),
        _path(releases, current, version),
        _mongodb(releases, resources, target, version),
    )
    findings, digests = images
    rules = (*_removed(parts, version), *_one_way(current, version))
    forward = current < version
    return Plan(
        f"{'Upgrade' if forward else 'Take back'} Rocket.Chat from {current} to {version}",
        facts=Upgrade(edit, str(version), tuple((p.name, p.image) for p in parts), digests),
        target=target.application,
        tier=Tier.MEDIUM if current.major == version.major and forward else Tier.HIGH,
        undo=_undo(current, version),
        diff=edit.diff,
        where=(f"{target.values} on {git.branch} at {edit.base[:7]}", target.application),
        findings=(*findings, *seen, *rules, *await settled(argocd, git, target, mends=not forward)),
        expected=timedelta(minutes=5),
        reach=reach(target, *(part.name for part in parts)),
        disrupts=Disruption(tuple(part.deployment for part in parts), away=timedelta(minutes=1)),
        versions=await live(argocd, kubernetes, target, *(part.deployment for part in parts)),
    )


@upgrade.actions
def actions(
    facts: Upgrade,
    *,
    git: Git,
    argocd: ArgoCD,
    kubernetes: Kubernetes,
    chat: Chat,
    target: Target,
) -> Actions:
    """Commit, let Argo CD deploy it, and see every Deployment and the server itself on it."""
    edit = facts.edit
    pushed = commit(git, edit, f"chore: Upgrade Rocket.Chat from {edit.before} to {edit.after}")
    return [
        pushed,
        sync(argocd, git, target, pushed),
        deployed(argocd, target, pushed),
        *(
            rolled_out(kubernetes, target, part, image=f"{image}:{facts.version}")
            for part, image in facts.images
        ),
        healthy(argocd, target),
        _answers(chat, Version(facts.version)),
    ]


def _answers(chat: Chat, version: Version) -> Check:
    async def look(run: Run) -> Sight:
        del run
        try:
            said = await chat.server_version()
        except Unavailable:
            return Sight(False, "Rocket.Chat does not answer yet", seen=False)
        return Sight(version.shown_as(said), f"the server says {said}")

    return Check("Rocket.Chat's own version", look, within=timedelta(minutes=15))


def _running(edit: Edit, target: Target) -> Version:
    try:
        return Version.read(edit.before)
    except UsageError:
        raise Refused(
            f"image.tag in {target.values} is {code(edit.before[:60])}, which is no version",
            "Pin it to a version by hand first",
        ) from None


def _direction(current: Version, wanted: Version, *, allowed: bool) -> Version:
    """The current version. Raises Refused when the way leads back and may not."""
    if current < wanted:
        return current
    if current.major != wanted.major:
        raise Refused(
            f"Going back from {current} to {wanted} crosses a major version: its database "
            "migrations cannot be undone.",
            "Restore the MongoDB backup that belongs to the old version instead",
        )
    if not allowed:
        raise Refused(
            f"{wanted} is older than {current}, and Rocket.Chat does not support a downgrade: "
            "its database migrations are one-way.",
            f"If you have made sure, type `!upgrade {wanted} --downgrade`",
        )
    return current


def _undo(current: Version, wanted: Version) -> str:
    if current.major != wanted.major:
        return ""
    return f"!upgrade {current} --downgrade" if current < wanted else f"!upgrade {current}"


async def _images(
    registry: Registry, parts: tuple[Part, ...], version: Version
) -> tuple[tuple[Finding, ...], tuple[tuple[str, str], ...]]:
    """One finding and, where there is one, one digest per image."""

    async def look(image: str) -> tuple[Finding, str | None]:
        try:
            digest = await registry.digest(image, str(version))
        except (Unavailable, Denied) as error:
            return Finding(f"{image}:{version} not verified: {error.message}", None), None
        found = "exists" if digest else "does not exist"
        return Finding(f"{image}:{version} {found}", digest is not None), digest

    seen = await asyncio.gather(*(look(part.image) for part in parts))
    known = tuple(
        (part.image, digest) for part, (_, digest) in zip(parts, seen, strict=True) if digest
    )
    return tuple(finding for finding, _ in seen), known


async def _released(releases: Releases, version: Version) -> Finding:
    try:
        known = await releases.release(str(version))
    except AdapterError as error:
        return Finding(f"whether {version} was released is not verified: {error.message}", None)
    return Finding(f"{version} was {'' if known else 'never '}released", known is not None)


async def _path(releases: Releases, current: Version, wanted: Version) -> Finding:
    """One major at a time, and from the last minor of each."""
    if wanted.major == current.major:
        return Finding(f"{current} → {wanted} stays within major {current.major}")
    if wanted.major > current.major + 1:
        return Finding(
            f"{current} → {wanted} skips a major: go to the last {current.major}.x, "
            f"then to {current.major + 1}.x",
            ok=False,
        )
    try:
        newer = await releases.release(f"{current.major}.{current.minor + 1}.0")
    except AdapterError as error:
        return Finding(f"the upgrade path is not verified: {error.message}", None)
    if newer:
        return Finding(f"go to the last {current.major}.x first: {newer.version} exists", ok=False)
    return Finding(f"{current.major}.{current.minor} is the last of major {current.major}")


async def _mongodb(
    releases: Releases, resources: Resources, target: Target, wanted: Version
) -> Finding:
    try:
        release: Release | None
        release, databases = await asyncio.gather(
            releases.release(str(wanted)), resources.mongodb(target.namespace)
        )
    except AdapterError as error:
        return Finding(f"MongoDB not verified: {error.message}", None)
    running = next((db.version or db.wanted_version for db in databases), "")
    if release is None or not release.mongodb or not running:
        return Finding(
            "MongoDB not verified: its version or what the release needs is unknown", None
        )
    series = ".".join(running.split(".")[:2])
    listed = ", ".join(release.mongodb)
    if series in release.mongodb:
        return Finding(f"MongoDB {running} is one {wanted} runs on ({listed})")
    return Finding(f"MongoDB {running} is none {wanted} runs on ({listed}): raise it first", False)


def _removed(parts: tuple[Part, ...], wanted: Version) -> tuple[Finding, ...]:
    if wanted.major >= 8 and any(part.name == _REMOVED_IN_8 for part in parts):
        return (
            Finding(f"{_REMOVED_IN_8} is still declared; 8.0 removed it: take it out first", False),
        )
    return ()


def _one_way(current: Version, wanted: Version) -> tuple[Finding, ...]:
    if current < wanted:
        return ()
    return (
        Finding("Rocket.Chat does not support a downgrade: have a MongoDB backup at hand", None),
    )
