"""`!ops`"""

from bot.cards import Card, Mark, code, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.ports.store import Record, Store

_RECENT = 8


@command(
    "ops",
    manual=("git log --oneline values.yaml", "argocd app history aks-rocketchat-helm"),
    examples=("!ops",),
)
async def ops(*, store: Store, clock: Clock) -> Card:
    """Show what runs, what waits for votes, and what ended lately."""
    records = await store.operations.recent(_RECENT)
    open_ = await store.operations.open()
    ended = [record for record in records if record.state.final]
    now = clock.now()

    def line(record: Record) -> str:
        age = duration(now - record.created)
        return (
            f"{code(record.code)} {plain(record.title)} · *{record.state}* · "
            f"{plain(record.requester)}, {age} ago"
        )

    return Card(
        Mark.RUNNING if open_ else Mark.INFO,
        f"{len(open_)} open" if open_ else "Nothing runs and nothing waits",
        (*map(line, open_), *(("Lately:", *map(line, ended)) if ended else ())),
        next=tuple(f"!why {record.code}" for record in (open_ or ended)[:2]),
    )
