"""`!cluster extend`, `!cluster skip-stop`, `!cluster hold`: tonight only, with the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Rest, Says
from bot.cards import day_moment, duration
from bot.clock import Clock
from bot.command import operation
from bot.errors import Refused, UsageError
from bot.hosting import Hosting, of_schedules
from bot.lookup import operation_of
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.automation import Automation, Schedule
from bot.ports.store import Record, Store
from bot.request import code_of
from bot.shift import Shift, later, skipped
from bot.stops import Stops
from bot.temporary import Ledger, Temporary
from bot.tonight import AFTERWARDS, RESTORER, Night, moved_before, way_back

_LONGEST = timedelta(hours=12)
_GUIDE = "Cost Optimization: AKS Cluster Scheduling"
_MANUAL = ("portal: Automation account → Schedules → the stop → Start time", "and back tomorrow")
_UNBOUND = {
    Bound.COMMIT: "Azure keeps the schedule; git's hours stay what they are",
    Bound.DIFF: "the title and the facts have both times",
}


@dataclass(frozen=True)
class Tonight:
    """The move, why, and what brings the usual time back. Instants are ISO 8601.

    `restore` is empty when the schedule returns by itself.
    """

    schedule: str
    usual: str
    start: str
    days: tuple[str, ...]
    title: str
    reason: str
    expires: str
    restore: tuple[tuple[str, str], ...]


@operation(
    "cluster extend",
    guide=_GUIDE,
    manual=_MANUAL,
    examples=("!cluster extend 2h",),
    while_off=True,
    unbound=_UNBOUND,
)
async def extend(
    length: Annotated[timedelta, Says("LENGTH")],
    reason: Annotated[str, Rest] = "",
    *,
    night: Night,
    hosting: Hosting,
    ledger: Ledger,
    zone: ZoneInfo,
) -> Plan[Tonight]:
    """Let the cluster run longer tonight; its stop goes back to the usual time afterwards."""
    if length > _LONGEST:
        raise UsageError(
            f"LENGTH may be {duration(_LONGEST)} at most.", "`!cluster skip-stop` leaves it out"
        )
    schedule, due = await night.stop()
    moved = later(schedule, due, length)
    return Plan(
        f"Stop {hosting.cluster} {duration(length)} later, {day_moment(moved.start, zone)}",
        facts=_facts(
            moved,
            f"the stop is {duration(length)} later",
            reason or "not said",
            restore=await way_back(ledger, schedule),
        ),
        target=f"{hosting.cluster} stop",
        tier=Tier.MEDIUM,
        reach=_reach(schedule, hosting),
        versions=of_schedules([schedule], schedule.name),
        where=(schedule.name, hosting.cluster),
        findings=(
            *await night.findings(moved),
            Finding(f"the usual time comes back by itself, {duration(AFTERWARDS)} after that stop"),
        ),
        expected=timedelta(minutes=1),
    )


@operation(
    "cluster skip-stop",
    guide=_GUIDE,
    manual=_MANUAL,
    examples=("!cluster skip-stop",),
    while_off=True,
    unbound=_UNBOUND,
)
async def skip_stop(
    reason: Annotated[str, Rest] = "",
    *,
    night: Night,
    hosting: Hosting,
    zone: ZoneInfo,
) -> Plan[Tonight]:
    """Leave out the next stop; the one after comes as usual."""
    schedule, due = await night.stop()
    moved = skipped(schedule, due)
    longer = moved.start - due
    return Plan(
        f"Leave out the stop of {day_moment(due, zone)}: {hosting.cluster} runs "
        f"{duration(longer)} longer, until {day_moment(moved.start, zone)}",
        facts=_facts(moved, "one stop is left out", reason or "not said", restore=()),
        target=f"{hosting.cluster} stop",
        tier=Tier.HIGH if longer > timedelta(days=1) else Tier.MEDIUM,
        reach=_reach(schedule, hosting),
        versions=of_schedules([schedule], schedule.name),
        where=(schedule.name, hosting.cluster),
        findings=(
            *await night.findings(moved),
            Finding("the usual time comes back by itself: the schedule only begins later"),
        ),
        expected=timedelta(minutes=1),
    )


@operation(
    "cluster hold",
    guide=_GUIDE,
    manual=_MANUAL,
    examples=("!cluster hold 7F3K",),
    while_off=True,
    unbound=_UNBOUND,
)
async def hold(
    code: Annotated[str, Says("CODE")],
    *,
    night: Night,
    hosting: Hosting,
    store: Store,
    stops: Stops,
    ledger: Ledger,
    clock: Clock,
    zone: ZoneInfo,
) -> Plan[Tonight]:
    """Move tonight's stop as far as an operation needs, and back afterwards."""
    record = await _unfinished(store, code)
    now = clock.now()
    takes, whence = await stops.takes(record.command, timedelta(minutes=5))
    schedule, due = await night.stop()
    length = max(timedelta(0), now + 2 * takes + timedelta(minutes=15) - due)
    if not length:
        raise Refused(
            f"{record.code} takes about {duration(takes)} {whence} and ends well before the stop "
            f"at {day_moment(due, zone)}. Nothing to hold."
        )
    moved = later(schedule, due, timedelta(minutes=15 * -(-length // timedelta(minutes=15))))
    usual = await way_back(ledger, schedule)
    return Plan(
        f"Hold the stop for {record.code} until {day_moment(moved.start, zone)}",
        facts=_facts(moved, f"the stop waits for {record.code}", record.title, restore=usual),
        target=f"{hosting.cluster} stop",
        tier=Tier.MEDIUM,
        reach=_reach(schedule, hosting),
        versions=of_schedules([schedule], schedule.name),
        where=(schedule.name, hosting.cluster),
        findings=(
            *await night.findings(moved),
            Finding(f"{record.code} takes about {duration(takes)} {whence}"),
        ),
        expected=timedelta(minutes=1),
    )


@extend.actions
@skip_stop.actions
@hold.actions
def actions(
    facts: Tonight, *, automation: Automation, ledger: Ledger, clock: Clock, store: Store
) -> Actions:
    """Write down how to take it back, move the stop, and see that Azure has it."""
    start = datetime.fromisoformat(facts.start)

    async def note(run: Run) -> str:
        record = await store.operations.get(run.id)
        state = _temporary(facts, run, record.room_id if record else "", clock.now())
        await ledger.note(state)
        if state.restorer:
            # Only the last move ends the night: an earlier way back would undo this one.
            for earlier in await moved_before(ledger, facts.schedule):
                if earlier.code != state.code:
                    await ledger.over(earlier)
        return state.code

    async def move(run: Run) -> str:
        del run
        schedules = {each.name: each for each in await automation.schedules()}
        found = schedules.get(facts.schedule)
        if found and found.next_run and found.next_run == start:
            return "it was there already"
        moved = await automation.move(facts.schedule, start, facts.days)
        again = f", links made again: {', '.join(moved.relinked)}" if moved.relinked else ""
        return f"accepted{again}"

    async def look(run: Run) -> Sight:
        del run
        schedules = {each.name: each for each in await automation.schedules()}
        following = schedules[facts.schedule].next_run
        shown = f"{following.astimezone(start.tzinfo):%a %H:%M}" if following else "no run"
        return Sight(following == start, f"next stop {shown}")

    return [
        Step("Write down the way back", note),
        Step(f"Move {facts.schedule}", move),
        Check("Azure's next stop", look, within=timedelta(minutes=5)),
    ]


async def _unfinished(store: Store, code: str) -> Record:
    """The operation of this code. Raises Refused when it has ended."""
    record = await operation_of(store, code)
    if record.state.final:
        raise Refused(f"{record.code} is already {record.state}: nothing needs the cluster for it.")
    return record


def _temporary(facts: Tonight, run: Run, room_id: str, now: datetime) -> Temporary:
    return Temporary(
        code_of(run.id),
        facts.title,
        run.requester.name,
        facts.reason,
        room_id,
        now,
        datetime.fromisoformat(facts.expires),
        RESTORER if facts.restore else "",
        dict(facts.restore),
    )


def _reach(schedule: Schedule, hosting: Hosting) -> Reach:
    return Reach(objects=(f"managedcluster/{hosting.cluster}", f"schedule/{schedule.name}"))


def _facts(
    moved: Shift, title: str, reason: str, *, restore: tuple[tuple[str, str], ...]
) -> Tonight:
    return Tonight(
        moved.schedule,
        moved.usual.astimezone(UTC).isoformat(),
        moved.start.isoformat(),
        moved.days,
        title,
        reason,
        (moved.start + AFTERWARDS).astimezone(UTC).isoformat(),
        restore,
    )
