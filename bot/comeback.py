"""What is watched after a start of the cluster, until all on it is back."""

from __future__ import annotations

from datetime import timedelta

from bot.errors import Denied, Unavailable
from bot.plan import Check, Run, Sight
from bot.ports.chat import Chat
from bot.ports.kubernetes import Kubernetes, RolloutState
from bot.ports.nodes import Nodes
from bot.ports.pods import Phase, Pods
from bot.target import Target

LONGEST = timedelta(minutes=30)
"""Azure is given up on, not the cluster: it goes on without anybody watching."""
BACK = timedelta(minutes=15)


def nodes_ready(nodes: Nodes) -> Check:
    """Every node is ready, as far as Houston may list them."""

    async def look(run: Run) -> Sight:
        del run
        try:
            found = await nodes.nodes()
        except Denied:
            return Sight(True, "Houston may not list nodes")
        ready = sum(node.ready for node in found)
        return Sight(bool(found) and ready == len(found), f"{ready} of {len(found)} ready")

    return Check("Nodes ready", look, within=LONGEST + BACK)


def deployed(kubernetes: Kubernetes, pods: Pods, target: Target) -> Check:
    """Every Deployment is back; what the stop left lying about is told, not waited for."""

    async def look(run: Run) -> Sight:
        del run
        found = await kubernetes.rollouts(target.namespace)
        done = sum(rollout.state is RolloutState.DONE for rollout in found)
        if not found or done < len(found):
            return Sight(False, f"{done} of {len(found)} rolled out")
        stale = [pod.name async for pod in pods.pods(target.namespace) if pod.phase is Phase.FAILED]
        left = f"; {len(stale)} stale pods left by the stop, see !pods --bad" if stale else ""
        return Sight(True, f"{done} rolled out{left}")

    return Check(f"Deployments in {target.namespace}", look, within=LONGEST + BACK)


def answers(chat: Chat) -> Check:
    """Rocket.Chat says its version."""

    async def look(run: Run) -> Sight:
        del run
        try:
            return Sight(True, f"the server says {await chat.server_version()}")
        except Unavailable:
            return Sight(False, "it does not answer yet", seen=False)

    return Check("Rocket.Chat answers", look, within=LONGEST + BACK)
