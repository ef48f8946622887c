"""What an operations guide says that can be checked, taken out of its text by rules. Pure.

No rule knows an answer: each reads a form of words, names or numbers, wherever it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time, timedelta

from bot.guide import Line, lines
from bot.guidesums import Sum, sums
from bot.guidetools import Spoken, spoken
from bot.power import DAYS, Days

_NAME = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_FORMER = re.compile(r"\b(?:previous|former|earlier|old|used to)", re.IGNORECASE)
_PUSHED = re.compile(r"\b(?:push|commit)", re.IGNORECASE)
_BRANCH = re.compile(r"\bto\s+(?:the\s+)?`([\w./-]+)`|`([\w./-]+)`\s+branch", re.IGNORECASE)
_CLOCK = r"(\d{1,2}):(\d{2})\s*([AaPp][Mm])?"
_POWER = re.compile(
    rf"(?:\b(start|stop)\s+time\W+|\bcluster\s+(?:auto-?)?(start|stop)\w*\W+(?:at\s+)?"
    rf"|\b(start|shut)(?:up|down)_time\s*=\s*\"){_CLOCK}",
    re.IGNORECASE,
)
_SPAN_OF_DAY = re.compile(r"\((\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\)")
_OFF = re.compile(r"\bweekends?\b.*\boff\b", re.IGNORECASE)
_RUNS = re.compile(
    rf"`({_NAME})`\s+cron ?job\b.*?\bruns?\b(.*?){_CLOCK}(?:\s+\(?([A-Z]{{3,4}}|[A-Z]\w+/\w+))?",
    re.IGNORECASE,
)
_ALERT = re.compile(
    rf"`({_NAME})`[^.`]*?(?:>|more than|longer than)\s*(\d+)\s*(h|d)(?:ours?|ays?)?\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r'^(\w+)="([^"]*)"$')
_WORD = re.compile(r"^[a-z_][a-z0-9_]*$")
_VERB = re.compile(r"^[a-z][a-z-]*$")
_SERVICE = re.compile(r"^[a-z][A-Za-z]+$")
_PATH = re.compile(
    r"^(?:[\w.-]+/)*[\w.-]*[\w-]\.(?:ya?ml|json|tf|tfvars|hcl|md|example)$|^(?:[\w-]+/)+$"
)
_ORDINAL = re.compile(r"^(.*[a-z0-9])-\d+$")
_WORKLOADS = {
    "deploy": "Deployment",
    "deployment": "Deployment",
    "deployments": "Deployment",
    "statefulset": "StatefulSet",
    "sts": "StatefulSet",
}
_SELECTOR = re.compile(rf"^app\.kubernetes\.io/name=({_NAME})$")


@dataclass(frozen=True)
class Claim:
    """Something said, and where: the line of the guide and the section it is in. Two that say the
    same are equal."""

    line: Line = field(compare=False)


@dataclass(frozen=True)
class Branch(Claim):
    name: str


@dataclass(frozen=True)
class Hour(Claim):
    """When the cluster is started or stopped by itself."""

    starts: bool
    at: time


@dataclass(frozen=True)
class Weekend(Claim):
    """That the cluster is off at weekends."""


@dataclass(frozen=True)
class Runs(Claim):
    """When a CronJob runs. `days` None: not said."""

    job: str
    at: time
    days: Days | None
    zone: str


@dataclass(frozen=True)
class Alert(Claim):
    """How long after the last run of a CronJob an alert fires."""

    job: str
    limit: timedelta


@dataclass(frozen=True)
class JobName(Claim):
    name: str


@dataclass(frozen=True)
class Label(Claim):
    """A label of series; `value` None: only its name is said."""

    name: str
    value: str | None


@dataclass(frozen=True)
class Context(Claim):
    name: str
    namespace: str


@dataclass(frozen=True)
class Service(Claim):
    """A service by its key in the values file."""

    name: str


@dataclass(frozen=True)
class Workload(Claim):
    """A workload by its kind and name; `kind` is empty for what a selector names."""

    kind: str
    name: str
    namespace: str


@dataclass(frozen=True)
class ConfigMap(Claim):
    name: str
    namespace: str


@dataclass(frozen=True)
class App(Claim):
    """An application of Argo CD."""

    name: str


@dataclass(frozen=True)
class Verb(Claim):
    """A command with its verb."""

    program: str
    verb: str


@dataclass(frozen=True)
class Path(Claim):
    """A file, or a folder with a slash at its end."""

    path: str


@dataclass(frozen=True)
class Total(Claim):
    """A sum the guide has made."""

    sum: Sum


def claims(text: str) -> list[Claim]:
    """Each thing said once, by line."""
    every = list(lines(text))
    found: list[Claim] = [Total(at, one) for at, one in sums(every)]
    for line in every:
        found += _of_code(line) if line.code else _of_prose(line)
    return sorted(dict.fromkeys(found), key=lambda each: each.line.number)


def _of_prose(line: Line) -> Iterator[Claim]:
    if _PUSHED.search(line.text):
        for one, other in _BRANCH.findall(line.text):
            yield Branch(line, one or other)
    yield from _of_power(line)
    yield from _of_jobs(line)
    yield from _of_names(line)
    for span in line.spans:
        for each in spoken(span):
            yield from _of_command(line, each)


def _of_power(line: Line) -> Iterator[Claim]:
    if _FORMER.search(line.text):
        return
    for first, second, third, hour, minute, half in _POWER.findall(line.text):
        starts = (first or second or third).lower() == "start"
        yield from (Hour(line, starts, at) for at in _time(hour, minute, half))
    for hour, minute, to_hour, to_minute in _SPAN_OF_DAY.findall(line.text):
        yield from (Hour(line, True, at) for at in _time(hour, minute))
        yield from (Hour(line, False, at) for at in _time(to_hour, to_minute))
    if _OFF.search(line.text):
        yield Weekend(line)


def _of_jobs(line: Line) -> Iterator[Claim]:
    if runs := _RUNS.search(line.text):
        name, words, hour, minute, half, zone = runs.groups()
        yield from (
            Runs(line, name, at, _days(words), zone or "") for at in _time(hour, minute, half)
        )
    if re.search(r"\balert", line.text, re.IGNORECASE):
        for name, number, unit in _ALERT.findall(line.text):
            hours = int(number) * (24 if unit.lower() == "d" else 1)
            yield Alert(line, name, timedelta(hours=hours))


def _of_names(line: Line) -> Iterator[Claim]:
    """Labels, services and files."""
    labels = re.search(r"\blabels\b|external_labels", line.text, re.IGNORECASE)
    services = re.search(r"\breplicas\b.*\bservice", line.text, re.IGNORECASE)
    for span in line.spans:
        if label := _LABEL.match(span):
            yield Label(line, label[1], label[2])
        elif _PATH.match(span):
            yield Path(line, span)
        elif labels and _WORD.match(span) and not span.endswith("labels"):
            yield Label(line, span, None)
        elif services and _SERVICE.match(span) and span != "replicas":
            yield Service(line, span)


def _of_code(line: Line) -> Iterator[Claim]:
    said = line.text.lstrip("# ")
    for first, second, third, hour, minute, half in _POWER.findall(said):
        starts = (first or second or third).lower() == "start"
        yield from (Hour(line, starts, at) for at in _time(hour, minute, half))
    if not line.text.startswith("#"):
        for each in spoken(line.text):
            yield from _of_command(line, each)


def _of_command(line: Line, said: Spoken) -> Iterator[Claim]:
    if _VERB.match(said.verb):
        yield Verb(line, said.program, said.verb)
    for word in (*said.words, *said.options.values()):
        if _PATH.match(word):
            yield Path(line, word)
    if said.program == "argocd app" and said.words:
        yield App(line, said.words[0])
    if said.program == "kubectl":
        yield from _of_kubectl(line, said)


def _of_kubectl(line: Line, said: Spoken) -> Iterator[Claim]:
    if context := said.options.get("--context"):
        yield Context(line, context, said.namespace)
    source = said.options.get("--from", "")
    if source.startswith("cronjob/"):
        yield JobName(line, source.removeprefix("cronjob/"))
    selector = _SELECTOR.match(said.options.get("-l", said.options.get("--selector", "")))
    if selector:
        yield Workload(line, "", selector[1], said.namespace)
    for kind, name in _objects(said.words):
        if kind in _WORKLOADS:
            yield Workload(line, _WORKLOADS[kind], name, said.namespace)
        elif kind in {"configmap", "cm"}:
            yield ConfigMap(line, name, said.namespace)
        elif kind in {"pod", "pods"} and (numbered := _ORDINAL.match(name)):
            yield Workload(line, "StatefulSet", numbered[1], said.namespace)


def _objects(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Kinds and names: `deploy/agent`, `pod mongodb-0`."""
    for word in words:
        kind, slash, name = word.partition("/")
        if slash and name:
            yield kind.lower(), name
    if len(words) > 1 and "/" not in words[0]:
        yield words[0].lower(), words[1]


def _time(hour: str, minute: str, half: str = "") -> list[time]:
    """The time of day, none when there is no such time."""
    number = int(hour)
    if half:
        number = number % 12 + (12 if half.lower() == "pm" else 0)
    return [time(number, int(minute))] if number < 24 and int(minute) < 60 else []


def _days(words: str) -> Days | None:
    said = words.lower()
    if re.search(r"\b(?:daily|every day|nightly)\b", said):
        return Days.read("daily")
    named = [day[:3].lower() for day in DAYS if re.search(rf"\b{day.lower()}s?\b", said)]
    if named:
        return Days.read(",".join(named))
    return Days.read("weekdays") if re.search(r"\bweekdays?\b", said) else None
