"""The composition root: commands and ports go in, a Houston that can run comes out."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import commands as commands_package
from bot.app import App
from bot.ballots import Ballots
from bot.clock import Clock
from bot.command import Catalogue, Command, Operation
from bot.courier import Courier
from bot.errors import ConfigError
from bot.listener import Listener
from bot.operations import Operations
from bot.planning import Planner
from bot.policy import Policy
from bot.ports.argocd import ArgoCD
from bot.ports.chat import Author, Chat
from bot.ports.engine import Engine
from bot.ports.git import Git
from bot.ports.kubernetes import Kubernetes
from bot.ports.registry import Registry, Releases
from bot.ports.store import Store
from bot.progress import Progress
from bot.redact import Redactor
from bot.request import Request
from bot.router import Router
from bot.settings import Settings
from bot.steps import Actor
from bot.target import Target
from bot.tasks import Tasks


@dataclass(frozen=True)
class Ports:
    """Every system outside."""

    chat: Chat
    git: Git
    argocd: ArgoCD
    kubernetes: Kubernetes
    registry: Registry
    releases: Releases
    engine: Engine
    store: Store


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


def target(settings: Settings) -> Target:
    """The Rocket.Chat that is operated, from the configuration."""
    return Target(
        application=settings.argocd.application,
        namespace=settings.rocketchat.namespace,
        release=settings.rocketchat.release,
        values=settings.rocketchat.values,
        microservice_images=settings.rocketchat.microservice_images,
    )


def build(settings: Settings, ports: Ports, clock: Clock) -> App:
    """Put Houston together. Raises ConfigError when a command needs what nobody gives."""
    policy, redactor = Policy(settings.policy), Redactor(secrets(settings))
    store, engine = ports.store, ports.engine
    courier = Courier(ports.chat, store.outbox, clock, settings.chat.edit_every)
    ballots = Ballots(
        chat=ports.chat,
        store=store,
        courier=courier,
        engine=engine,
        policy=policy,
        clock=clock,
        houston=Author(settings.chat.user_id, settings.chat.username),
    )
    known = catalogue()
    needs = _needs(settings, ports, clock, policy) | {Catalogue: known, Ballots: ballots}
    operations = _operations(
        settings=settings,
        ports=ports,
        clock=clock,
        policy=policy,
        redactor=redactor,
        courier=courier,
        ballots=ballots,
        known=known,
        needs=needs,
    )
    needs[Operations] = operations
    _check_needs(known, needs)
    router = Router(
        settings=settings.chat,
        commands=known,
        needs=needs,
        policy=policy,
        store=store,
        operations=operations,
        clock=clock,
        redactor=redactor,
    )
    return _app(settings, ports, clock, router=router, ballots=ballots, courier=courier)


def _app(
    settings: Settings,
    ports: Ports,
    clock: Clock,
    *,
    router: Router,
    ballots: Ballots,
    courier: Courier,
) -> App:
    tasks = Tasks()
    listener = Listener(
        chat=ports.chat,
        store=ports.store,
        router=router,
        ballots=ballots,
        courier=courier,
        clock=clock,
        tasks=tasks,
        settings=settings.chat,
        pace=settings.pace,
    )
    return App(
        engine=ports.engine,
        store=ports.store,
        listener=listener,
        router=router,
        courier=courier,
        tasks=tasks,
    )


def _needs(settings: Settings, ports: Ports, clock: Clock, policy: Policy) -> dict[type, object]:
    """What commands may ask for, by type."""
    return {
        Chat: ports.chat,
        Git: ports.git,
        ArgoCD: ports.argocd,
        Kubernetes: ports.kubernetes,
        Registry: ports.registry,
        Releases: ports.releases,
        Store: ports.store,
        Target: target(settings),
        Policy: policy,
        Clock: clock,
        ZoneInfo: ZoneInfo(settings.zone),
    }


def _operations(
    *,
    settings: Settings,
    ports: Ports,
    clock: Clock,
    policy: Policy,
    redactor: Redactor,
    courier: Courier,
    ballots: Ballots,
    known: Catalogue,
    needs: dict[type, object],
) -> Operations:
    zone, store = ZoneInfo(settings.zone), ports.store
    progress = Progress(store=store, courier=courier, clock=clock, zone=zone, redactor=redactor)
    planner = Planner(
        store=store,
        courier=courier,
        clock=clock,
        policy=policy,
        progress=progress,
        redactor=redactor,
        commands=known,
        needs=needs,
        zone=zone,
    )
    actor = Actor(
        store=store,
        clock=clock,
        policy=policy,
        progress=progress,
        commands=known,
        needs=needs,
        poll=settings.pace.poll,
    )
    return Operations(
        engine=ports.engine,
        store=store,
        clock=clock,
        planner=planner,
        ballots=ballots,
        progress=progress,
        actor=actor,
    )


def secrets(settings: Settings) -> list[str]:
    """Every configured secret value, for redaction only."""
    return [
        settings.chat.token.get_secret_value(),
        settings.git.password.get_secret_value(),
        settings.argocd.token.get_secret_value(),
        *(endpoint.password.get_secret_value() for endpoint in settings.registries.values()),
    ]


def _check_needs(known: Catalogue, needs: dict[type, object]) -> None:
    for command in known.values():
        wanted = command.all_needs if isinstance(command, Operation) else command.needs
        for name, kind in wanted.items():
            if kind not in needs and kind is not Request:
                raise ConfigError(
                    f"!{command.name} needs {name}: {kind.__name__}, which Houston does not give",
                    "Name a port of bot.ports",
                )
