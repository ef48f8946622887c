"""The composition root: commands and ports go in, a Houston that can run comes out."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import fields
from typing import Any, cast, get_type_hints

import commands as commands_package
from bot import extensions
from bot.alarm import Alarm
from bot.app import App, Work
from bot.ballots import Ballots
from bot.breakglass import BreakGlass
from bot.brief import Brief
from bot.catalogue import Catalogue
from bot.clock import Clock
from bot.command import Command, Needs
from bot.configured import facts, hosting, secrets
from bot.console.desk import Desk
from bot.console.server import Console
from bot.console.sessions import Sessions
from bot.console.views import Views
from bot.courier import Courier
from bot.crowd import Crowd
from bot.doorlog import DoorLog
from bot.drill import Stages
from bot.drills import Drills
from bot.drillthreads import Threads
from bot.edition import edition
from bot.errors import ConfigError
from bot.evidence import Evidence
from bot.fencing import fenced
from bot.findings import Findings
from bot.forecast import Forecaster
from bot.gaps import Gaps
from bot.gathering import Gatherer
from bot.guard import Guard
from bot.guidecheck import GuideCheck
from bot.guidenight import GuideNight
from bot.handovers import Handovers
from bot.health import Health
from bot.homecoming import Homecoming
from bot.incident import Incidents
from bot.jobsurvey import Surveyor
from bot.link import Link
from bot.listener import Listener
from bot.meters import Meters
from bot.moves import Moves
from bot.operations import Operations
from bot.operators import Operators
from bot.outage import Outage
from bot.outside import Ports
from bot.patience import Patience
from bot.planning import Planner
from bot.policy import Policy
from bot.policybook import PolicyBook
from bot.ports.audit import Audit
from bot.ports.calendar import Calendar
from bot.ports.chat import Author, Chat, Room
from bot.ports.engine import Engine
from bot.ports.jobs import Jobs
from bot.ports.kubernetes import Kubernetes
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.resources import Resources
from bot.ports.secrets import Secrets
from bot.ports.store import Documents, Outbox, Store
from bot.ports.store import Operations as Records
from bot.progress import Progress
from bot.promises import Promises
from bot.queue import Queue
from bot.redact import Redactor
from bot.request import Request
from bot.retention import Retention
from bot.rights import Announcer
from bot.rota import Rota
from bot.router import Router
from bot.schedules import Schedules
from bot.scraping import Scraping
from bot.secretchain import Bootstrap
from bot.secretsurvey import Survey
from bot.sections import AnnounceSection
from bot.settings import ChatSection, PaceSection, Settings
from bot.shipping import Shipper, sink
from bot.slots import Slots
from bot.standing import Keeper
from bot.steps import Actor
from bot.stepup import StepUp
from bot.stops import Stops
from bot.tapping import Tapper
from bot.taps import Taps
from bot.tasks import Tasks
from bot.temporary import Ledger
from bot.tonight import RESTORER, Night, StopRestorer
from bot.tracing import Tracing
from bot.trail import Trail
from bot.upstream import Upstream
from bot.uptime import Uptimes
from bot.watch import Watch
from bot.watched import watched
from bot.wiring import Wiring

ON_CLUSTER = (
    *(Kubernetes, Pods, Jobs, Nodes, Resources, Secrets),
    *(Bootstrap, Evidence, Scraping, Survey, Surveyor, Tracing),
)
"""What answers only while the cluster is on."""
_OWN = {"engine", "store", "stages"}
"""Ports behind which is no other system."""
_OUTSIDE = {*get_type_hints(Ports).values()} - {Calendar, Chat, Engine, Store, Stages}
"""The systems a command may have to wait for; of calendars there are copies."""


def catalogue() -> Catalogue:
    """Every command in `commands/`, and those of installed packages.

    Raises ConfigError when two share a name, or a package's declaration is unsafe.
    """
    found = built_in()
    found.update({extra.name: extra for extra in extensions.load(found)})
    return found


def built_in() -> Catalogue:
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


def build(settings: Settings, ports: Ports, clock: Clock, commands: Catalogue | None = None) -> App:
    """Put Houston together, with these commands or with all there are.

    Raises ConfigError when a command needs what nobody gives.
    """
    if ports.leadership.shared:
        ports = fenced(ports, ports.leadership.check)
    parts = Wiring(_given(settings, ports, clock))
    parts[Catalogue] = catalogue() if commands is None else commands
    parts[Needs] = parts
    parts.make(Trail)
    parts.make(Courier, edit_every=settings.chat.edit_every, idle=settings.pace.look)
    parts.make(Rota, sections=settings.calendars)
    parts.make(Keeper)
    parts.make(PolicyBook)
    parts.make(StepUp, key=settings.step_up.key.get_secret_value())
    parts.make(Stops, hosting=settings.azure and hosting(settings), on_cluster=ON_CLUSTER)
    parts.make(Outage)
    parts.make(BreakGlass, section=settings.door)
    parts.make(Night)
    parts.make(Queue)
    parts.make(Ledger)
    _make_surveys(parts)
    parts.make(Schedules, configured=settings.schedules)
    parts.make(Gaps)
    parts.make(Crowd)
    parts.make(Forecaster)
    _make_operations(parts, settings)
    parts.make(Threads)
    parts.make(Drills)
    parts.make(Guard)
    parts.make(Slots, waits=lambda command: bool(parts.behind(command.needs.values()) & _OUTSIDE))
    parts.make(Router)
    cast(Catalogue, parts[Catalogue]).check({*parts, Request})
    return _make_app(parts, settings)


def _given(settings: Settings, ports: Ports, clock: Clock) -> dict[Any, object]:
    """Every port, and what the configuration says, by type."""
    kinds = get_type_hints(Ports)
    meters = Meters()
    return {
        Meters: meters,
        **{kinds[port.name]: _seen(ports, port.name, meters) for port in fields(Ports)},
        **facts(settings),
        Outbox: ports.store.outbox,
        Documents: ports.store.documents,
        Audit: ports.store.audit,
        Records: ports.store.operations,
        AnnounceSection: settings.announce,
        ChatSection: settings.chat,
        PaceSection: settings.pace,
        Policy: Policy(settings.policy),
        Redactor: Redactor(secrets(settings)),
        Author: Author(settings.chat.user_id, settings.chat.username),
        Clock: clock,
        Link: Link(),
        Tasks: Tasks(),
        Patience: Patience(),
    }


def _seen(ports: Ports, name: str, meters: Meters) -> object:
    port = getattr(ports, name)
    return port if name in _OWN else watched(name, port, meters)


def _make_surveys(parts: Wiring) -> None:
    parts.make(Findings)
    parts.make(Taps)
    parts.make(Incidents)
    parts.make(Handovers)
    parts.make(Gatherer)
    parts.make(Uptimes)
    parts.make(Surveyor)
    parts.make(GuideCheck)
    parts.make(Evidence)
    parts.make(Survey)
    parts.make(Bootstrap)
    parts.make(Scraping)
    parts.make(Tracing)
    parts.make(Brief)
    parts.make(Upstream)


def _make_operations(parts: Wiring, settings: Settings) -> None:
    parts.make(Ballots)
    parts.make(Progress)
    parts.make(Planner)
    parts.make(Moves)
    parts.make(Actor, poll=settings.pace.poll)
    parts.make(Operations)


def _make_app(parts: Wiring, settings: Settings) -> App:
    parts.make(Tapper)
    listener = parts.make(Listener)

    def heard() -> tuple[Room, ...]:
        return listener.rooms if listener.linked else ()

    look = settings.pace.look
    alarm = parts.make(Alarm, rooms=heard, every=look)
    restorers = {RESTORER: parts.make(StopRestorer)}
    promises = parts.make(Promises, restorers=restorers, linked=lambda: listener.linked, every=look)
    beside: dict[str, Work] = {
        "resync": listener.resync,
        "sweep": listener.sweep,
        "alarm": alarm.run,
        "promises": promises.run,
        "retention": parts.make(Retention, section=settings.retention).run,
        "drills": cast(Drills, parts[Drills]).run,
        "rights": parts.make(Announcer).run,
        "doorlog": parts.make(DoorLog, rooms=heard).run,
        "homecoming": parts.make(Homecoming, rooms=heard, every=look).run,
    }
    if settings.metrics:
        beside["crowd"] = cast(Crowd, parts[Crowd]).run
    if every := settings.reports.watch_every:
        watch = parts.make(Watch, section=settings.reports, every=every, rooms=heard)
        beside["watch"] = watch.run
    if at := settings.guide.nightly:
        beside["guide"] = parts.make(GuideNight, at=at, rooms=heard).run
    always: dict[str, Work] = {}
    if settings.health:
        always["health"] = parts.make(Health, section=settings.health).run
    console = _make_console(parts, settings)
    always |= {"console": console.run} if console else {}
    if settings.audit.ship_to:
        beside["ship"] = parts.make(Shipper, to=sink(settings.audit.ship_to)).run
    policy = cast(Policy, parts[Policy])
    return parts.make(
        App, versions=edition(settings, policy), always=always, beside=beside, console=console
    )


def _make_console(parts: Wiring, settings: Settings) -> Console | None:
    if settings.console is None:
        return None
    parts.make(Operators, section=settings.door)
    parts.make(Sessions, section=settings.console)
    parts.make(Views)
    parts.make(Desk)
    return parts.make(Console, section=settings.console)
