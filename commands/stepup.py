"""`!enrol [NUMBER]`, `!confirm CODE NUMBER` and `!override CODE NUMBER REASON`: one-time codes."""

from typing import Annotated

from bot.arguments import Rest, Says
from bot.ballots import Ballots
from bot.cards import Card, Mark, plain
from bot.command import command
from bot.courier import Courier
from bot.errors import Refused
from bot.lookup import current
from bot.policy import Policy
from bot.ports.chat import Post
from bot.ports.store import Record, Store
from bot.request import Request, post_id
from bot.roles import Role
from bot.roster import Person
from bot.stepup import StepUp
from bot.trail import Trail


@command(
    "enrol",
    role=Role.APPROVER,
    private=True,
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
    """Get a picture for your authenticator app in private; answer there with its first code."""
    person = _approver(policy, request.actor.id)
    if number:
        await stepup.confirm(person, number, private=request.private)
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
        ("Scan it, then send the code your app shows to me alone: `!enrol 123456`.",),
        next=("!whoami",),
    )


@command(
    "confirm",
    role=Role.APPROVER,
    private=True,
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
    courier: Courier,
    request: Request,
) -> Card:
    """Approve with a one-time code in our direct messages, where policy lets fewer suffice so."""
    record = await current(store, code)
    if record.state.final:
        raise Refused(f"{record.code} is already {record.state}.", f"`!why {record.code}` says why")
    person = _approver(policy, request.actor.id)
    await stepup.check(person, number, private=request.private)
    answer = await ballots.confirm(record, request.actor, request.room_id)
    if answer.counted:
        await _tell(courier, record, answer.text, request)
    return Card(Mark.OK if answer.counted else Mark.NO, answer.text, ok=answer.counted)


@command(
    "override",
    role=Role.APPROVER,
    private=True,
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
    courier: Courier,
    request: Request,
) -> Card:
    """Go on alone after a while when nobody else is on call; send it to me alone, all are told."""
    record = await current(store, code)
    if record.state.final:
        raise Refused(f"{record.code} is already {record.state}.", f"`!why {record.code}` says why")
    person = _approver(policy, request.actor.id)
    await stepup.check(person, number, private=request.private)
    answer = await ballots.override(record, request.actor, reason, request.room_id)
    await _tell(courier, record, answer.text, request)
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


async def _tell(courier: Courier, record: Record, text: str, request: Request) -> None:
    """Say in the operation's thread what was said in private."""
    key = post_id("told", request.message_id)
    await courier.put(Post(key, record.room_id, text, record.thread))


def _approver(policy: Policy, account: str) -> Person:
    person = policy.person(account)
    if person is None:
        raise Refused("You are not in the roster.", "`!whoami` shows your account id")
    return person
