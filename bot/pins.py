"""Which versions are written down, in the repository and in Argo CD's applications. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatch
from functools import partial

import yaml

from bot.behind import is_version
from bot.errors import Refused
from bot.ports.argocd import Application
from bot.ports.git import File
from bot.yamlfile import decoded, documents, guarded

_CONTAINERS = {"containers", "initContainers", "ephemeralContainers"}
_NAME = re.compile(r"[A-Za-z0-9.-]+(?::[0-9]+)?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*")
_TEXT = re.compile(r"^\s*(?:- +)?image:", re.MULTILINE)
_PARTED = re.compile(r"[:@][^/]*\Z")
"""An image with its tag or digest."""
_WORTH = (b"image:", b"MongoDBCommunity")
_CUT = 80


class Kind(StrEnum):
    """In the order in which they are told."""

    CHART = "chart"
    DATABASE = "database"
    IMAGE = "image"


@dataclass(frozen=True)
class Sources:
    """From the configuration.

    `releases` is the host of Rocket.Chat's release information. `mongodb` is the image whose tags
    say which versions of MongoDB there are, with `{version}` in its tag. `unasked` are patterns of
    hosts that reports do not ask.
    """

    releases: str
    mongodb: str
    unasked: tuple[str, ...]

    def asks(self, host: str) -> bool:
        """Whether this host may be asked."""
        return not any(fnmatch(host, pattern) for pattern in self.unasked)


@dataclass(frozen=True)
class Pin:
    """A version that is written down.

    `source` is where its versions are listed: the address of a chart repository, or an image.
    `tag` is what it is called there. It is empty for what is no version, and `why` says what it is.
    `places` are files or applications.
    """

    kind: Kind
    name: str
    version: str
    source: str
    tag: str = ""
    why: str = ""
    places: tuple[str, ...] = ()

    @property
    def indexed(self) -> bool:
        """Whether its versions stand in an index of charts and not in an image registry."""
        return "://" in self.source


def of_applications(applications: Iterable[Application]) -> list[Pin]:
    """The charts that Argo CD's applications take."""
    found: list[Pin] = []
    for each in applications:
        for source in each.sources:
            if source.chart:
                address = source.repository.removeprefix("oci://").rstrip("/")
                where = address if "://" in address else f"{address}/{source.chart}"
                wanted = source.target_revision
                pin = Pin(Kind.CHART, source.chart, wanted, where, wanted, places=(each.name,))
                found.append(_judged(pin, f"the range {wanted}"))
    return _joined(found)


def of_files(files: Iterable[File], mongodb: str) -> tuple[list[Pin], list[str]]:
    """The images and databases in manifests and values, each once, and what cannot be read.

    Args:
        mongodb: as in `Sources`.
    """
    found: list[Pin] = []
    unread: list[str] = []
    for file in files:
        if not file.path.endswith((".yaml", ".yml")):
            continue
        if not any(word in file.content for word in _WORTH):
            continue
        try:
            pins = guarded(partial(_pins, decoded(file.content), mongodb))
        except Refused as error:
            unread.append(f"{file.path}: {error.message}")
        else:
            found += [replace(pin, places=(file.path,)) for pin in pins]
    return _joined(found), unread


def _loaded(text: str) -> list[object]:
    roots = documents(text)
    return [guarded(partial(yaml.SafeLoader("").construct_document, root)) for root in roots]


def _pins(text: str, mongodb: str) -> list[Pin]:
    found: list[Pin] = []
    for document in _loaded(text):
        if isinstance(document, Mapping) and document.get("kind") == "MongoDBCommunity":
            spec = document.get("spec")
            version = str(spec.get("version") or "") if isinstance(spec, Mapping) else ""
            image, _, tag = mongodb.rpartition(":")
            pin = Pin(Kind.DATABASE, "MongoDB", version, image, tag.replace("{version}", version))
            found.append(_judged(pin, "no version"))
        found += map(_image, _images(document))
    return found


def _images(value: object, *, contained: bool = False) -> Iterator[str]:
    """Every image below this value, as a reference with its tag or digest.

    In a list of containers each names an image; elsewhere a word alone may be anything. Texts that
    hold YAML are looked into, as Jenkins' templates of pods.
    """
    if isinstance(value, Mapping):
        yield from _here(value.get("image"), contained=contained)
        for key, below in value.items():
            yield from _images(below, contained=key in _CONTAINERS)
    elif isinstance(value, list):
        for below in value:
            yield from _images(below, contained=contained)
    elif isinstance(value, str) and _TEXT.search(value):
        with suppress(Refused):  # a text for people, or a script
            for document in _loaded(decoded(value.encode())):
                if not isinstance(document, str):
                    yield from _images(document)


def _here(image: object, *, contained: bool) -> Iterator[str]:
    """What stands under the key `image`."""
    if isinstance(image, str) and (contained or _PARTED.search(image)):
        yield image
    elif isinstance(image, Mapping) and isinstance(image.get("repository"), str):
        yield _reference(image)


def _reference(image: Mapping[str, object]) -> str:
    """Of an image as values of charts have it, in parts."""
    registry, tag, digest = (str(image.get(key) or "") for key in ("registry", "tag", "digest"))
    name = f"{registry}/{image['repository']}" if registry else str(image["repository"])
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _image(reference: str) -> Pin:
    whole, _, digest = reference.strip().partition("@")
    name, colon, tag = whole.rpartition(":")
    if not colon or "/" in tag:
        name, tag = whole, ""
    name = name.removeprefix("docker.io/").removeprefix("library/")
    if not _NAME.fullmatch(name):
        said = reference[:_CUT]
        return Pin(Kind.IMAGE, said, "", said, why="its name is filled in elsewhere")
    version = f"{tag}@{digest[:19]}" if digest and tag else tag or digest[:19]
    pin = Pin(Kind.IMAGE, name, version, name, tag)
    if digest and not tag:
        return replace(pin, tag="", why="pinned by its digest")
    return _judged(pin, f"the tag {tag}, which moves" if tag else "no tag, so whatever is latest")


def _judged(pin: Pin, otherwise: str) -> Pin:
    """The pin, and what it is when it is no version."""
    return pin if is_version(pin.tag) else replace(pin, tag="", why=otherwise)


def _joined(pins: Iterable[Pin]) -> list[Pin]:
    """Each once, with all its places, sorted."""
    found: dict[tuple[str, str, str], Pin] = {}
    for pin in pins:
        key = (pin.kind, pin.name, pin.version)
        before = found[key].places if key in found else ()
        found[key] = replace(pin, places=tuple(dict.fromkeys((*before, *pin.places))))
    return [found[key] for key in sorted(found)]
