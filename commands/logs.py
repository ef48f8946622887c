"""`!logs NAME`"""

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

from bot.arguments import Option, Says, choose
from bot.cards import Card, Mark, code, plain, text_file
from bot.command import command
from bot.errors import Invalid, Refused
from bot.podview import find, hurting
from bot.ports.chat import File
from bot.ports.pods import Container, Pod, Pods
from bot.redact import Redactor
from bot.scope import Scope

_TAIL = 3000
_LIMIT = 4_000_000
"""Bytes: the server gives the first ones of the last lines."""
_SHOWN = 15
_WIDE = 200


@command(
    "logs",
    guide="Troubleshooting",
    manual=("kubectl logs POD -n rocketchat",),
    examples=("!logs mongodb-0", "!logs rocketchat-account --since 10m --grep error"),
)
async def logs(
    name: str,
    since: Annotated[timedelta | None, Says("TIME"), Option()] = None,
    grep: Annotated[str, Says("TEXT"), Option()] = "",
    container: Annotated[str, Says("C"), Option()] = "",
    previous: bool = False,
    *,
    pods: Pods,
    scope: Scope,
    redactor: Redactor,
) -> Card:
    """Show the end of what a pod wrote; the whole comes as a file."""
    pod = await find(pods, scope, name)
    chosen = _container(pod, container)
    try:
        text = await pods.logs(
            pod.namespace,
            pod.name,
            container=chosen.name,
            previous=previous,
            since=since,
            tail=_TAIL,
            limit=_LIMIT,
        )
    except Invalid as error:
        raise Refused(
            f"{pod.name} has no log to show: {error.message}",
            f"`!pod {pod.name}` says why" if not previous else f"`!logs {pod.name}` without it",
        ) from error
    # Cleaned before it is cut: half a secret is not recognised any more.
    lines = redactor.clean(text).splitlines()
    fitting = [line for line in lines if grep.lower() in line.lower()]
    card = _shown(pod, chosen, fitting, len(lines), grep=grep, previous=previous)
    if len(text.encode()) < _LIMIT:
        return card
    cut = "Its lines are so long that the newest are missing: narrow it with `--since`"
    return replace(card, lines=(cut, *card.lines))


def _container(pod: Pod, said: str) -> Container:
    """The one that was named, else the one that ails, else the first that is no start-up one."""
    by_name = {container.name: container for container in pod.containers}
    if said:
        return by_name[choose(said, list(by_name), "container")]
    regular = [container for container in pod.containers if not container.init]
    hurt = hurting(pod)
    return hurt if hurt and not pod.ready else regular[0]


def _shown(
    pod: Pod, container: Container, lines: list[str], total: int, *, grep: str, previous: bool
) -> Card:
    instance = "the previous instance of " if previous else ""
    where = f"{instance}{container.name} in {pod.name}"
    if not lines:
        kept = f"none of {total} lines has {code(grep)}" if grep and total else "it wrote nothing"
        return Card(Mark.INFO, f"{plain(where)}: {kept}", next=(f"!pod {pod.name}",))
    others = [c.name for c in pod.containers if c.name != container.name]
    block = "\n".join(line[:_WIDE] for line in lines[-_SHOWN:])
    files: tuple[File, ...] = ()
    if len(lines) > _SHOWN or any(len(line) > _WIDE for line in lines):
        content = "\n".join(lines) + "\n"
        files = (text_file(f"{pod.name}-{container.name}.txt", content),)
    lines_ = f"{len(lines)} of {total} lines" if grep else f"{len(lines)} lines"
    return Card(
        Mark.INFO,
        plain(f"{where}: {lines_}"),
        (f"Other containers: {', '.join(map(code, others))}",) if others else (),
        block=block,
        next=(f"!pod {pod.name}",),
        files=files,
    )
