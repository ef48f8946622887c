"""Carries out a plan's actions one after another, each durable, and reports the end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any, cast

import structlog
from pydantic import TypeAdapter

from bot.catalogue import Catalogue
from bot.clock import Clock, Stopwatch
from bot.command import Needs, Operation
from bot.endings import Ending, Reason, failed, failing, failure, shown
from bot.errors import AdapterError, CheckFailed, HoustonError, Moved, NotMine, bug
from bot.flight import Flight, LineState, outcome, unpacked
from bot.plan import Action, Actions, Check, Run, Sight, Step
from bot.policy import Policy
from bot.ports.engine import Flow, Json, fields
from bot.ports.git import Signature
from bot.ports.store import Record, State, Store
from bot.progress import Progress
from bot.request import Request
from bot.standing import Keeper
from bot.stops import Stops
from bot.trail import HOUSTON, Trail

log = structlog.get_logger()

SLICE = timedelta(seconds=20)
"""How long one durable look at the checks goes on: a step of the journal is never much longer."""
TRIES = 8
"""How often a step is tried while its system is away, 2, 4, 8 … 30 s apart."""
_LONGEST_PAUSE = 30.0
_HOLD = timedelta(hours=1)


class Actor:
    """Runs the steps and checks of one operation."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        policy: Policy,
        progress: Progress,
        commands: Catalogue,
        needs: Needs,
        poll: timedelta,
        trail: Trail,
        keeper: Keeper,
        stops: Stops,
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._progress = progress
        self._commands = commands
        self._needs = needs
        self._poll = poll
        self._trail = trail
        self._keeper = keeper
        self._stops = stops
        self._watched = Stopwatch(clock)

    async def act(self, flow: Flow, request: Request, facts: Json) -> str:
        """Do it all. Gives the final state, or `again` when the world moved before anything was
        done."""
        results: dict[str, Any] = {}
        for single, group in groupby(self._actions(request, facts), key=_is_step):
            run = Run(flow.id, self._signature(request), results)
            for actions in ([action] for action in group) if single else [list(group)]:
                ended = await self._controlled(flow) or (
                    await self._step(flow, cast(Step[Any], actions[0]), run)
                    if single
                    else await self._watch(flow, cast(list[Check], actions), run)
                )
                if ended and ended.state is State.VOID:
                    return "again"
                if ended:
                    return await self._report(flow, ended)
        return await self._report(flow, Ending(State.SUCCEEDED, "", Reason.OK))

    def _actions(self, request: Request, facts: Json) -> Actions:
        operation, _ = self._commands.of(request.line)
        if not isinstance(operation, Operation):
            raise TypeError(f"!{operation.name} is no operation")
        known = TypeAdapter(operation.facts).validate_python(facts)
        return operation.steps(known, self._needs)

    def _signature(self, request: Request) -> Signature:
        person = self._policy.person(request.actor.id)
        if person is None:
            return Signature(request.actor.username, f"{request.actor.username}@unknown.invalid")
        return Signature(person.name, person.email)

    async def _step(self, flow: Flow, step: Step[Any], run: Run) -> Ending | None:
        """None when done; void when the world moved before anything was changed."""
        for attempt in range(1, TRIES + 1):
            act = partial(self._do, flow.id, step, run, last=attempt == TRIES)
            said = fields(await flow.step(step.title, act))
            if "ok" in said:
                cast(dict[str, Any], run.results)[step.title] = said["ok"]
                return None
            ended = Ending(State.FAILED, str(said["error"]), str(said["code"]))
            if ended.reason == Moved.code and not run.results:
                await flow.step("void", partial(self._void, flow.id, ended.why))
                return replace(ended, state=State.VOID)
            if not said["retry"] or attempt == TRIES:
                return ended
            pause = max(float(said["after"]), min(2.0**attempt, _LONGEST_PAUSE))
            await flow.sleep(timedelta(seconds=pause))
            stopped = await self._controlled(flow)
            if stopped:
                return stopped
        return None

    async def _do(self, id: str, step: Step[Any], run: Run, *, last: bool) -> Json:
        record, flight = await self._current(id)
        flight = flight.line(step.title, LineState.DOING)
        record = await self._progress.show(record, flight)
        try:
            if run.results:
                await self._keeper.permit(record.target, flight.basis["policy"])
                await self._stops.stands(
                    self._commands[record.command], flight.basis.get("power", "")
                )
            value = await step.act(run)
        except NotMine:
            raise
        except Exception as error:  # a bug of a step must end its operation, not Houston
            if not isinstance(error, HoustonError):
                log.exception("step.bug", operation=id, step=step.title)
                error = bug(id, error)
            line = flight.line(step.title, *failing(error, last=last))
            await self._progress.show(record, line)
            return failure(error)
        told = value[:7] if isinstance(value, str) and len(value) == len("0" * 40) else value
        flight = flight.line(step.title, LineState.DONE, str(told or ""))
        await self._progress.show(record, replace(flight, done={**flight.done, step.title: value}))
        await self._note(record, "step.done", {"step": step.title, "result": value})
        return {"ok": value}

    async def _watch(self, flow: Flow, checks: list[Check], run: Run) -> Ending | None:
        """None when every check holds, else the first that will not."""
        begun = str(await flow.step("watch", partial(self._begin, flow.id)))
        while True:
            look = partial(self._look, flow.id, checks, run, datetime.fromisoformat(begun))
            seen = fields(await flow.step("look", look))
            if seen["failed"]:
                # In an older journal there is no reason.
                reason = str(seen.get("reason", CheckFailed.code))
                return Ending(State.FAILED, str(seen["failed"]), reason)
            if seen["done"]:
                return None
            stopped = await self._controlled(flow)
            if stopped:
                return stopped

    async def _begin(self, id: str) -> Json:
        begun = self._clock.now()
        self._watched.since(id, begun)  # from now on, whatever the clock is set to
        return begun.isoformat()

    async def _look(self, id: str, checks: list[Check], run: Run, begun: datetime) -> Json:
        """One slice of watching."""
        record, flight = await self._current(id)
        loop = asyncio.get_running_loop()
        until = loop.time() + SLICE.total_seconds()
        while True:
            sights = await asyncio.gather(*(self._see(check, run) for check in checks))
            late = self._watched.since(id, begun)
            for check, sight in zip(checks, sights, strict=True):
                flight = flight.line(check.title, *shown(late, check, sight))
            record = await self._progress.looked(record, flight)
            ended = next((f for f in map(partial(failed, late), checks, sights) if f), None)
            if ended:
                return {"done": True, "failed": ended.why, "reason": ended.reason}
            if all(isinstance(sight, Sight) and sight.done for sight in sights):
                return {"done": True, "failed": ""}
            if loop.time() >= until:
                return {"done": False, "failed": ""}
            await asyncio.sleep(self._poll.total_seconds())

    async def _see(self, check: Check, run: Run) -> Sight | CheckFailed:
        try:
            return await check.look(run)
        except CheckFailed as found:
            return found
        except AdapterError as error:
            return Sight(False, f"not seen: {error.message}", seen=False)

    async def _controlled(self, flow: Flow) -> Ending | None:
        """None to go on; waits while held."""
        message = await flow.receive(timedelta(0))
        held = ""
        while message is not None or held:
            said = fields(message) if message is not None else {"kind": "nothing", "by": ""}
            if said["kind"] == "abort":
                return Ending(State.CANCELLED, f"aborted by {said['by']}", Reason.ABORTED)
            if said["kind"] == "hold" and not held:
                held = str(said["by"])
                await flow.step("hold", partial(self._held, flow.id, held))
            if said["kind"] == "release" and held:
                await flow.step("release", partial(self._released, flow.id))
                held = ""
            message = await flow.receive(_HOLD if held else timedelta(0))
        return None

    async def _held(self, id: str, by: str) -> Json:
        record, flight = await self._current(id)
        held = replace(
            flight, outcome=f"Held by {by}: nothing further is done until it is released."
        )
        await self._progress.show(replace(record, state=State.HELD), held)
        return None

    async def _released(self, id: str) -> Json:
        record, flight = await self._current(id)
        await self._progress.show(replace(record, state=State.RUNNING), replace(flight, outcome=""))
        return None

    async def _void(self, id: str, why: str) -> Json:
        record, _ = await self._current(id)
        if not record.state.closed:
            text = f"{why} Nothing was changed. The votes are void; a new plan follows."
            await self._progress.ended(record, State.VOID, text)
        return None

    async def _report(self, flow: Flow, ending: Ending) -> str:
        await flow.step("report", partial(self.ended, flow.id, ending))
        return str(ending.state)

    async def ended(self, id: str, ending: Ending) -> Json:
        """The operation is over, however often this is called. LookupError: it has no plan."""
        record, flight = await self._current(id)
        if not record.state.final:
            state, why = ending.state, ending.why
            said: dict[str, Json] = {"why": why, "reason": ending.reason}
            await self._note(record, f"operation.{state}", said)
            await self._progress.ended(record, state, outcome(state, why, flight))
        await self._store.operations.unlock(id)
        self._watched.forget(id)
        return None

    async def _current(self, id: str) -> tuple[Record, Flight]:
        record = await self._store.operations.get(id)
        flight = unpacked(record) if record else None
        if record is None or flight is None:
            raise LookupError(f"operation {id} is not in the store")
        return record, flight

    async def _note(self, record: Record, event: str, detail: dict[str, Json]) -> None:
        await self._trail.note(
            HOUSTON, event, operation=record.id, target=record.target, detail=detail
        )


def _is_step(action: Action) -> bool:
    return isinstance(action, Step)
