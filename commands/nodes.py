"""`!nodes`"""

import asyncio

from bot.cards import Card, Mark, code, plain, table
from bot.clock import Clock
from bot.command import command
from bot.errors import Denied
from bot.podview import unseen
from bot.ports.nodes import Amount, Node, Nodes

_GIB = 2**30


@command(
    "nodes",
    guide="Troubleshooting",
    manual=("kubectl describe nodes", "df -h"),
    examples=("!nodes",),
)
async def nodes_(*, nodes: Nodes, clock: Clock) -> Card:
    """Show each node: conditions, pressure on disk and memory, what is asked of what it has."""
    found, requests = await asyncio.gather(nodes.nodes(), _requests(nodes))
    now = clock.now()
    asked = requests if isinstance(requests, dict) else {}
    lines = [line for node in found for line in _troubles(node)]
    wrong = len(lines)
    if isinstance(requests, str):
        lines.append(plain(requests))
    head = ["NAME", "STATUS", "CPU", "MEMORY", "DISK", "PODS", "AGE"]
    rows = [_row(node, asked.get(node.name, Amount()), (now - node.created).days) for node in found]
    title = f"{len(found)} nodes, all well"
    if wrong:
        title = f"{sum(bool(_troubles(node)) for node in found)} of {len(found)} nodes are not well"
    return Card(
        Mark.WARNING if wrong or not found else Mark.OK,
        title if found else "The cluster has no nodes",
        tuple(lines),
        block=table([head, *rows]) if found else "",
        next=("!diagnose", "!pods --bad") if wrong else ("!pods",),
    )


async def _requests(nodes: Nodes) -> dict[str, Amount] | str:
    """By node, or why they cannot be known."""
    try:
        return await nodes.requests()
    except Denied as error:
        return unseen(error, "What pods ask for")


def _troubles(node: Node) -> list[str]:
    lines = []
    ready = node.condition("Ready")
    if not node.ready:
        why = (ready.message or ready.reason) if ready else "it says nothing"
        lines.append(f"✘ {code(node.name)} is not ready: {plain(why[:160])}")
    for pressure in node.pressures:
        condition = node.condition(pressure)
        why = (condition.message or condition.reason) if condition else ""
        lines.append(f"✘ {code(node.name)} is under {pressure}: {plain(why[:160])}")
    if node.cordoned:
        lines.append(f"✘ {code(node.name)} is cordoned: no new pod is placed on it")
    return lines


def _row(node: Node, asked: Amount, days: int) -> list[str]:
    has = node.allocatable
    status = "Ready" if node.ready else "NotReady"
    return [
        node.name,
        ",".join([status, *node.pressures]),
        f"{asked.cpu / 1000:.1f}/{has.cpu / 1000:.1f} ({_share(asked.cpu, has.cpu)})",
        f"{asked.memory / _GIB:.1f}/{has.memory / _GIB:.1f} GiB "
        f"({_share(asked.memory, has.memory)})",
        f"{has.disk / _GIB:.0f} GiB",
        f"{asked.pods}/{has.pods}",
        f"{days} d",
    ]


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "?"
