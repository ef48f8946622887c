"""`!cluster status`"""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards import Card, Mark, code, day_moment, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import HoustonError
from bot.hosting import Hosting, Nights, nights
from bot.ports.automation import Automation
from bot.ports.azure import Azure, ManagedCluster
from bot.ports.cost import Budget, Cost, Spent
from bot.ports.store import Record, State, Store
from bot.power import month_of, week_of
from bot.price import price, projected
from bot.seen import seen
from bot.uptime import Uptimes, attached

_SHOWN = 5


@command(
    "cluster status",
    guide="Cluster Stopped",
    manual=("az aks show -g rg-canepro-aks -n aks-canepro --query powerState.code",),
    examples=("!cluster status",),
)
async def status(
    *,
    azure: Azure,
    automation: Automation,
    cost: Cost,
    store: Store,
    uptimes: Uptimes,
    hosting: Hosting,
    clock: Clock,
    zone: ZoneInfo,
) -> Card:
    """Show whether the cluster is up and until when: nodes, schedule, hours, costs."""
    cluster, schedules, spent, budget, open_ = await asyncio.gather(
        azure.cluster(),
        seen(automation.schedules()),
        seen(cost.month()),
        seen(cost.budget()),
        store.operations.open(),
    )
    now, week = clock.now(), await seen(uptimes.look())
    known = None if isinstance(schedules, HoustonError) else nights(schedules, hosting, now)
    running = [record for record in open_ if record.state in {State.RUNNING, State.HELD}]
    return Card(
        _mark(cluster),
        _until(cluster, known, now, zone, unseen=known is None and hosting.automated),
        (
            *_cluster_lines(cluster),
            *(_night_lines(known, now, zone) if known else [_trouble(schedules)]),
            *([] if isinstance(week, HoustonError) else [week.line]),
            *_money_lines(
                spent, budget, known=known, nodes=cluster.nodes, hosting=hosting, now=now
            ),
            *_hit(running, known),
            *(["Rocket.Chat runs on it and goes away with it."] if hosting.hosts_chat else []),
        ),
        next=("!cluster schedule", "!cluster cost", _other(cluster)),
        files=await attached(week, zone),
    )


def _mark(cluster: ManagedCluster) -> Mark:
    if cluster.broken:
        return Mark.FAILED
    return Mark.RUNNING if cluster.busy else Mark.OK if cluster.up else Mark.INFO


def _until(
    cluster: ManagedCluster, known: Nights | None, now: datetime, zone: ZoneInfo, *, unseen: bool
) -> str:
    """The answer: is it up, until when; `unseen`: there are schedules that cannot be read."""
    if cluster.broken:
        return (
            f"{cluster.name}: the last operation ended {cluster.provisioning}; somebody must look"
        )
    if cluster.busy:
        return f"{cluster.name} is not settled: {cluster.provisioning}"
    at = known and (known.next_stop if cluster.up else known.next_start)
    state = "up" if cluster.up else "off"
    if unseen:
        return f"{cluster.name} is {state}; until when is not seen"
    if not at:
        return f"{cluster.name} is {state}; no schedule changes that"
    return f"{cluster.name} is {state} until {day_moment(at, zone)}, in {duration(at - now)}"


def _other(cluster: ManagedCluster) -> str:
    return "!cluster stop" if cluster.up else "!cluster start"


def _cluster_lines(cluster: ManagedCluster) -> list[str]:
    pools = ", ".join(f"{pool.name} {pool.count} × {pool.size}" for pool in cluster.pools)
    return [
        f"Power {cluster.power}, {cluster.provisioning} · Kubernetes {cluster.kubernetes} · "
        f"{plain(pools) or 'no node pool'}"
    ]


def _night_lines(known: Nights, now: datetime, zone: ZoneInfo) -> list[str]:
    lines = [
        f"Next {what}: {day_moment(at, zone)}, in {duration(at - now)}"
        if at
        else f"No {what} planned"
        for what, at in (("start", known.next_start), ("stop", known.next_stop))
    ]
    table = known.timetable
    if table.start and table.stop:
        week, month = (span(now, zone) for span in (week_of, month_of))
        lines.append(
            f"By the schedule {table.hours(week[0], now):.1f} of {table.hours(*week):.1f} h this "
            f"week, {table.hours(month[0], now):.0f} of {table.hours(*month):.0f} h this month"
        )
    return lines


def _money_lines(
    spent: Spent | HoustonError,
    budget: Budget | HoustonError | None,
    *,
    known: Nights | None,
    nodes: int,
    hosting: Hosting,
    now: datetime,
) -> list[str]:
    if isinstance(spent, HoustonError):
        return [_trouble(spent)]
    if not spent.days:
        return ["No costs are known for this month yet"]
    line = f"{spent.currency} {spent.total:.2f} this month until {spent.days[-1][0]:%-d %b}"
    if known:
        rate = price(spent, known.timetable, nodes, hosting)
        end = projected(spent, now, known.timetable, rate)
        line += f", about {end:.0f} at its end"
    if isinstance(budget, Budget):
        line += f"; budget {budget.currency} {budget.amount:.0f}, of the whole subscription"
    return [line]


def _hit(running: list[Record], known: Nights | None) -> list[str]:
    if not running:
        return []
    when = "the next stop would hit" if known and known.next_stop else "under way"
    shown = (f"{code(record.code)} {plain(record.title)}" for record in running[:_SHOWN])
    return [f"{when.capitalize()}: {', '.join(shown)}"]


def _trouble(error: object) -> str:
    return f"✘ {plain(error.message if isinstance(error, HoustonError) else str(error))}"
