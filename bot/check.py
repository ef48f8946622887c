"""`houston check`: is each system reachable, is Houston allowed, which version is it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.configured import hosting, pipeline, scope, target
from bot.errors import HoustonError, Refused
from bot.outside import Ports
from bot.rights import lacking
from bot.settings import Settings


@dataclass(frozen=True)
class Checked:
    """One line of the report. `ok` false means Houston cannot work like this."""

    system: str
    ok: bool
    text: str
    hint: str = ""


Inspect = Callable[[Settings], Awaitable[str]]


async def check(settings: Settings, ports: Ports, account: Inspect) -> list[Checked]:
    """Look at every system, side by side; one that fails does not hide the others.

    Args:
        account: inspects Houston's account and rooms on the chat server.
    """
    reports: dict[str, Awaitable[str]] = {
        "Rocket.Chat": account(settings),
        "git": _git(settings, ports),
        "Argo CD": _argocd(settings, ports),
        "Kubernetes": _kubernetes(settings, ports),
        "its rights": _rights(settings, ports),
        "releases": _releases(ports),
        **({"Azure": _azure(settings, ports)} if settings.azure else {}),
        **({"metrics": _metrics(settings, ports)} if settings.metrics else {}),
        **({"Grafana": _grafana(settings, ports)} if settings.grafana else {}),
        **({"Key Vault": _vault(settings, ports)} if settings.secrets.vault else {}),
        "store": _store(ports),
    }
    results = await asyncio.gather(*(_line(name, report) for name, report in reports.items()))
    return [*results, *await _registries(ports)]


def shown(lines: Sequence[Checked]) -> Iterator[str]:
    """The report as people read it."""
    for line in lines:
        yield f"{'✔' if line.ok else '✘'} {line.system:24} {line.text}"
        if not line.ok and line.hint:
            yield f"  {'':24} {line.hint}"


async def _line(system: str, report: Awaitable[str]) -> Checked:
    try:
        return Checked(system, True, await report)
    except HoustonError as error:
        return Checked(system, False, error.message, error.hint)


async def _git(settings: Settings, ports: Ports) -> str:
    file = await ports.git.read(settings.rocketchat.values)
    parts = target(settings).parts(file.content)
    return (
        f"branch {ports.git.branch} at {file.commit[:7]}, {file.path} with {len(parts)} services "
        "(whether Houston may push is known at its first commit)"
    )


async def _argocd(settings: Settings, ports: Ports) -> str:
    version, application = await asyncio.gather(
        ports.argocd.version(), ports.argocd.application(settings.argocd.application)
    )
    followed = application.git.target_revision if application.git else ""
    if followed != settings.git.branch:
        raise Refused(
            f"{application.name} follows {followed or 'no branch'}, not {settings.git.branch}",
            f"Set git.branch to {followed}" if followed else "Name another argocd.application",
        )
    return f"{version}, {application.name} is {application.sync} and {application.health}"


async def _kubernetes(settings: Settings, ports: Ports) -> str:
    namespace = settings.rocketchat.namespace
    version = await ports.kubernetes.version()
    for resource, group in (("deployments", "apps"), ("pods", "")):
        if not await ports.kubernetes.allowed(namespace, "list", resource, group):
            raise Refused(
                f"{version}, but Houston may not list {resource} in {namespace}",
                "Give its account get, list and watch on them",
            )
    found = await ports.kubernetes.rollouts(namespace)
    return f"{version}, {len(found)} Deployments in {namespace}"


async def _rights(settings: Settings, ports: Ports) -> str:
    """Which commands the cluster does not let Houston carry out: it works without them."""
    found = await lacking(ports.kubernetes, scope(settings))
    if not found:
        return "all that the commands need"
    return "unavailable: " + "; ".join(f"{each.command} ({each.why})" for each in found)


async def _azure(settings: Settings, ports: Ports) -> str:
    known = hosting(settings)
    cluster = await ports.azure.cluster()
    said = f"{cluster.name} is {cluster.power}, {cluster.provisioning}, {cluster.kubernetes}"
    if not known.automated:
        return f"{said}; no Automation account"
    schedules, links = await asyncio.gather(ports.automation.schedules(), ports.automation.links())
    linked = {(link.schedule, link.runbook) for link in links}
    names = {schedule.name for schedule in schedules}
    for schedule, runbook in (
        (known.start_schedule, known.start_runbook),
        (known.stop_schedule, known.stop_runbook),
    ):
        if schedule in names and (schedule, runbook) not in linked:
            raise Refused(
                f"{said}, but the schedule {schedule} does not run {runbook}",
                "Link them in the Automation account, or correct the names under azure",
            )
    known_names = {known.start_schedule, known.stop_schedule} & names
    return f"{said}; schedules {', '.join(sorted(known_names)) or 'none of the two'}"


async def _metrics(settings: Settings, ports: Ports) -> str:
    known = pipeline(settings)
    version, found = await asyncio.gather(ports.metrics.version(), ports.metrics.query(known.query))
    for resource in ("pods", "pods/proxy"):
        if not await ports.kubernetes.allowed(known.namespace, "get", resource):
            raise Refused(
                f"{version}, but Houston may not get {resource} in {known.namespace}",
                "Give its account this right there",
            )
    return f"{version}, {len(found)} series of Rocket.Chat"


async def _grafana(settings: Settings, ports: Ports) -> str:
    now = datetime.now(UTC)
    version, _ = await asyncio.gather(
        ports.grafana.version(),
        ports.traces.search(settings.tracing.query, now - timedelta(minutes=5), now),
    )
    return f"{version}, the one of traces answers (rights to write are known at the first change)"


async def _vault(settings: Settings, ports: Ports) -> str:
    found = await ports.vault.secrets()
    said = f"{settings.secrets.vault} with {len(found)} names, no values asked for"
    if not settings.secrets.identity:
        return f"{said}; its reader is not looked at"
    reader = await ports.identities.identity()
    return f"{said}; {reader.name} reads it"


async def _releases(ports: Ports) -> str:
    newest = await ports.releases.release("latest")
    return f"newest release is {newest.version}" if newest else "answers, names no newest release"


async def _store(ports: Ports) -> str:
    await ports.store.open()
    open_ = await ports.store.operations.open()
    return f"open, {len(open_)} operations going on"


async def _registries(ports: Ports) -> list[Checked]:
    found = await ports.registry.reachable()
    return [Checked(f"registry {host}", text == "ok", text) for host, text in found.items()]
