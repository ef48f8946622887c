"""`!approve`, `!deny`, `!hold`, `!release` and `!abort`: votes and stops in words."""

from typing import Annotated

from bot.arguments import Says
from bot.ballots import Ballots
from bot.cards import Card, Mark, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import Refused
from bot.lookup import current
from bot.operations import Operations
from bot.policy import Policy
from bot.ports.store import Choice, Record, State, Store
from bot.request import Request
from bot.roles import Role
from bot.standing import Keeper

Code = Annotated[str, Says("CODE")]


@command(
    "approve",
    private=False,
    manual=("react with :white_check_mark:",),
    examples=("!approve 7F3K",),
)
async def approve(code: Code, *, store: Store, ballots: Ballots, request: Request) -> Card:
    """Approve an operation that waits for votes."""
    return await _vote(code, Choice.APPROVE, store, ballots, request)


@command("deny", private=False, manual=("react with :x:",), examples=("!deny 7F3K",))
async def deny(code: Code, *, store: Store, ballots: Ballots, request: Request) -> Card:
    """Deny an operation that waits for votes; a denial cannot be taken back."""
    return await _vote(code, Choice.DENY, store, ballots, request)


@command("hold", private=False, manual=("react with :raised_hand:",), examples=("!hold 7F3K",))
async def hold(
    code: Code, *, store: Store, ballots: Ballots, operations: Operations, request: Request
) -> Card:
    """Stop an operation from starting, or from going on; anyone may."""
    record = await _open(store, code)
    if record.state is State.RUNNING:
        await operations.tell(record, "hold", request.actor.username)
        return Card(Mark.HELD, f"{record.code} does nothing further after its current step")
    return await _vote(code, Choice.HOLD, store, ballots, request)


@command(
    "release",
    role=Role.APPROVER,
    manual=("take the :raised_hand: back",),
    examples=("!release 7F3K",),
)
async def release(
    code: Code,
    *,
    store: Store,
    ballots: Ballots,
    operations: Operations,
    policy: Policy,
    keeper: Keeper,
    clock: Clock,
    request: Request,
) -> Card:
    """Let an operation that is held go on; only somebody on call may."""
    await keeper.refresh()
    record = await _open(store, code)
    person = policy.person(request.actor.id)
    if person is None or not policy.on_call(person, clock.now()):
        raise Refused("Only somebody on call may release a hold.", "`!whoami` shows your hours")
    lifted = await ballots.release(record, request.actor)
    if not lifted and record.state not in {State.HELD, State.RUNNING}:
        raise Refused(f"{record.code} is not held.", f"`!why {record.code}` shows its votes")
    await operations.tell(record, "release", request.actor.username)
    return Card(Mark.OK, f"{record.code} is released by {plain(person.name)}")


@command(
    "abort",
    private=False,
    manual=("argocd app terminate-op <app>",),
    examples=("!abort 7F3K",),
)
async def abort(
    code: Code, *, store: Store, operations: Operations, policy: Policy, request: Request
) -> Card:
    """Stop an operation for good after its current step; the requester and approvers may."""
    record = await _open(store, code)
    mine = record.requester_id == request.actor.id
    if not mine and not policy.may(request.actor.id, Role.APPROVER):
        raise Refused(
            f"Only {plain(record.requester)} and approvers may abort {record.code}.",
            f"You may `!hold {record.code}`",
        )
    await operations.tell(record, "abort", request.actor.username)
    return Card(Mark.OK, f"{record.code} stops after its current step", next=("!ops",))


async def _vote(code: str, meant: Choice, store: Store, ballots: Ballots, request: Request) -> Card:
    record = await _open(store, code)
    answer = await ballots.say(record, request.actor, meant, request.room_id)
    return Card(Mark.OK if answer.counted else Mark.NO, answer.text, ok=answer.counted)


async def _open(store: Store, code: str) -> Record:
    record = await current(store, code)
    if record.state.final:
        raise Refused(f"{record.code} is already {record.state}.", f"`!why {record.code}` says why")
    return record
