"""The Job that makes traces: how it is declared, and its next run. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from bot.errors import Refused
from bot.ports.git import Document, Scalars
from bot.revision import next_revision
from bot.scalar import KeyPath
from bot.yamlfile import Loader, decoded, guarded

_REVISION = re.compile(r"-?\d{4}-\d{2}-\d{2}-\d{2,}$")
NAME: KeyPath = ("metadata", "name")


@dataclass(frozen=True)
class Tracegen:
    """From the configuration."""

    manifest: str
    annotation: str
    namespace: str
    application: str
    collector: str
    query: str

    @property
    def key(self) -> KeyPath:
        """Where the Job has the revision beside its name."""
        return ("metadata", "annotations", self.annotation)


@dataclass(frozen=True)
class Generator:
    """The Job as git declares it. `revision` is the annotation's, `container` its only one."""

    name: str
    revision: str
    container: str
    image: str

    @property
    def prefix(self) -> str:
        """Its name without the run."""
        return _REVISION.sub("", self.name)

    @property
    def pinned(self) -> bool:
        """Whether its image is named by digest."""
        return "@" in self.image

    @property
    def repository(self) -> str:
        """Its image without tag and digest."""
        name = self.image.partition("@")[0]
        head, colon, tag = name.rpartition(":")
        return head if colon and "/" not in tag else name

    @property
    def tag(self) -> str:
        """`latest` when none is named."""
        return self.image.partition("@")[0].removeprefix(self.repository).lstrip(":") or "latest"

    @property
    def even(self) -> bool:
        """Whether name and annotation name the same run."""
        return self.name.endswith(self.revision)

    @property
    def document(self) -> Document:
        """Which of the manifest's documents it is."""
        return ((("kind",), "Job"), (NAME, self.name))

    def run(self, revision: str) -> str:
        """The name of the run with that revision."""
        return f"{self.prefix}-{revision}"

    def changes(self, tracegen: Tracegen, revision: str, image: str) -> Scalars:
        """What changes beside the name; `image` empty: that stays."""
        where = ("spec", "template", "spec", "containers", f"name={self.container}", "image")
        pin = ((where, image),) if image else ()
        return ((tracegen.key, revision), *pin)

    def next(self, today: date, live: Iterable[str]) -> str:
        """The next free revision, with what git names and the Jobs that are there."""
        mine = [name for name in live if name.startswith(self.prefix)]
        return next_revision(today, [self.name, self.revision, *mine])


def generator(content: bytes, tracegen: Tracegen) -> Generator:
    """The Job of the manifest. Raises Refused, with the line to add where one is missing."""
    text = decoded(content)
    loaded = guarded(lambda: list(yaml.load_all(text, Loader=Loader)))
    jobs = [each for each in loaded if isinstance(each, Mapping) and each.get("kind") == "Job"]
    marked = [job for job in jobs if tracegen.annotation in _of(job, "metadata", "annotations")]
    if len(marked or jobs) != 1:
        raise Refused(
            f"{tracegen.manifest} declares {len(jobs)} Jobs; the one that makes traces is not "
            "known.",
            f"Annotate it with {tracegen.annotation}, or correct the section tracing",
        )
    job = (marked or jobs)[0]
    name = str(_of(job, "metadata").get("name", ""))
    if not marked:
        revision = _REVISION.search(name)
        line = f'{tracegen.annotation}: "{(revision[0] if revision else "").lstrip("-")}"'
        raise Refused(
            f"{tracegen.manifest}: the Job {name} has no {tracegen.annotation}.",
            f"Add the line {line} below its metadata.annotations by hand, once",
        )
    containers = _of(job, "spec", "template", "spec").get("containers") or []
    if len(containers) != 1 or not isinstance(containers[0], Mapping):
        raise Refused(f"{tracegen.manifest}: the Job {name} has {len(containers)} containers.")
    only = containers[0]
    revision_ = str(_of(job, "metadata", "annotations")[tracegen.annotation])
    return Generator(name, revision_, str(only.get("name", "")), str(only.get("image", "")))


def _of(value: Any, *keys: str) -> Mapping[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}
