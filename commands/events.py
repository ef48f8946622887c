"""`!events [NAMESPACE]`"""

from dataclasses import dataclass
from datetime import timedelta
from heapq import nlargest
from typing import Annotated

from bot.arguments import Option, Says
from bot.cards import Card, Mark, code, duration, plain
from bot.clock import Clock
from bot.command import command
from bot.errors import Denied
from bot.podview import unseen
from bot.ports.pods import Event, Pods
from bot.redact import Redactor
from bot.scope import Scope

_SHOWN = 20
_KINDS = 500
"""Kinds of events kept at most: an object, a reason and the beginning of a message each."""
_TEXT = 200


@dataclass
class _Seen:
    """Events of one object for one reason: the last one, and how often."""

    last: Event
    count: int


@command(
    "events",
    guide="Troubleshooting",
    manual=("kubectl get events -n rocketchat --sort-by=.lastTimestamp",),
    examples=("!events", "!events monitoring --since 15m"),
)
async def events(
    namespace: str = "",
    since: Annotated[timedelta, Says("TIME"), Option()] = timedelta(hours=1),
    *,
    pods: Pods,
    clock: Clock,
    scope: Scope,
    redactor: Redactor,
) -> Card:
    """Show the cluster's warnings of the last hour, the newest first, repeated ones once."""
    now, seen, lines = clock.now(), dict[tuple[str, str, str, str], _Seen](), []
    for where in (namespace,) if namespace else scope.namespaces:
        try:
            async for event in pods.events(where):
                if event.warning and now - event.last <= since:
                    _note(seen, event)
        except Denied as error:
            lines.append(f"✘ {plain(unseen(error, f'Events in {where}'))}")
    newest = nlargest(_SHOWN, seen.values(), key=lambda found: found.last.last)
    lines += [_line(found, redactor, duration(now - found.last.last)) for found in newest]
    if len(seen) > len(newest):
        lines.append(f"{len(seen) - len(newest)} more are not shown")
    known = ", ".join(scope.namespaces)
    place = namespace or known
    said = f"{len(seen)} warnings" if seen else "No warnings"
    mark = Mark.WARNING if lines else Mark.OK
    if not lines and namespace and namespace not in scope.namespaces:
        mark = Mark.INFO  # a name that is misspelled has none either
        lines.append(f"? whether there is a namespace {code(namespace)}; Houston looks at {known}")
    return Card(
        mark,
        plain(f"{said} in {place} within {duration(since)}"),
        tuple(lines),
        next=("!diagnose",) if seen else ("!pods",),
    )


def _note(seen: dict[tuple[str, str, str, str], _Seen], event: Event) -> None:
    key = (event.namespace, event.kind, event.name, event.reason)
    known = seen.get(key)
    if known is None:
        if len(seen) < _KINDS:
            seen[key] = _Seen(event, event.count)
        return
    known.count += event.count
    if event.last > known.last.last:
        known.last = event


def _line(found: _Seen, redactor: Redactor, ago: str) -> str:
    event = found.last
    message = redactor.clean(event.message)
    times = f" ×{found.count}" if found.count > 1 else ""
    return (
        f"✘ {code(f'{event.kind} {event.name}')} {plain(event.reason)}{times}, {ago} ago: "
        f"{plain(message[:_TEXT])}"
    )
