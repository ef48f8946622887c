"""Carries operations out: plan, votes, plan again and compare, steps, checks, report.

Every `flow.step` is durable and looks before it acts, so a process killed anywhere goes on.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot import program
from bot.approvals import Verdict
from bot.ballots import Ballots, Tampered
from bot.breakglass import BreakGlass
from bot.clock import Clock
from bot.courier import Courier
from bot.endings import Ending, Reason
from bot.errors import Forbidden, HoustonError, Moved, Newer, NotMine, Unavailable, bug
from bot.flight import Flight, unpacked
from bot.moves import Moves
from bot.newer import left
from bot.patience import Patience, PatientFlow
from bot.planning import Planned, Planner
from bot.ports.engine import Engine, Flow, Json, fields
from bot.ports.store import Record, State, Store
from bot.progress import Progress
from bot.request import Request
from bot.steps import Actor
from bot.telemetry import TracedFlow
from bot.trail import Trail

_BY = "program"
"""In the journal: the version that began it."""
WORKFLOW = "operation"
"""The name in the journal; it must never change."""
ROUNDS = 5
"""How often a plan is made anew because the world moved, before giving up."""
_CHAT_PAUSE = timedelta(seconds=5)
_SHORTEST = timedelta(milliseconds=100)
"""A wait a clock surely notices: a shorter one may end before the expiry it waits for."""


class Operations:
    """The durable function, and the ways to start it and to speak to it."""

    def __init__(
        self,
        *,
        engine: Engine,
        moves: Moves,
        store: Store,
        clock: Clock,
        planner: Planner,
        ballots: Ballots,
        progress: Progress,
        actor: Actor,
        trail: Trail,
        breakglass: BreakGlass,
        courier: Courier,
        patience: Patience,
    ) -> None:
        self._engine = engine
        self._moves = moves
        self._store = store
        self._clock = clock
        self._planner = planner
        self._ballots = ballots
        self._progress = progress
        self._actor = actor
        self._trail = trail
        self._breakglass = breakglass
        self._courier = courier
        self._patience = patience
        engine.register(WORKFLOW, self._fly, self._broken)

    async def begin(self, request: Request) -> None:
        """Start; when this returns the operation can no longer be lost."""
        began = {**request.packed(), _BY: program.VERSION}
        await self._engine.run(WORKFLOW, request.operation, began)

    async def begun(self, request: Request) -> bool:
        """Whether this request was started, perhaps by a process that has died since."""
        known = await self._store.operations.get(request.operation)
        return known is not None or request.operation in await self._engine.active()

    async def tell(self, record: Record, kind: str, by: str) -> None:
        """Ask a running operation to `abort`, `hold` or `release`."""
        key = f"{kind}-{by}-{self._clock.now().isoformat()}"
        await self._engine.send(record.id, {"kind": kind, "by": by, "round": record.round}, key)

    async def _fly(self, flow: Flow, argument: Json) -> Json:
        request, by = Request.unpacked(fields(argument)), str(fields(argument).get(_BY, ""))
        if by and not program.knows(by):
            await self._patience.until_done(partial(left, self._courier, request, by), flow.id)
            raise Newer(f"Houston {by} began it", "It goes on where that version leads")
        flow = PatientFlow(TracedFlow(flow), self._patience)
        for round in range(1, ROUNDS + 1):
            plan = partial(self._planner.open, request, round)
            opened = fields(await flow.step("plan", plan))
            if opened["verdict"] != "open":
                return str(opened["verdict"])
            verdict: str = await self._agreed(flow, round)
            if verdict == "go":
                verdict = await self._actor.act(flow, request, opened["facts"])
            if verdict != "again":
                return verdict
        return await flow.step("give up", partial(self._give_up, flow.id))

    async def _broken(self, id: str, error: Exception) -> None:
        """End what nobody foresaw stopped: else its target stays taken, and its card lies."""
        found = error if isinstance(error, HoustonError) else bug(id, error)

        async def end() -> None:
            record = await self._store.operations.get(id)
            if record is None or record.state.final:
                return
            if unpacked(record) is None:
                await self._planner.refuse(record, found)
            else:
                await self._actor.ended(id, Ending(State.FAILED, found.told, found.code))

        await self._patience.until_done(end, id)

    async def _agreed(self, flow: Flow, round: int) -> str:
        """Wait for the votes and pass the gate: `go`, `again` for a new round, or the state."""
        while True:
            said = fields(await flow.step("tally", partial(self._tally, flow.id)))
            if said["verdict"] == "approved":
                gate = fields(await flow.step("gate", partial(self._gate, flow.id)))
                if gate["verdict"] != "wait":
                    return str(gate["verdict"])
                said = {"verdict": "open", "left": _CHAT_PAUSE.total_seconds()}
            if said["verdict"] != "open":
                return str(said["verdict"])
            message = await flow.receive(timedelta(seconds=float(said["left"])))
            ending = _ending(message, round)
            if ending:
                closed = await flow.step("close", partial(self._close, flow.id, ending))
                return str(fields(closed)["verdict"])

    async def _tally(self, id: str) -> Json:
        record, flight = await self._current(id)
        if record.state.closed:
            return _closed(record.state)
        if record.state is State.RUNNING:
            return {"verdict": "approved"}
        tally = await self._ballots.count(record, flight)
        now = self._ballots.now(record)
        if tally.verdict is Verdict.DENIED:
            denied = f"Denied by {', '.join(tally.denied)}. Nothing was changed."
            ending = Ending(State.CANCELLED, denied, Reason.VOTED_DOWN)
            return await self._close(id, ending)
        if now >= flight.expires:
            expired = f"Not approved in time ({tally.text}). Nothing was changed."
            return await self._close(id, Ending(State.EXPIRED, expired, Reason.EXPIRED))
        state = State.HELD if tally.verdict is Verdict.HELD else State.WAITING
        await self._progress.votes(record, state, tally.text)
        if tally.verdict.decided:
            return {"verdict": "approved"}
        due = tally.alone.due if tally.alone else flight.expires
        until = due if due > now else flight.expires
        left = max(until - now, _SHORTEST)
        return {"verdict": "open", "left": left.total_seconds()}

    async def _gate(self, id: str) -> Json:
        """The last look before anything changes: message, people, time, and the plan made anew."""
        record, flight = await self._current(id)
        if record.state is State.RUNNING:
            return {"verdict": "go"}
        if record.state.closed:
            return _closed(record.state)
        if flight.approvals:
            refused = await self._votes_stand(record, flight)
            if refused:
                return refused
        moved = await self._plan_stands(record, flight)
        if moved:
            return moved
        if self._ballots.now(record) >= flight.expires:
            # Last, since planning may take its time.
            return {"verdict": "wait"}
        await self._note(record, "operation.started", {"digest": flight.digest})
        await self._progress.started(record)
        return {"verdict": "go"}

    async def _plan_stands(self, record: Record, flight: Flight) -> Json:
        """None when planning anew gives the very plan that was agreed to."""
        try:
            fresh = await self._planner.again(record)
            if fresh.digest == flight.digest:
                self._planner.permit(fresh)
                await self._breakglass.permit(record.room_id, flight.tier)
        except Unavailable:
            return {"verdict": "wait"}
        except NotMine:
            raise
        except HoustonError as error:
            why = f"The plan no longer holds: {error.message} Nothing was changed."
            moved = _listed(await self._moves.power(flight))
            return await self._close(record.id, Ending(State.VOID, why + moved, error.code))
        if not fresh.decision.allowed:
            why = f"Policy says no: {'; '.join(fresh.decision.refusals)}. Nothing was changed."
            moved = _listed(await self._moves.since(flight, fresh))
            return await self._close(record.id, Ending(State.VOID, why + moved, Forbidden.code))
        if fresh.digest != flight.digest:
            return await self._moved(record, flight, fresh)
        return None

    async def _votes_stand(self, record: Record, flight: Flight) -> Json:
        """None when the approval may be acted on at this moment."""
        try:
            await self._ballots.read(record)
            tally = await self._ballots.confirmed(record, flight)
        except Tampered as tampered:
            return await self._close(record.id, _voided(tampered.reason))
        except HoustonError:
            # A vote that cannot be read again is no vote; it may become readable before it expires.
            return {"verdict": "wait"}
        return None if tally.verdict is Verdict.APPROVED else {"verdict": "wait"}

    async def _moved(self, record: Record, flight: Flight, fresh: Planned) -> Json:
        changed = _listed(await self._moves.since(flight, fresh))
        text = (
            f"The world moved, so its votes are void.{changed}\n"
            "A new plan follows; it needs votes of its own."
        )
        return await self._close(record.id, Ending(State.VOID, text, Moved.code))

    async def _give_up(self, id: str) -> Json:
        why = f"The world moved {ROUNDS} times while it was planned. Try later."
        ending = Ending(State.FAILED, f"Nothing was changed. {why}", Moved.code)
        record, _ = await self._current(id)
        if not record.state.final:
            await self._end(record, ending)
        await self._store.operations.unlock(id)
        return str(State.FAILED)

    async def _close(self, id: str, ending: Ending) -> Json:
        """End this round without having changed anything; a void one is planned anew."""
        record, _ = await self._current(id)
        if not record.state.closed:
            await self._end(record, ending)
        if ending.state is not State.VOID:
            await self._store.operations.unlock(id)
        return _closed(ending.state)

    async def _end(self, record: Record, ending: Ending) -> None:
        said: dict[str, Json] = {"why": ending.why, "reason": ending.reason}
        await self._note(record, f"operation.{ending.state}", said)
        await self._progress.ended(record, ending.state, ending.why)

    async def _current(self, id: str) -> tuple[Record, Flight]:
        record = await self._store.operations.get(id)
        flight = unpacked(record) if record else None
        if record is None or flight is None:
            raise LookupError(f"operation {id} is not in the store")
        return record, flight

    async def _note(self, record: Record, event: str, detail: dict[str, Json]) -> None:
        await self._trail.note(
            record.requester_id, event, operation=record.id, target=record.target, detail=detail
        )


def _listed(changes: list[str]) -> str:
    """What moved, below the sentence it explains."""
    lines = [f"- {change}" for change in changes]
    return "\n".join(["", "Changed since you read this:", *lines]) if lines else ""


def _closed(state: State) -> Json:
    return {"verdict": "again" if state is State.VOID else str(state)}


def _voided(reason: str) -> Ending:
    text = f"The message that collects the votes cannot be trusted: {reason}. Its votes are void."
    return Ending(State.VOID, text, Reason.TAMPERED)


def _ending(message: Json, round: int) -> Ending | None:
    """What a message means for a round that waits: its end, or only a reason to count again."""
    if message is None:
        return None
    said = fields(message)
    if said["kind"] == "abort":
        why = f"Aborted by {said['by']}. Nothing was changed."
        return Ending(State.CANCELLED, why, Reason.ABORTED)
    if said["kind"] == "void" and said["round"] == round:
        return _voided(str(said["reason"]))
    return None
