"""`!enrol [NUMBER]`, `!confirm CODE NUMBER` and `!override CODE NUMBER REASON`: one-time codes."""

from typing import Annotated

from bot.arguments import Rest, Says
from bot.ballots import Ballots
from bot.cards import Card, Mark, plain
from bot.command import command
from bot.errors import Refused
from bot.lookup import current
from bot.policy import Policy
from bot.ports.store import DOORS, Store
from bot.request import Request
from bot.roles import Role
from bot.roster import Person
from bot.stepup import StepUp
from bot.trail import Trail


@command(
    "enrol",
    role=Role.APPROVER,
    manual=("add the account to your authenticator app",),
    examples=("!enrol", "!enrol 123456"),
)
async def enrol(
    number: Annotated[str, Says("NUMBER")] = "",
    *,
    stepup: StepUp,
    policy: Policy,
    trail: Trail,
    request: Request,
) -> Card:
    """Get a picture for your authenticator app in private; then type the first code it shows."""
    person = _approver(policy, request.actor.id)
    if number:
        await stepup.confirm(person, number)
        await trail.note(person.id, "stepup.enrolled")
        return Card(
            Mark.OK,
            f"{plain(person.name)} confirms approvals with codes from now on",
            ("If that was not you, tell your colleagues now: somebody uses your account.",),
            next=("!oncall",),
        )
    await stepup.enrol(person, request.message_id)
    await trail.note(person.id, "stepup.begun")
    return Card(
        Mark.WAITING,
        f"{plain(person.name)}: a picture is in our direct messages",
        ("Scan it, then type the code your app shows.",),
        next=("!enrol 123456",),
    )


@command(
    "confirm",
    role=Role.APPROVER,
    manual=("react with :white_check_mark:",),
    examples=("!confirm 7F3K 123456",),
)
async def confirm(
    code: Annotated[str, Says("CODE")],
    number: Annotated[str, Says("NUMBER")],
    *,
    store: Store,
    ballots: Ballots,
    stepup: StepUp,
    policy: Policy,
    request: Request,
) -> Card:
    """Approve with a one-time code, where policy lets fewer confirmed approvals suffice."""
    record = await current(store, code)
    if record.state.final:
        raise Refused(f"{record.code} is already {record.state}.", f"`!why {record.code}` says why")
    await stepup.check(_approver(policy, request.actor.id), number)
    answer = await ballots.confirm(record, request.actor, request.room_id)
    return Card(Mark.OK if answer.counted else Mark.NO, answer.text, ok=answer.counted)


@command(
    "override",
    role=Role.APPROVER,
    manual=("call the second person",),
    examples=("!override 7F3K 123456 the database is down and nobody answers",),
)
async def override(
    code: Annotated[str, Says("CODE")],
    number: Annotated[str, Says("NUMBER")],
    reason: Annotated[str, Rest, Says("REASON")],
    *,
    store: Store,
    ballots: Ballots,
    stepup: StepUp,
    policy: Policy,
    trail: Trail,
    request: Request,
) -> Card:
    """Go on alone after a while, when nobody else is on call; every approver is told."""
    record = await current(store, code)
    if record.state.final:
        raise Refused(f"{record.code} is already {record.state}.", f"`!why {record.code}` says why")
    if record.room_id not in {*DOORS, request.room_id}:
        raise Refused(f"{record.code} was asked for in another room.", "Say it there")
    person = _approver(policy, request.actor.id)
    await stepup.check(person, number)
    answer = await ballots.override(record, request.actor, reason, request.room_id)
    await trail.note(
        person.id,
        "override.announced",
        operation=record.id,
        target=record.target,
        detail={"reason": reason, "counted": answer.counted},
    )
    return Card(
        Mark.WARNING,
        f"Single-person override of {record.code} by {plain(person.name)}",
        (answer.text,),
        next=(f"!abort {record.code}", f"!why {record.code}"),
    )


def _approver(policy: Policy, account: str) -> Person:
    person = policy.person(account)
    if person is None:
        raise Refused("You are not in the roster.", "`!whoami` shows your account id")
    return person
