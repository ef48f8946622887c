"""`!evidence CODE`"""

from typing import Annotated

from bot.arguments import Says
from bot.cards import Card, Mark, code, plain
from bot.command import command
from bot.errors import Refused
from bot.evidence import bundles
from bot.lookup import operation_of
from bot.ports.store import Store

_MOST = 6


@command(
    "evidence",
    manual=(
        "kubectl describe pod POD",
        "kubectl logs POD --previous",
        "kubectl get pod POD -o yaml",
    ),
    examples=("!evidence 7F3K",),
)
async def evidence(code_: Annotated[str, Says("CODE")], *, store: Store) -> Card:
    """Show what an operation kept of each pod before it touched it, as files."""
    record = await operation_of(store, code_)
    files = await bundles(store.documents, record.id)
    if not files:
        raise Refused(
            f"{code(record.code)} kept no evidence.", f"`!why {record.code}` has its trail"
        )
    left = len(files) - _MOST
    return Card(
        Mark.INFO,
        f"{len(files)} pods as they were before {plain(record.title)} · {record.code}",
        (
            *(code(file.name.removesuffix(".txt")) for file in files[:_MOST]),
            *((f"{left} more are not shown",) if left > 0 else ()),
        ),
        next=(f"!why {record.code}",),
        files=tuple(files[:_MOST]),
    )
