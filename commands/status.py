"""`!status`"""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from bot.cards import Card, Mark, bar, code, plain
from bot.command import command
from bot.errors import AdapterError
from bot.policy import Policy
from bot.policyfile import PolicyFile
from bot.ports.argocd import Application, ArgoCD, Health, Sync
from bot.ports.chat import Chat
from bot.ports.git import Git
from bot.ports.kubernetes import Kubernetes, Rollout, RolloutState
from bot.ports.store import Store
from bot.target import Target

Seen = TypeVar("Seen")


@command(
    "status",
    guide="Check Application Status",
    manual=("argocd app get aks-rocketchat-helm", "kubectl get pods -n rocketchat"),
    examples=("!status",),
)
async def status(
    *,
    chat: Chat,
    argocd: ArgoCD,
    kubernetes: Kubernetes,
    git: Git,
    store: Store,
    target: Target,
    policy: Policy,
    source: PolicyFile,
) -> Card:
    """Show whether Rocket.Chat is well: version, application, Deployments, operations."""
    version, application, rollouts, head, open_ = await asyncio.gather(
        _seen(chat.server_version()),
        _seen(argocd.application(target.application)),
        _seen(kubernetes.rollouts(target.namespace)),
        _seen(git.head()),
        store.operations.open(),
    )
    wrong = [
        *([] if isinstance(version, str) else [f"Rocket.Chat does not answer: {version.message}"]),
        *_application_troubles(application),
        *_rollout_troubles(rollouts),
        *([f"git cannot be read: {head.message}"] if isinstance(head, AdapterError) else []),
    ]
    said = version if isinstance(version, str) else "?"
    pending = await source.pending(policy)
    return Card(
        Mark.WARNING if wrong else Mark.OK,
        plain(wrong[0]) if wrong else f"Rocket.Chat {said} is well",
        (
            *(f"✘ {plain(trouble)}" for trouble in wrong[1:]),
            *_application_lines(application, head),
            *_rollout_lines(rollouts),
            *((f"{Mark.WARNING.symbol} Houston: {pending.text} (`!policy`)",) if pending else ()),
            *(f"{code(op.code)} {plain(op.title)} · {op.state}" for op in open_),
        ),
        next=("!ops",) if open_ else ("!help",),
        ok=True,
    )


async def _seen(reading: Awaitable[Seen]) -> Seen | AdapterError:
    """What was read, or the error: one system that is away leaves the others' lines standing."""
    try:
        return await reading
    except AdapterError as error:
        return error


def _application_troubles(found: Application | AdapterError) -> list[str]:
    if isinstance(found, AdapterError):
        return [found.message]
    good = found.sync is Sync.SYNCED and found.health is Health.HEALTHY
    troubles = [] if good else [f"{found.name} is {found.sync} and {found.health}"]
    return [*troubles, *found.conditions]


def _application_lines(found: Application | AdapterError, head: str | AdapterError) -> list[str]:
    if isinstance(found, AdapterError):
        return []
    revision = found.git.revision if found.git else ""
    at_head = (
        "" if isinstance(head, AdapterError) or head == revision else f", git is at {head[:7]}"
    )
    return [
        f"{found.name}: {found.sync}, {found.health} at {code(revision[:7] or 'nothing')}{at_head}"
    ]


def _rollout_troubles(found: list[Rollout] | AdapterError) -> list[str]:
    if isinstance(found, AdapterError):
        return [found.message]
    return [f"{r.name}: {r.text}" for r in found if r.state is not RolloutState.DONE]


def _rollout_lines(found: list[Rollout] | AdapterError) -> list[str]:
    if isinstance(found, AdapterError):
        return []
    return [
        f"{code(bar(r.available / r.wanted if r.wanted else 1.0))} {r.name} "
        f"{r.available} of {r.wanted} · {code(', '.join(i.rsplit(':', 1)[-1] for i in r.images))}"
        for r in found
    ]
