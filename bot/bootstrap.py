"""The composition root: commands and ports go in, a Houston that can run comes out."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass, fields
from typing import get_type_hints
from zoneinfo import ZoneInfo

import commands as commands_package
from bot.alarm import Alarm
from bot.app import App, Work
from bot.ballots import Ballots
from bot.clock import Clock
from bot.command import Catalogue, Command
from bot.configured import facts, hosting, scope, secrets
from bot.courier import Courier
from bot.edition import edition
from bot.errors import ConfigError
from bot.findings import Findings
from bot.guard import Guard
from bot.jobsurvey import Surveyor
from bot.listener import Listener
from bot.operations import Operations
from bot.outside import Ports
from bot.planning import Planner
from bot.policy import Policy
from bot.ports.chat import Author
from bot.progress import Progress
from bot.redact import Redactor
from bot.request import Request
from bot.rota import Rota
from bot.router import Router
from bot.schedules import Schedules
from bot.settings import Settings
from bot.shipping import Shipper, sink
from bot.standing import Keeper
from bot.steps import Actor
from bot.tasks import Tasks
from bot.trail import Trail


def catalogue() -> Catalogue:
    """Every command in `commands/`. Raises ConfigError when two share a name."""
    found = Catalogue()
    for module in pkgutil.iter_modules(commands_package.__path__):
        loaded = importlib.import_module(f"{commands_package.__name__}.{module.name}")
        for command in vars(loaded).values():
            if not isinstance(command, Command):
                continue
            if found.get(command.name, command) is not command:
                raise ConfigError(f"two commands are called !{command.name}", "Rename one")
            found[command.name] = command
    return found


@dataclass(frozen=True)
class _Parts:
    """What most of Houston's parts are made of."""

    settings: Settings
    ports: Ports
    clock: Clock
    policy: Policy
    redactor: Redactor
    courier: Courier
    trail: Trail
    keeper: Keeper
    known: Catalogue
    needs: dict[type, object]
    zone: ZoneInfo


def build(settings: Settings, ports: Ports, clock: Clock) -> App:
    """Put Houston together. Raises ConfigError when a command needs what nobody gives."""
    policy = Policy(settings.policy)
    known = catalogue()
    redactor = Redactor(secrets(settings))
    rota = Rota(ports.calendar, ports.store.documents, settings.calendars, clock)
    parts = _Parts(
        settings=settings,
        ports=ports,
        clock=clock,
        policy=policy,
        redactor=redactor,
        courier=Courier(ports.chat, ports.store.outbox, clock, settings.chat.edit_every),
        trail=Trail(ports.store.audit, clock, redactor),
        keeper=Keeper(ports.store, clock, policy, rota),
        known=known,
        needs=_needs(settings, ports, clock, policy) | {Catalogue: known, Redactor: redactor},
        zone=ZoneInfo(settings.zone),
    )
    ballots = _ballots(parts)
    operations = _operations(parts, ballots)
    documents = ports.store.documents
    schedules = Schedules(configured=settings.schedules, documents=documents, clock=clock)
    for made in (ballots, operations, schedules, parts.trail, parts.keeper):
        parts.needs[type(made)] = made
    known.check({*parts.needs, Request})
    guard = _guard(parts)
    return _app(parts, _router(parts, operations, guard), ballots, schedules, guard)


def _guard(parts: _Parts) -> Guard:
    return Guard(
        store=parts.ports.store,
        courier=parts.courier,
        trail=parts.trail,
        redactor=parts.redactor,
        clock=parts.clock,
        chat=parts.settings.chat,
    )


def _router(parts: _Parts, operations: Operations, guard: Guard) -> Router:
    return Router(
        settings=parts.settings.chat,
        commands=parts.known,
        needs=parts.needs,
        policy=parts.policy,
        store=parts.ports.store,
        operations=operations,
        clock=parts.clock,
        redactor=parts.redactor,
        trail=parts.trail,
        guard=guard,
    )


def _app(
    parts: _Parts, router: Router, ballots: Ballots, schedules: Schedules, guard: Guard
) -> App:
    tasks, ports, settings = Tasks(), parts.ports, parts.settings
    listener = Listener(
        chat=ports.chat,
        store=ports.store,
        router=router,
        ballots=ballots,
        courier=parts.courier,
        clock=parts.clock,
        tasks=tasks,
        settings=settings.chat,
        pace=settings.pace,
        guard=guard,
    )
    alarm = Alarm(
        schedules=schedules,
        router=router,
        store=ports.store,
        courier=parts.courier,
        clock=parts.clock,
        tasks=tasks,
        rooms=lambda: listener.rooms if listener.linked else (),
    )
    return App(
        engine=ports.engine,
        store=ports.store,
        listener=listener,
        router=router,
        courier=parts.courier,
        tasks=tasks,
        trail=parts.trail,
        versions=edition(settings, parts.policy),
        beside=_beside(parts, listener, alarm),
    )


def _beside(parts: _Parts, listener: Listener, alarm: Alarm) -> dict[str, Work]:
    """What runs beside the listening, by name."""
    found = {"resync": listener.resync, "sweep": listener.sweep, "alarm": alarm.run}
    if parts.settings.audit.ship_to:
        sent = sink(parts.settings.audit.ship_to)
        found["ship"] = Shipper(parts.ports.store, parts.trail, sent).run
    return found


def _needs(settings: Settings, ports: Ports, clock: Clock, policy: Policy) -> dict[type, object]:
    """What commands may ask for, by type: every port, and what the configuration says."""
    kinds = get_type_hints(Ports)
    return {
        **{kinds[port.name]: getattr(ports, port.name) for port in fields(Ports)},
        **facts(settings),
        Policy: policy,
        Findings: Findings(ports.store.documents, clock),
        Surveyor: Surveyor(
            jobs=ports.jobs,
            automation=ports.automation,
            hosting=hosting(settings),
            scope=scope(settings),
            rules=settings.reports.job_rules,
            clock=clock,
        ),
        Clock: clock,
    }


def _ballots(parts: _Parts) -> Ballots:
    return Ballots(
        chat=parts.ports.chat,
        store=parts.ports.store,
        courier=parts.courier,
        engine=parts.ports.engine,
        policy=parts.policy,
        clock=parts.clock,
        houston=Author(parts.settings.chat.user_id, parts.settings.chat.username),
        trail=parts.trail,
        keeper=parts.keeper,
    )


def _operations(parts: _Parts, ballots: Ballots) -> Operations:
    store, clock = parts.ports.store, parts.clock
    progress = Progress(
        store=store,
        courier=parts.courier,
        clock=clock,
        zone=parts.zone,
        redactor=parts.redactor,
    )
    planner = _planner(parts, progress)
    parts.needs[Planner] = planner
    return Operations(
        engine=parts.ports.engine,
        store=store,
        clock=clock,
        planner=planner,
        ballots=ballots,
        progress=progress,
        trail=parts.trail,
        actor=Actor(
            store=store,
            clock=clock,
            policy=parts.policy,
            progress=progress,
            commands=parts.known,
            needs=parts.needs,
            poll=parts.settings.pace.poll,
            trail=parts.trail,
            keeper=parts.keeper,
        ),
    )


def _planner(parts: _Parts, progress: Progress) -> Planner:
    return Planner(
        store=parts.ports.store,
        courier=parts.courier,
        clock=parts.clock,
        policy=parts.policy,
        progress=progress,
        redactor=parts.redactor,
        commands=parts.known,
        needs=parts.needs,
        zone=parts.zone,
        trail=parts.trail,
        keeper=parts.keeper,
    )
