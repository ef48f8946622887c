"""Makes plans: the first, the one compared with it, and the next when the world moved."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from pydantic import TypeAdapter

from bot import refusal
from bot.approvals import SEEDS
from bot.basis import basis
from bot.breakglass import BreakGlass
from bot.cards import code, duration, plain
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.command import Command, Needs, Operation
from bot.courier import Courier
from bot.errors import (
    AdapterError,
    Forbidden,
    Frozen,
    HoustonError,
    NotMine,
    Refused,
    Taken,
    bug,
)
from bot.flight import Flight, digest, plan_card, todo, unpacked
from bot.forecast import Forecaster
from bot.plan import Plan, Tier
from bot.policy import Ask, Decision, Policy
from bot.ports.chat import Author, Post
from bot.ports.engine import Json
from bot.ports.store import DOORS, Record, State, Store
from bot.progress import Progress
from bot.redact import Redactor
from bot.request import Request, code_of, post_id
from bot.runbook import offered
from bot.standing import Keeper, way_on
from bot.stops import Stops, TooLate
from bot.trail import Trail

log = structlog.get_logger()


@dataclass(frozen=True)
class Planned:
    """A plan, its facts as JSON, what policy says of it, and the hash an approval rests on.

    `basis` is what the hash is made of besides the facts and the diff, `ask` what policy was asked.
    """

    plan: Plan[Any]
    facts: dict[str, Any]
    basis: dict[str, str]
    digest: str
    decision: Decision
    ask: Ask


class Planner:
    """Plans without changing anything, and posts what it planned."""

    def __init__(
        self,
        *,
        store: Store,
        courier: Courier,
        clock: Clock,
        policy: Policy,
        progress: Progress,
        redactor: Redactor,
        commands: Catalogue,
        needs: Needs,
        zone: ZoneInfo,
        trail: Trail,
        keeper: Keeper,
        stops: Stops,
        breakglass: BreakGlass,
        forecaster: Forecaster,
    ) -> None:
        self._store = store
        self._courier = courier
        self._clock = clock
        self._policy = policy
        self._progress = progress
        self._redactor = redactor
        self._commands = commands
        self._needs = needs
        self._zone = zone
        self._trail = trail
        self._keeper = keeper
        self._stops = stops
        self._breakglass = breakglass
        self._forecaster = forecaster

    async def open(self, request: Request, round: int) -> Json:
        """Plan a round and post it. Gives `open` with the facts, or the final state."""
        known = await self._store.operations.get(request.operation)
        if known and known.round == round and known.state is not State.PLANNING:
            return _opened(known)
        record = known if known and known.round == round else await self._record(request, round)
        await self._store.operations.save(record)
        try:
            planned = await self.plan(request)
            record = replace(record, target=planned.plan.target)
            self.permit(planned)
            await self._breakglass.permit(record.room_id, planned.decision.tier)
            await self._lock(record, planned)
        except NotMine:
            raise
        except HoustonError as error:
            return await self.refuse(record, error)
        except Exception as error:  # a bug of a command must end its operation, not Houston
            log.exception("plan.bug", operation=record.id)
            return await self.refuse(record, bug(record.id, error))
        return await self._post(record, planned)

    async def again(self, record: Record) -> Planned:
        """The request planned as the world is now, to the same end. Raises what planning raises."""
        flight = unpacked(record)
        await self._stops.look()
        actor = Author(record.requester_id, record.requester)
        request = Request(record.message_id, record.room_id, record.thread, actor, record.line)
        return await self.plan(request, flight.expires if flight else None)

    async def plan(self, request: Request, expires: datetime | None = None) -> Planned:
        """The plan, and what policy says of it. Raises what planning raises."""
        operation, words = self._commands.of(request.line)
        if not isinstance(operation, Operation):
            raise Refused(f"{code(request.line)} is no operation of this Houston")
        arguments = operation.read(words.arguments)
        await self._stops.admit(operation)
        plan: Plan[Any] = await operation.call(arguments, self._needs)
        plan = await self._timed(operation, plan, words.line)
        unsure = any(finding.ok is None for finding in plan.findings)
        tier = Tier.HIGH if unsure and plan.tier in {Tier.LOW, Tier.MEDIUM} else plan.tier
        await self._keeper.refresh()
        ask = Ask(
            request.actor.id,
            operation.name,
            operation.role,
            tier,
            plan.target,
            self._clock.now(),
            plan.reach,
        )
        decision = self._policy.decide(ask)
        facts: dict[str, Any] = TypeAdapter(operation.facts).dump_python(plan.facts, mode="json")
        rests = basis(
            words.line,
            plan,
            decision,
            self._policy,
            power=await self._stops.state(),
            requester=request.actor.id,
            expires=expires or self._clock.now() + decision.expires,
        )
        return Planned(plan, facts, rests, digest(facts, rests, plan.diff), decision, ask)

    async def _timed(self, operation: Command, plan: Plan[Any], line: str) -> Plan[Any]:
        """The plan, with what is to be said of the next stop. Raises TooLate."""
        try:
            finding = await self._stops.judge(operation, plan.expected)
        except TooLate as late:
            raise late.ways_out(line) from None
        return replace(plan, findings=(*plan.findings, finding)) if finding else plan

    def permit(self, planned: Planned) -> None:
        """Raises Refused for what the findings or the policy forbid."""
        wrong = [finding.text for finding in planned.plan.findings if finding.ok is False]
        if wrong:
            raise refusal.Findings(f"{planned.plan.title}: not now. {wrong[0]}.", planned.plan)
        if not planned.decision.allowed:
            said = f"{planned.plan.title}: policy says no: {'; '.join(planned.decision.refusals)}."
            if planned.decision.tier is Tier.CRITICAL and planned.plan.diff:
                hint = "Have these lines reviewed and merged in git, outside of chat"
                raise refusal.ForReview(said, planned.plan, hint, planned.plan.diff)
            frozen = self._policy.frozen(planned.ask.target, planned.ask.at)
            no = Frozen if set(planned.decision.refusals) <= set(frozen) else Forbidden
            raise no(said, way_on(self._policy, planned.plan.target))

    async def _lock(self, record: Record, planned: Planned) -> None:
        holder = await self._store.operations.lock(planned.plan.target, record.id)
        if holder is None:
            return
        held = await self._store.operations.get(holder)
        who = f"{held.code}, {held.title}, asked by {held.requester}" if held else holder
        since = f" for {duration(self._clock.now() - held.created)}" if held else ""
        raise Taken(
            f"{planned.plan.target} is taken{since} by {plain(who)}.",
            f"Wait for it, or `!abort {held.code}`" if held else "`!ops` shows what runs",
        )

    async def _post(self, record: Record, planned: Planned) -> Json:
        now = self._clock.now()
        flight = self._flight(record, planned, now)
        flight = await self._forecaster.foreseen(flight, record.command, planned.plan)
        record = replace(record, state=State.WAITING, title=planned.plan.title)
        by_hand = offered(self._commands[record.command])
        text = self._redactor.clean(plan_card(record, flight, self._zone, by_hand).text())
        if flight.approvals:
            flight = replace(flight, approval_text=text)
        seeds = SEEDS if flight.approvals and record.room_id not in DOORS else ()
        post = Post(record.approval, record.room_id, text, record.thread, seeds)
        await self._note(
            record,
            "operation.planned",
            {
                "line": record.line,
                "digest": flight.digest,
                "tier": str(flight.tier),
                "policy": self._policy.version,
                "decision": list(flight.reasons),
            },
        )
        return _opened(await self._progress.show(record, flight, post))

    def _flight(self, record: Record, planned: Planned, now: datetime) -> Flight:
        plan, decision = planned.plan, planned.decision
        operation = self._commands[record.command]
        actions = (
            operation.steps(plan.facts, self._needs) if isinstance(operation, Operation) else []
        )
        return Flight(
            facts=planned.facts,
            basis=planned.basis,
            digest=planned.digest,
            diff=plan.diff,
            where=plan.where,
            findings=plan.findings,
            undo=plan.undo,
            tier=decision.tier,
            approvals=decision.approvals,
            opened=now,
            expires=datetime.fromisoformat(planned.basis["expires"]),
            expected=plan.expected,
            reasons=decision.reasons,
            lines=tuple(todo(action, record.line) for action in actions),
            approvers=tuple(
                p.name for p in self._policy.approvers(record.requester_id, now, decision.only)
            ),
            only=decision.only,
            with_code=decision.with_code,
            alone_after=decision.alone_after,
        )

    async def _record(self, request: Request, round: int) -> Record:
        code_ = code_of(request.operation)
        other = await self._store.operations.get(code_)
        if other and other.id != request.operation:
            code_ = code_of(request.operation, 6)
        now = self._clock.now()
        return Record(
            id=request.operation,
            code=code_ if round == 1 else f"{code_}-{round}",
            command=self._commands.of(request.line)[0].name,
            line=request.line,
            requester=request.actor.username,
            requester_id=request.actor.id,
            room_id=request.room_id,
            thread=request.thread,
            message_id=request.message_id,
            state=State.PLANNING,
            title=request.line,
            target="",
            round=round,
            created=now,
            updated=now,
            approval=post_id(request.operation, "plan", str(round)),
            card=post_id(request.operation, "card", str(round)),
        )

    async def refuse(self, record: Record, error: HoustonError) -> Json:
        """Answer and end: nothing was changed, nothing is held."""
        state = State.FAILED if isinstance(error, AdapterError) else State.REFUSED
        text = self._redactor.clean(refusal.planless(error, record.command).text())
        post = Post(record.card, record.room_id, text, record.thread)
        said: dict[str, Json] = {"line": record.line, "why": error.message, "reason": error.code}
        await self._note(record, f"operation.{state}", said)
        await self._store.operations.unlock(record.id)
        refused = replace(record, state=state, updated=self._clock.now())
        await self._store.operations.save(refused, post)
        self._courier.hurry()
        return {"verdict": str(state)}

    async def _note(self, record: Record, event: str, detail: dict[str, Json]) -> None:
        await self._trail.note(
            record.requester_id, event, operation=record.id, target=record.target, detail=detail
        )


def _opened(record: Record) -> Json:
    if record.state.final:
        return {"verdict": str(record.state)}
    return {"verdict": "open", "facts": record.detail.get("facts")}
