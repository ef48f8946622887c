"""`!cluster cost`"""

import asyncio
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot.cards import Card, Mark, moment, plain, table
from bot.chart import Bars, png
from bot.clock import Clock
from bot.command import command
from bot.errors import HoustonError
from bot.hosting import GUIDE, Hosting, nights
from bot.ports.automation import Automation
from bot.ports.azure import Azure, ManagedCluster
from bot.ports.chat import File
from bot.ports.cost import Budget, Cost, Spent
from bot.power import Days, Timetable, Weekly, month_of
from bot.price import ZONE, Price, allowance, price, projected
from bot.seen import seen

_EARLIER = ("08:30", "23:00")
"""What the guide compares its hours with."""
_GUIDE_NOTE = (
    "The guide of January 2026 counts 4 weeks a month (140 h and 290 h); a month has 52/12 "
    "(151.7 h and 314.2 h). Its £55–70 and £200 fit no price of an hour, and £75–88 is not "
    "their difference."
)


@command(
    "cluster cost",
    guide="Cost Savings",
    manual=("open Cost Management in the portal",),
    examples=("!cluster cost",),
)
async def cost_(
    *,
    azure: Azure,
    automation: Automation,
    cost: Cost,
    hosting: Hosting,
    clock: Clock,
    zone: ZoneInfo,
) -> Card:
    """Show what the cluster costs: this month by day, its end, the budget, other hours."""
    cluster, spent, budget, schedules = await asyncio.gather(
        azure.cluster(), cost.month(), seen(cost.budget()), seen(automation.schedules())
    )
    now = clock.now()
    if not spent.days:
        return _nothing_yet()
    hours = Timetable(None, None)
    if not isinstance(schedules, HoustonError):
        hours = nights(schedules, hosting, now).timetable
    rate = price(spent, hours, cluster.nodes, hosting)
    end = projected(spent, now, hours, rate)
    over = isinstance(budget, Budget) and end > budget.amount
    picture = await asyncio.to_thread(_picture, spent, hours, rate, budget)
    return Card(
        Mark.WARNING if over else Mark.OK,
        _title(spent, end),
        (
            _extent(spent, cluster, zone),
            *_budget_lines(budget, over=over),
            *_rate_lines(rate, spent),
            *([f"✘ {plain(schedules.message)}"] if isinstance(schedules, HoustonError) else []),
            _GUIDE_NOTE,
        ),
        block=_table(rate, hours, zone) if rate else "",
        next=("!cluster schedule", "!cluster status"),
        files=(File(f"cost-{spent.days[0][0]:%Y-%m}.png", "image/png", picture),),
    )


def _nothing_yet() -> Card:
    return Card(
        Mark.INFO,
        "No costs are known for this month yet",
        ("Usage is billed 8 to 24 hours late.",),
        next=("!cluster status",),
    )


def _title(spent: Spent, end: float) -> str:
    until = f"{spent.days[-1][0]:%-d %b}"
    return (
        f"{spent.currency} {spent.total:.2f} this month until {until}, about {end:.0f} at its end"
    )


def _extent(spent: Spent, cluster: ManagedCluster, zone: ZoneInfo) -> str:
    groups = f"{plain(cluster.group)} and {plain(cluster.node_group)}"
    return f"As of {moment(spent.seen, zone)}, for {groups}; the last day is incomplete"


def _budget_lines(budget: Budget | HoustonError | None, *, over: bool) -> list[str]:
    if isinstance(budget, HoustonError):
        return [f"✘ {plain(budget.message)}"]
    if budget is None:
        return ["No budget is configured, or there is none of that name"]
    forecast = f", Azure expects {budget.forecast:.0f}" if budget.forecast is not None else ""
    return [
        f"Budget {budget.currency} {budget.amount:.0f} for the whole subscription: "
        f"{budget.spent:.2f} spent{forecast}" + ("; the cluster alone will pass it" if over else "")
    ]


def _rate_lines(rate: Price | None, spent: Spent) -> list[str]:
    if rate is None:
        return ["What an hour costs cannot be told: set azure.node_rate"]
    fixed = f", and {rate.month:.0f} a month always" if rate.month else ""
    return [f"An hour costs about {spent.currency} {rate.hour:.2f}{fixed}: {plain(rate.source)}"]


def _table(rate: Price, hours: Timetable, zone: ZoneInfo) -> str:
    """The hours there are against others, each an estimate by the same price."""
    weekdays = Days.read("mon-fri")
    choices = {
        "now": hours,
        "guide": _span(*GUIDE, weekdays, zone),
        "earlier": _span(*_EARLIER, weekdays, zone),
        "always": _span("00:00", "", Days.read("daily"), zone),
    }
    rows = [("", "h a week", "h a month", f"{rate.currency} a month")]
    for name, one in choices.items():
        span = (
            f"{one.start.at:%H:%M}–{one.stop.at:%H:%M} {one.start.days}"
            if (one.start and one.stop)
            else ""
        )
        rows.append(
            (
                f"{name} {span}".strip(),
                f"{one.weekly_hours:g}",
                f"{one.monthly_hours:.1f}",
                f"{rate.monthly(one):.0f}",
            )
        )
    return table(rows)


def _span(start: str, stop: str, days: Days, zone: ZoneInfo) -> Timetable:
    ends = [Weekly(time.fromisoformat(at), days, zone) if at else None for at in (start, stop)]
    return Timetable(*ends)


def _picture(
    spent: Spent, hours: Timetable, rate: Price | None, budget: Budget | HoustonError | None
) -> bytes:
    """The days that are billed, and the others as the schedule and the price have them."""
    first, last = spent.days[0][0], spent.days[-1][0]
    begin, end = month_of(datetime.combine(first, time(), ZONE), ZONE)
    length = (end - begin).days
    expected = [
        (day, rate.day(hours, datetime.combine(day, time(), ZONE)))
        for day in (first.replace(day=number) for number in range(last.day + 1, length + 1))
        if rate
    ]
    level = ("budget by day", allowance(budget, first)) if isinstance(budget, Budget) else None
    title = f"{first:%B %Y}: {spent.currency} by day, pale as expected"
    return png(Bars(title, spent.currency, spent.days, expected, level))
