"""`!oncall [now|week]`, `!oncall take TIME` and `!oncall swap PERSON [TIME]`"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.cards import Card, Mark, code, duration, moment, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import Refused
from bot.policy import Policy
from bot.request import Request
from bot.roles import Role
from bot.roster import Person
from bot.standing import Keeper
from bot.trail import Trail

_LONGEST = timedelta(hours=24)
_STEP = timedelta(minutes=15)
"""How finely `week` looks for the changes of shift."""
_WEEK = timedelta(days=7)


class When(StrEnum):
    NOW = "now"
    WEEK = "week"


@command("oncall", manual=("open the rota",), examples=("!oncall", "!oncall week"))
async def oncall(
    when: When = When.NOW, *, keeper: Keeper, policy: Policy, clock: Clock, zone: ZoneInfo
) -> Card:
    """Show who is on call now, and until when; or the coming week."""
    await keeper.refresh()
    now = clock.now()
    people = [person for person in policy.people if policy.on_call(person, now)]
    approvers = [person for person in people if Role.APPROVER in person.roles]
    lines = [
        f"{plain(person.name)}{'' if person in approvers else ' (no approver)'} "
        f"until {_until(person, policy, now, zone)}"
        for person in people
    ]
    if when is When.WEEK:
        lines = _week(policy, now, zone)
    names = ", ".join(plain(person.name) for person in people)
    warning = [] if approvers else ["Nobody on call can approve: every approval would expire."]
    return Card(
        Mark.INFO if approvers else Mark.WARNING,
        f"On call now: {names or 'nobody'}",
        (*warning, *lines, *(f"⚠ {plain(text)}" for text in policy.standing.troubles)),
        next=("!oncall week", "!oncall take 4h"),
    )


@command(
    "oncall take",
    role=Role.APPROVER,
    manual=("override the shift in the rota",),
    examples=("!oncall take 4h",),
)
async def take(
    time: Annotated[timedelta, Says("TIME")],
    *,
    keeper: Keeper,
    policy: Policy,
    clock: Clock,
    zone: ZoneInfo,
    trail: Trail,
    request: Request,
) -> Card:
    """Put yourself on call from now on; it does not count for approvals asked before."""
    person = _approver(policy, request.actor.id)
    length = _allowed(time)
    await keeper.refresh()
    taken = _taken(person, policy, clock.now())
    if taken >= clock.now() + length and policy.on_call(person, clock.now()):
        raise Refused(
            f"You are on call until {moment(taken, zone)} already.",
            "`!oncall swap PERSON` hands a shift over",
        )
    duty = await keeper.take(person, length)
    await trail.note(request.actor.id, "oncall.taken", detail={"until": duty.end.isoformat()})
    return Card(
        Mark.OK,
        f"{plain(person.name)} is on call until {moment(duty.end, zone)}",
        (f"For {duration(length)}. Plans that were shown before now need somebody else.",),
        next=("!oncall", "!oncall week"),
    )


@command(
    "oncall swap",
    role=Role.APPROVER,
    manual=("swap the shift in the rota",),
    examples=('!oncall swap "Bo Lindqvist"', "!oncall swap uBo 4h"),
)
async def swap(
    person: Annotated[str, Says("PERSON")],
    time: Annotated[timedelta, Says("TIME")] = timedelta(hours=4),
    *,
    keeper: Keeper,
    policy: Policy,
    clock: Clock,
    zone: ZoneInfo,
    trail: Trail,
    request: Request,
) -> Card:
    """Hand your shift to somebody; it changes hands when they type the same with your name."""
    me, other = _approver(policy, request.actor.id), _named(policy, person)
    if other is me:
        raise Refused("You cannot hand your shift to yourself.", "Name a colleague, see `!oncall`")
    await keeper.refresh()
    duty = await keeper.accept(other, me)
    if duty is None:
        if not policy.on_call(me, clock.now()):
            raise Refused("You are not on call, so there is no shift to hand over.", "`!oncall`")
        await keeper.offer(me, other, _allowed(time))
        again = f'!oncall swap "{me.name}"'
        return Card(
            Mark.WAITING,
            f"{plain(other.name)} has an hour to take your shift for {duration(time)}",
            (f"Still yours until {plain(other.name)} types {code(again)}",),
            next=("!oncall",),
        )
    detail = {"from": other.id, "until": duty.end.isoformat()}
    await trail.note(request.actor.id, "oncall.swapped", detail={**detail})
    return Card(
        Mark.OK,
        f"{plain(me.name)} is on call for {plain(other.name)} until {moment(duty.end, zone)}",
        next=("!oncall", "!oncall week"),
    )


def _approver(policy: Policy, account: str) -> Person:
    person = policy.person(account)
    if person is None:
        raise Refused("You are not in the roster.", "`!whoami` shows your account id")
    return person


def _named(policy: Policy, name: str) -> Person:
    wanted = name.removeprefix("@").lower()
    for person in policy.people:
        known = {person.id, person.name, person.name.split(maxsplit=1)[0], *person.accounts}
        if wanted in {one.lower() for one in known} and Role.APPROVER in person.roles:
            return person
    names = ", ".join(plain(p.name) for p in policy.people if Role.APPROVER in p.roles)
    raise Refused(f"{plain(name[:40])} is no approver of the roster.", f"There are {names}")


def _allowed(time: timedelta) -> timedelta:
    if time > _LONGEST:
        raise Refused(
            f"A shift taken in chat is at most {duration(_LONGEST)} long.",
            "Longer ones belong into the rotations of the policy, by git",
        )
    return time


def _taken(person: Person, policy: Policy, now: datetime) -> datetime:
    """When the longest shift ends that this person has taken in chat."""
    duties = [d for d in policy.standing.duties if d.person == person.id and d.noted]
    return max((duty.end for duty in duties if duty.covers(now)), default=now)


def _until(person: Person, policy: Policy, now: datetime, zone: ZoneInfo) -> str:
    """When this person's shift ends, looking at most a week ahead."""
    at = now
    while at < now + _WEEK:
        at += _STEP
        if not policy.on_call(person, at):
            return f"about {at.astimezone(zone):%a} {moment(at, zone)}"
    return "further than a week"


def _week(policy: Policy, now: datetime, zone: ZoneInfo) -> list[str]:
    """A line whenever somebody else is on call, for a week."""
    lines: list[str] = []
    before: list[str] | None = None
    for step in range(int(_WEEK / _STEP)):
        at = now + step * _STEP
        names = [plain(person.name) for person in policy.people if policy.on_call(person, at)]
        if names != before:
            lines.append(
                f"{at.astimezone(zone):%a %d %b} {moment(at, zone)} {', '.join(names) or 'nobody'}"
            )
        before = names
    return lines
