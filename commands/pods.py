"""`!pods [NAMESPACE|SERVICE]`, `!pod NAME`"""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from bot.arguments import Says
from bot.cards import Card, Mark, code, day_moment, duration, plain, table
from bot.clock import Clock
from bot.command import command
from bot.errors import AdapterError, Denied, Refused
from bot.podview import ailment, column, find, unseen, workload
from bot.ports.pods import Activity, Container, Event, Pod, Pods
from bot.redact import Redactor
from bot.scope import Scope
from bot.target import Target

_SHOWN = 30
_EVENTS = 6
_TEXT = 240
EVERYWHERE = "all"


@dataclass
class _Seen:
    """What a list of pods has shown so far: counts, and as many as a card holds."""

    total: int = 0
    sick: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    shown: list[Pod] = field(default_factory=list)
    sick_shown: list[tuple[Pod, str]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)

    def add(self, pod: Pod, now: datetime) -> None:
        self.total += 1
        self.statuses[pod.status] += 1
        why = ailment(pod, now)
        if why:
            self.sick += 1
            if len(self.sick_shown) < _SHOWN:
                self.sick_shown.append((pod, why))
        elif len(self.shown) < _SHOWN:
            self.shown.append(pod)


@command(
    "pods",
    guide="Troubleshooting",
    manual=("kubectl get pods -n rocketchat",),
    examples=("!pods", "!pods ddpStreamer", "!pods monitoring --bad", "!pods all --bad"),
)
async def pods_(
    where: Annotated[str, Says("NAMESPACE|SERVICE|all")] = "",
    bad: bool = False,
    *,
    pods: Pods,
    clock: Clock,
    target: Target,
    scope: Scope,
) -> Card:
    """List pods, those that are not well first; `--bad` lists only them."""
    now = clock.now()
    seen = _Seen()
    where = where or target.namespace
    if where == EVERYWHERE:
        async for pod in _everywhere(pods, scope, seen):
            seen.add(pod, now)
        place = "all namespaces"
    elif where in scope.namespaces:
        async for pod in pods.pods(where):
            seen.add(pod, now)
        place = where
    else:
        place = await _service(pods, target, where, seen, now)
    if not seen.total and not seen.unseen:
        await _known(pods, target, scope, where)
    return _list(seen, place, now, bad=bad)


async def _everywhere(pods: Pods, scope: Scope, seen: _Seen) -> AsyncIterator[Pod]:
    """Every pod; without that right those of each namespace that may be seen."""
    try:
        async for pod in pods.pods():
            yield pod
    except Denied:
        for namespace in scope.namespaces:
            try:
                async for pod in pods.pods(namespace):
                    yield pod
            except Denied as error:
                seen.unseen.append(unseen(error, namespace))


async def _service(pods: Pods, target: Target, said: str, seen: _Seen, now: datetime) -> str:
    """The pods of a service, or of a namespace Houston does not know by its configuration."""
    names = {target.deployment(said).lower(), said.lower()}
    async for pod in pods.pods(target.namespace):
        if workload(pod).lower() in names:
            seen.add(pod, now)
    if seen.total:
        return said
    async for pod in pods.pods(said):
        seen.add(pod, now)
    return said


async def _known(pods: Pods, target: Target, scope: Scope, said: str) -> None:
    """Raises Refused, naming what can be asked for."""
    prefix = f"{target.release}-"
    names = {workload(pod).removeprefix(prefix) async for pod in pods.pods(target.namespace)}
    raise Refused(
        f"{code(said[:40])} is no service and no namespace with pods.",
        f"Services: {', '.join(sorted(names))}; namespaces: {', '.join(scope.namespaces)}, all",
    )


def _list(seen: _Seen, place: str, now: datetime, *, bad: bool) -> Card:
    many = place == "all namespaces"
    title = f"{seen.total} pods in {place}, all well"
    if seen.sick:
        title = f"{seen.sick} of {seen.total} pods in {place} are not well"
    lines = [f"✘ {plain(line)}" for line in seen.unseen]
    lines += [f"✘ {code(pod.name)} {plain(why)}" for pod, why in seen.sick_shown[:8]]
    lines.append(" · ".join(f"{n} {status}" for status, n in seen.statuses.most_common(6)))
    rows = [pod for pod, _ in seen.sick_shown]
    rows += [] if bad else seen.shown[: _SHOWN - len(rows)]
    left = (seen.sick if bad else seen.total) - len(rows)
    if left:
        lines.append(f"{left} more are not shown")
    worst = seen.sick_shown[0][0].name if seen.sick_shown else ""
    return Card(
        Mark.WARNING if seen.sick or seen.unseen else Mark.OK,
        plain(title),
        tuple(line for line in lines if line),
        block=table(column(rows, now, namespaces=many)) if rows else "",
        next=(f"!pod {worst}", "!diagnose") if worst else ("!events",),
    )


@command(
    "pod",
    guide="Troubleshooting",
    manual=("kubectl describe pod POD -n rocketchat",),
    examples=("!pod mongodb-0", "!pod rocketchat-presence"),
)
async def pod_(
    name: str, *, pods: Pods, clock: Clock, scope: Scope, zone: ZoneInfo, redactor: Redactor
) -> Card:
    """Show what matters of one pod: state, reasons, last end, events, probes, images, node."""
    pod = await find(pods, scope, name)
    now = clock.now()
    why = ailment(pod, now)
    lines = [
        f"{pod.phase}, {pod.status}, {duration(now - pod.created)} old, "
        f"on {code(pod.node or 'no node')}, of {_owner(pod)}",
    ]
    if pod.message:
        lines.append(plain(_cut(pod.message, redactor)))
    for container in pod.containers:
        lines += _container(container, zone, redactor)
    lines += [
        f"{condition.type} is {condition.status}: "
        f"{plain(_cut(condition.message or condition.reason, redactor))}"
        for condition in pod.conditions
        if condition.status == "False" and (condition.message or condition.reason)
    ]
    uses = ", ".join(f"{reference.kind} {reference.name}" for reference in pod.references)
    if uses:
        lines.append(f"Uses {plain(uses)}")
    lines += await _events(pods, pod, now, redactor)
    return Card(
        Mark.WARNING if why else Mark.OK,
        plain(f"{pod.name} is {why or 'well'}"),
        tuple(lines),
        next=(f"!logs {pod.name}", *((f"!diagnose {pod.name}",) if why else ())),
    )


def _owner(pod: Pod) -> str:
    return code(f"{pod.owner.kind} {pod.owner.name}") if pod.owner else "nobody"


def _container(container: Container, zone: ZoneInfo, redactor: Redactor) -> list[str]:
    sign = "✔" if container.ready else "✘"
    said = container.reason or str(container.activity)
    if container.activity is Activity.TERMINATED:
        said += f" with code {container.exit_code}"
    lines = [
        f"{sign} {code(container.name)} {plain(said)}, {container.restarts} restarts, "
        f"{code(container.image)}"
    ]
    if container.message:
        lines.append(f"  {plain(_cut(container.message, redactor))}")
    if container.last:
        at = f" at {day_moment(container.last.finished, zone)}" if container.last.finished else ""
        lines.append(
            f"  last ended {plain(container.last.reason)} with code {container.last.exit_code}{at}"
        )
    if container.probes:
        lines.append(f"  probes: {plain(', '.join(container.probes))}")
    return lines


async def _events(pods: Pods, pod: Pod, now: datetime, redactor: Redactor) -> list[str]:
    try:
        found = [event async for event in pods.events(pod.namespace, uid=pod.uid)]
    except AdapterError as error:
        return [plain(unseen(error, "Its events"))]
    if not found:
        return ["No events in the last hour"]
    found.sort(key=lambda event: (event.warning, event.last), reverse=True)
    return [_event(event, now, redactor) for event in found[:_EVENTS]]


def _event(event: Event, now: datetime, redactor: Redactor) -> str:
    """One event."""
    times = f" ×{event.count}" if event.count > 1 else ""
    sign = "✘" if event.warning else "·"
    said = plain(_cut(event.message, redactor))
    return f"{sign} {event.reason}{times}, {duration(now - event.last)} ago: {said}"


def _cut(text: str, redactor: Redactor) -> str:
    shown = redactor.clean(text)
    return shown if len(shown) <= _TEXT else shown[: _TEXT - 1] + "…"
