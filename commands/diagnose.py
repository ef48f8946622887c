"""`!diagnose [rocketchat|mongodb|monitoring|POD]`"""

from typing import Annotated

from bot.arguments import Says
from bot.cards import Card, Mark, plain
from bot.catalogue import Catalogue
from bot.command import command
from bot.diagnosis import diagnose
from bot.gathering import Gatherer
from bot.podview import find
from bot.ports.pods import Pods
from bot.redact import Redactor
from bot.scope import Scope
from bot.sighting import Cause, Sighting
from bot.target import Target

_OTHERS = 4
_FOLLOWS = 5
_NEXT = 3
_DATABASE = {"mongodb", "mongo"}


@command(
    "diagnose",
    guide="Troubleshooting",
    manual=(
        "kubectl get pods -n rocketchat",
        "kubectl describe pod POD -n rocketchat",
        "kubectl logs POD -n rocketchat",
        "df -h",
    ),
    examples=("!diagnose", "!diagnose mongodb", "!diagnose monitoring"),
    while_off=True,
)
async def diagnose_(
    what: Annotated[str, Says("rocketchat|mongodb|monitoring|POD")] = "",
    *,
    gatherer: Gatherer,
    pods: Pods,
    target: Target,
    scope: Scope,
    redactor: Redactor,
    catalogue: Catalogue,
) -> Card:
    """Name the most probable cause of what is wrong, the evidence, and what to type next."""
    namespaces, only = await _where(what, pods, scope, target)
    seen = await gatherer.look(namespaces)
    causes = diagnose(seen)
    if only:
        causes = tuple(cause for cause in causes if not cause.pods or cause.about(only))
    elif what.lower() in _DATABASE:
        causes = tuple(cause for cause in causes if _concerns(cause, seen))
    return _card(causes, seen, only or what or "the stack", redactor, catalogue)


async def _where(
    what: str, pods: Pods, scope: Scope, target: Target
) -> tuple[tuple[str, ...], str]:
    """The namespaces to look at, and the one pod it is about."""
    if not what:
        return scope.namespaces, ""
    if what in scope.namespaces:
        return (what,), ""
    if what.lower() in {*_DATABASE, target.release}:
        return (target.namespace,), ""
    pod = await find(pods, scope, what)
    return (pod.namespace,), pod.name


def _concerns(cause: Cause, seen: Sighting) -> bool:
    """Whether the database is what ails, or what the cause takes down."""
    named = {*seen.databases, *(db.name for db in seen.mongodb)}
    return (
        not cause.namespace
        or bool(named & set(cause.workloads))
        or any(name in cause.title for name in named)
        or any(_concerns(below, seen) for below in cause.follows)
    )


def _card(
    causes: tuple[Cause, ...],
    seen: Sighting,
    what: str,
    redactor: Redactor,
    catalogue: Catalogue,
) -> Card:
    blind = [f"? {plain(redactor.clean(line))}" for line in seen.unseen]
    if not causes:
        title = f"Nothing is wrong with {what}" if not blind else f"Nothing seen that ails {what}"
        return Card(Mark.WARNING if blind else Mark.OK, plain(title), tuple(blind), next=("!pods",))
    first, *others = causes
    lines = [f"· {plain(redactor.clean(line))}" for line in first.evidence if line]
    lines += [f"→ explains: {plain(redactor.clean(below.title))}" for below in _below(first)]
    for cause in others[:_OTHERS]:
        lines.append(f"✘ also: {plain(redactor.clean(cause.title))}")
    if len(others) > _OTHERS:
        lines.append(f"and {len(others) - _OTHERS} more causes")
    if seen.more_sick:
        lines.append(f"{seen.more_sick} more sick pods were not looked at closer")
    return Card(
        Mark.FAILED,
        plain(redactor.clean(first.title)),
        (*lines, *blind),
        next=tuple(line for line in first.next if _known(line, catalogue))[:_NEXT],
    )


def _below(cause: Cause) -> list[Cause]:
    return [found for below in cause.follows for found in (below, *_below(below))][:_FOLLOWS]


def _known(line: str, catalogue: Catalogue) -> bool:
    """Whether the line begins with a command there is."""
    words = line.removeprefix("!").split()
    return any(" ".join(words[:length]) in catalogue for length in range(1, len(words) + 1))
