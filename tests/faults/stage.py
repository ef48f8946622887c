"""A whole Houston with its real adapters, in front of simulated systems that can fail."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.sim.engine import Journal, MemoryEngine
from adapters.sim.servers.kubernetes import write_kubeconfig
from adapters.sim.servers.loopback import HOST
from adapters.sim.servers.tls import certificate
from adapters.store import SqlStore
from bot.app import App
from bot.bootstrap import build
from bot.clock import Clock, LoopClock
from bot.connect import connect
from bot.lab import Lab, lab
from bot.ports.engine import Failed, Flow, Json, Workflow, ignored
from bot.settings import Settings
from tests.faults.kinds import Fault, System
from tests.faults.proxy import Proxy

At = Callable[[str], Awaitable[None]]
_SERVED = {
    System.CHAT: "chat",
    System.GIT: "git",
    System.ARGOCD: "argocd",
    System.KUBERNETES: "kubernetes",
    System.AZURE: "azure",
    System.METRICS: "metrics",
}


class JumpingClock:
    """A clock that somebody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.off = timedelta(0)

    def now(self) -> datetime:
        return self._clock.now() + self.off


class WatchedEngine(MemoryEngine):
    """Tells when each step begins, before it does."""

    def __init__(self, journal: Journal, at: At) -> None:
        super().__init__(journal)
        self._at = at

    def register(self, name: str, workflow: Workflow, failed: Failed = ignored) -> None:
        """See the port."""

        async def watched(flow: Flow, argument: Json) -> Json:
            return await workflow(WatchedFlow(flow, self._at), argument)

        super().register(name, watched, failed)


class WatchedFlow:
    """A flow that tells when each step begins."""

    def __init__(self, flow: Flow, at: At) -> None:
        self._flow, self._at, self.id = flow, at, flow.id

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """See the port."""

        async def acting() -> Json:
            await self._at(name)
            return await act()

        return await self._flow.step(name, acting)

    async def receive(self, within: timedelta) -> Json:
        """See the port."""
        return await self._flow.receive(within)

    async def sleep(self, duration: timedelta) -> None:
        """See the port."""
        await self._flow.sleep(duration)


class Stage:
    """What runs. `proxies` are the ways to the systems; `store` and `journal` outlive Houston."""

    def __init__(
        self,
        running: Lab,
        proxies: dict[System, Proxy],
        clock: JumpingClock,
        store: SqlStore,
        at: At,
    ) -> None:
        self.world = running.world
        self.proxies = proxies
        self.clock = clock
        self.journal = Journal()
        self.store = store
        self.app: App
        self._settings = Settings(**running.config)
        self._at = at
        self._houston = AsyncExitStack()

    async def launch(self) -> None:
        """Start Houston."""
        ports = await self._houston.enter_async_context(connect(self._settings))
        engine = WatchedEngine(self.journal, self._at)
        ports = replace(ports, engine=engine, store=self.store)
        self.app = build(self._settings, ports, self.clock)
        self._houston.push_async_callback(self.app.stop)
        await self.app.start()

    async def land(self) -> None:
        """Stop Houston, and close all that it had open."""
        await self._houston.aclose()

    async def restart(self, after: float) -> None:
        """Stop, stay away for so many seconds, and start from what is remembered."""
        await self.land()
        await asyncio.sleep(after)
        await self.launch()

    @property
    def met(self) -> int:
        """How many requests a fault befell."""
        return sum(proxy.met for proxy in self.proxies.values())


@asynccontextmanager
async def staged(
    directory: Path,
    at: At,
    *,
    store: SqlStore,
    begins: datetime | None = None,
    changed: Mapping[str, Any] | None = None,
) -> AsyncIterator[Stage]:
    """Start everything; it ends with the block.

    Args:
        at: called with the name of each step of an operation, before it begins.
        store: on disk, or in memory, where nothing waits for threads.
        begins: the date at the start; None for the machine's.
        changed: what is set besides, by section.
    """
    clock = LoopClock(begins or datetime.now(UTC))
    async with AsyncExitStack() as stack:
        running = await stack.enter_async_context(lab(directory=directory, speed=1.0, clock=clock))
        proxies, trusted = await _in_between(stack, running, directory)
        _known(stack, proxies, trusted)
        _redirect(running, proxies, directory, trusted)
        for section, values in (changed or {}).items():
            known = running.config.get(section)
            running.config[section] = known | values if isinstance(known, dict) else values
        stage = Stage(running, proxies, JumpingClock(clock), store, at)
        stack.push_async_callback(stage.land)
        await stage.launch()
        async with asyncio.timeout(60):
            await until(lambda: stage.app.listener.linked)
        yield stage


async def until(true: Callable[[], bool]) -> None:
    """Look every second."""
    while not true():  # noqa: ASYNC110  # looks as a person does, in skipped time
        await asyncio.sleep(1.0)


async def _in_between(
    stack: AsyncExitStack, running: Lab, directory: Path
) -> tuple[dict[System, Proxy], Path]:
    """A proxy for each system, and the certificate they show."""
    proxies = {kind: Proxy(name, running.endpoints[name]) for kind, name in _SERVED.items()}
    names = [proxy.host for proxy in proxies.values()]
    own, strange = directory / "own", directory / "strange"
    own.mkdir()
    strange.mkdir()
    _, trusted = certificate(own, *names)
    bad, _ = certificate(strange, *names)
    for proxy in proxies.values():
        good = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        good.load_cert_chain(trusted, own / "lab-key.pem")
        await proxy.start(stack, good, bad)
    return proxies, trusted


def _known(stack: AsyncExitStack, proxies: dict[System, Proxy], trusted: Path) -> None:
    """The machine's name service knows the proxies, and its certificates are the lab's."""
    patch = stack.enter_context(pytest.MonkeyPatch.context())
    by_host = {proxy.host: proxy for proxy in proxies.values()}
    usual = socket.getaddrinfo

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        proxy = by_host.get(host.decode() if isinstance(host, bytes) else host)
        if proxy is None:
            return usual(host, *arguments, **options)
        if proxy.fault in {Fault.DNS, Fault.REFUSED}:
            proxy.met += 1
        if proxy.fault is Fault.DNS:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return usual(HOST, *arguments, **options)

    patch.setattr(socket, "getaddrinfo", getaddrinfo)
    patch.setenv("SSL_CERT_FILE", str(trusted))
    # aiohttp reads the machine's certificates once, when it is imported.
    context = ssl.create_default_context(cafile=str(trusted))
    patch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
    # aiohttp ages names and kept connections by the process's clock: here time is the loop's.
    patch.setattr("aiohttp.connector.monotonic", asyncio.get_running_loop().time)


def _redirect(running: Lab, proxies: dict[System, Proxy], directory: Path, trusted: Path) -> None:
    """Houston is told the proxies' addresses. It waits as long as it usually does, but for git and
    a locked store: those wait in threads, in real time."""
    config = running.config
    config["chat"]["url"] = proxies[System.CHAT].url
    config["git"]["url"] = f"{proxies[System.GIT].url}/ops.git"
    config["git"]["timeout"] = 1.0
    config["argocd"]["url"] = proxies[System.ARGOCD].url
    config["metrics"]["url"] = proxies[System.METRICS].url
    azure = proxies[System.AZURE].url
    config["azure"] |= {"url": azure, "authority": azure, "ca_file": str(trusted)}
    config["secrets"]["vault_endpoint"] = azure
    config["pace"] = {"engine": 10}
    known = yaml.safe_load((directory / "kubeconfig").read_text("utf-8"))
    own = directory / "kubeconfig.faults"
    url, token = proxies[System.KUBERNETES].url, known["users"][0]["user"]["token"]
    write_kubeconfig(own, url, token, trusted)
    config["kubernetes"]["kubeconfig"] = str(own)
