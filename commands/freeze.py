"""`!freeze [TARGET] REASON` and `!unfreeze [TARGET]`"""

from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Rest, Says
from bot.cards import Card, Mark, code, duration, moment, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import Refused
from bot.policy import Policy
from bot.ports.store import Store
from bot.request import Request
from bot.roles import Role
from bot.standing import EVERYTHING, Keeper, lifting
from bot.target import Target
from bot.trail import Trail


@command(
    "freeze",
    private=False,
    manual=("argocd proj windows add default --kind deny --schedule '* * * * *'",),
    examples=('!freeze "the auditors are here"', "!freeze aks-rocketchat-helm being watched"),
)
async def freeze(
    words: Annotated[str, Rest, Says("[TARGET] REASON")],
    *,
    keeper: Keeper,
    store: Store,
    target: Target,
    policy: Policy,
    trail: Trail,
    clock: Clock,
    zone: ZoneInfo,
    request: Request,
) -> Card:
    """Let nothing change, everywhere or on one target, until it is taken back; the roster may."""
    person = policy.person(request.actor.id)
    if person is None:
        raise Refused("Only people of the roster may freeze.", "You may `!hold` an operation")
    known = {target.application, *(record.target for record in await store.operations.recent(50))}
    first, _, rest = words.partition(" ")
    named = first in known
    if named and not rest.strip():
        raise freeze.misfit("REASON is missing.")
    what, reason = (first, rest.strip()) if named else (EVERYTHING, words)
    made = await keeper.freeze(what, reason, person.name)
    await trail.note(request.actor.id, "freeze", target=what, detail={"reason": reason})
    shown = "everything" if what == EVERYTHING else plain(what)
    return Card(
        Mark.HELD,
        f"Frozen: {shown}. Nothing starts until {code(lifting(what))}",
        (
            f"{plain(person.name)}, {moment(made.since, zone)}: {plain(reason)}",
            "What runs goes on to its next step and stops there.",
            *_others(policy, clock, what),
        ),
        next=(lifting(what), "!ops"),
    )


@command(
    "unfreeze",
    role=Role.APPROVER,
    manual=("argocd proj windows delete default 0",),
    examples=("!unfreeze", "!unfreeze aks-rocketchat-helm"),
)
async def unfreeze(
    target: Annotated[str, Says("TARGET")] = "",
    *,
    keeper: Keeper,
    policy: Policy,
    trail: Trail,
    clock: Clock,
    request: Request,
) -> Card:
    """Let things change again; only somebody on call may."""
    await keeper.refresh()
    person = policy.person(request.actor.id)
    if person is None or not policy.on_call(person, clock.now()):
        raise Refused("Only somebody on call may lift a freeze.", "`!oncall` shows who is")
    what = target or EVERYTHING
    if not await keeper.unfreeze(what):
        names = [code(lifting(freeze.target)) for freeze in policy.standing.freezes]
        raise Refused(
            f"{plain(target) or 'Everything'} is not frozen.",
            f"Frozen are: {', '.join(names)}" if names else "Nothing is",
        )
    await trail.note(request.actor.id, "unfreeze", target=what)
    return Card(
        Mark.OK,
        f"{plain(target) or 'Everything'} may change again",
        (f"{plain(person.name)} lifted the freeze.", *_others(policy, clock, what)),
        next=("!ops",),
    )


def _others(policy: Policy, clock: Clock, but: str) -> list[str]:
    """Every other freeze, with owner, age and reason."""
    now = clock.now()
    return [
        f"Still frozen: {code(freeze.target)} by {plain(freeze.by)} "
        f"for {duration(now - freeze.since)}: {plain(freeze.reason)}"
        for freeze in policy.standing.freezes
        if freeze.target != but
    ]
