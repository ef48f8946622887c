"""What an operations guide's claims are held against. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import yaml

from bot.errors import Refused
from bot.guideclaims import Claim
from bot.ports.git import File
from bot.ports.jobs import CronJob
from bot.power import Timetable
from bot.target import Part
from bot.yamlfile import Loader, decoded, guarded


@dataclass(frozen=True)
class Timed:
    """A CronJob's schedule, and where it was read. `suspended`: its times pass without a run."""

    schedule: str
    zone: str
    deadline: timedelta | None
    where: str
    suspended: bool = False


@dataclass(frozen=True)
class Followed:
    """What an application in the repository follows: of which repository which branch."""

    path: str
    application: str
    repository: str
    branch: str


@dataclass(frozen=True)
class Declared:
    """What the repository's manifests declare: what applications follow, CronJobs by name, and the
    kinds and names of all objects."""

    followed: tuple[Followed, ...] = ()
    applications: frozenset[str] = frozenset()
    jobs: Mapping[str, Timed] = field(default_factory=dict)
    objects: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Facts:
    """Everything that is known. What could not be seen is None, and `unseen` says why by topic.

    `branch` is what Houston pushes to, `default` the remote's own default, empty when not told.
    `followed` are the branches live applications follow, by name, of those that are deployed from
    the repository; `addresses` are its own, none when nobody knows them. `workloads` are the names
    in each namespace that was looked at, by kind. `labels` are those series must carry by the
    configuration, `external` those the agent's template adds, `relabelled` what it makes besides.
    """

    branch: str
    default: str
    paths: frozenset[str]
    declared: Declared
    parts: tuple[Part, ...]
    namespace: str
    labels: Mapping[str, str]
    context: str
    cluster: str
    now: datetime
    addresses: frozenset[str] = frozenset()
    followed: Mapping[str, str] | None = None
    applications: frozenset[str] | None = None
    jobs: Mapping[str, Timed] | None = None
    timetable: Timetable | None = None
    workloads: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)
    config_maps: Mapping[tuple[str, str], bool] = field(default_factory=dict)
    external: Mapping[str, str] = field(default_factory=dict)
    relabelled: frozenset[str] = frozenset()
    template: str = ""
    unseen: Mapping[str, str] = field(default_factory=dict)

    def why(self, topic: str) -> str:
        """Why nothing is known of it."""
        return self.unseen.get(topic, "Houston does not look there")


@dataclass(frozen=True)
class Verdict:
    """`ok` None: it cannot be seen now. `said` is the claim in few words."""

    claim: Claim
    ok: bool | None
    said: str
    evidence: str


def timed(job: CronJob) -> Timed:
    """As the cluster has it."""
    where = f"{job.namespace} in the cluster"
    return Timed(job.schedule, job.zone or "UTC", job.deadline, where, job.suspended)


def address(repository: str) -> str:
    """A repository's address as it may be written in several ways."""
    return repository.rstrip("/").removesuffix(".git").lower()


def documents(file: File) -> list[Mapping[str, object]]:
    """The objects of a manifest; none of a file that is no manifest or cannot be read."""
    if not file.path.endswith((".yaml", ".yml")) or b"kind:" not in file.content:
        return []
    try:
        text = decoded(file.content)
        loaded = guarded(lambda: list(yaml.load_all(text, Loader=Loader)))
    except Refused:
        return []
    return [each for each in loaded if isinstance(each, Mapping)]


def declared(found: Iterable[tuple[str, Mapping[str, object]]]) -> Declared:
    """Of manifests with their paths."""
    followed: list[Followed] = []
    applications: set[str] = set()
    jobs: dict[str, Timed] = {}
    objects: set[tuple[str, str]] = set()
    for path, document in found:
        kind, name = str(document.get("kind", "")), str(_at(document, "metadata", "name") or "")
        objects.add((kind, name))
        if kind == "Application":
            applications.add(name)
            followed += _followed(document, path, name)
        elif kind == "CronJob":
            jobs[name] = _timed(document, path)
    return Declared(tuple(followed), frozenset(applications), jobs, frozenset(objects))


def _followed(application: Mapping[str, object], path: str, name: str) -> Iterator[Followed]:
    """What its git source follows; nothing for an application of charts alone."""
    several = _at(application, "spec", "sources")
    sources = several if isinstance(several, list) else [_at(application, "spec", "source")]
    for source in _mappings(sources):
        if not source.get("chart"):
            repository, branch = (str(source.get(k) or "") for k in ("repoURL", "targetRevision"))
            yield Followed(path, name, repository, branch)
            return


def _timed(document: Mapping[str, object], path: str) -> Timed:
    seconds = _at(document, "spec", "startingDeadlineSeconds")
    return Timed(
        str(_at(document, "spec", "schedule") or ""),
        str(_at(document, "spec", "timeZone") or "UTC"),
        timedelta(seconds=seconds) if isinstance(seconds, int) else None,
        path,
        _at(document, "spec", "suspend") is True,
    )


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _mappings(values: Iterable[object]) -> Iterator[Mapping[str, object]]:
    return (each for each in values if isinstance(each, Mapping))
