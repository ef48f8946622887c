"""Which versions a repository pins: in manifests, in values of charts, in texts inside of them."""

from __future__ import annotations

import pytest

from bot.pins import Kind, Pin, Sources, of_applications, of_files
from bot.ports.argocd import Application, Health, Source, Sync
from bot.ports.git import File

MONGODB = "quay.io/mongodb/mongodb-community-server:{version}-ubi8"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - {name: init, image: "alpine:3.20"}
      containers:
        - name: agent
          image: docker.io/prom/prometheus:v3.8.1
---
kind: CronJob
spec: {jobTemplate: {spec: {template: {spec: {containers: [{image: alpine}]}}}}}
"""
VALUES = """\
controller:
  image:
    registry: docker.io
    repository: jenkins/jenkins
    tag: 2.528.3-lts-jdk21
agent:
  podTemplates:
    default: |
      - name: default
        containers:
          - name: jnlp
            image: jenkins/inbound-agent:latest
logo:
  image: logo.png
  notes: |
    A text in which
    image: stands, and: it is: no YAML
sidecar:
  image: "mirror.example:5000/team/side:1.2"
"""


def pins(content: str | bytes, path: str = "a.yaml") -> list[Pin]:
    data = content.encode() if isinstance(content, str) else content
    found, unread = of_files([File(path, "c", data)], MONGODB)
    assert unread == []
    return found


def test_images_of_every_container_are_found() -> None:
    assert [(pin.name, pin.tag, pin.why) for pin in pins(DEPLOYMENT)] == [
        ("alpine", "", "no tag, so whatever is latest"),
        ("alpine", "3.20", ""),
        ("prom/prometheus", "v3.8.1", ""),
    ]


def test_images_of_values_are_found_in_parts_and_in_texts_and_nothing_else_is() -> None:
    assert [(pin.name, pin.version, pin.tag) for pin in pins(VALUES)] == [
        ("jenkins/inbound-agent", "latest", ""),
        ("jenkins/jenkins", "2.528.3-lts-jdk21", "2.528.3-lts-jdk21"),
        ("mirror.example:5000/team/side", "1.2", "1.2"),
    ]


@pytest.mark.parametrize(
    ("image", "name", "version", "tag", "why"),
    [
        ("nats:2.4-alpine", "nats", "2.4-alpine", "2.4-alpine", ""),
        ("docker.io/library/nats:2", "nats", "2", "2", ""),
        ("ghcr.io/a/b@sha256:0123456789abcdef", "ghcr.io/a/b", "sha256:0123456789ab", "",
         "pinned by its digest"),
        ("ghcr.io/a/b:v1.2@sha256:0123456789abcdef", "ghcr.io/a/b", "v1.2@sha256:0123456789ab",
         "v1.2", ""),
        ("mirror:5000/a", "mirror:5000/a", "", "", "no tag, so whatever is latest"),
        ("a/b:stable", "a/b", "stable", "", "the tag stable, which moves"),
        ("${REGISTRY}/a:1.0", "${REGISTRY}/a:1.0", "", "", "its name is filled in elsewhere"),
    ],
)  # fmt: skip
def test_a_reference_is_read_and_what_is_no_version_is_said(
    image: str, name: str, version: str, tag: str, why: str
) -> None:
    [pin] = pins(f"containers: [{{image: '{image}'}}]")

    assert (pin.name, pin.version, pin.tag, pin.why) == (name, version, tag, why)


def test_the_database_is_looked_for_where_the_setting_says() -> None:
    [pin] = pins('kind: MongoDBCommunity\nspec: {version: "8.2.3"}\n')

    assert pin == Pin(
        Kind.DATABASE,
        "MongoDB",
        "8.2.3",
        "quay.io/mongodb/mongodb-community-server",
        "8.2.3-ubi8",
        places=("a.yaml",),
    )


def test_a_database_without_a_version_is_said_to_have_none() -> None:
    [pin] = pins("kind: MongoDBCommunity\nspec: {}\n")

    assert (pin.tag, pin.why) == ("", "no version")


def test_a_version_that_stands_in_two_files_is_told_once_with_both() -> None:
    files = [File(path, "c", b"containers: [{image: 'a:1.0'}]") for path in ("x.yml", "y.yaml")]
    [pin] = of_files([*files, File("z.txt", "c", files[0].content)], MONGODB)[0]

    assert pin.places == ("x.yml", "y.yaml")


@pytest.mark.parametrize(
    "content",
    [
        b"image: {{ .Values.image }}\n",
        b"image: a:1\n\tb: 1",
        b"image: a:1\xff\xfe",
        b"image: " + b"[" * 3000,
        b"a: &a [x]\n" + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a"] * 20))
                                  for n in range(3)) + b"image: b:1\n" * 2 + b"c: *nowhere\n",
        b"image: a:1 # " + b"x" * 300_000,
    ],
)  # fmt: skip
def test_a_file_nobody_can_read_is_named_and_the_others_are_read(content: bytes) -> None:
    good = File("b.yaml", "c", b"containers: [{image: 'a:1.0'}]")
    found, [unread] = of_files([File("a.yaml", "c", content), good], MONGODB)

    assert [pin.name for pin in found] == ["a"]
    assert unread.startswith("a.yaml: ")


def application(name: str, *sources: Source) -> Application:
    return Application(name, Sync.SYNCED, Health.HEALTHY, sources, automated=True)


def test_charts_are_those_that_applications_take() -> None:
    helm = Source("https://charts.example/", "6.27.1", "6.27.1", "rocketchat")
    git = Source("https://git.example/ops.git", "master", "c0ffee")
    oci = Source("oci://ghcr.io/acme/charts", "1.2.3", "1.2.3", "moon")
    bare = Source("registry-1.docker.io/bitnamicharts", "2.*", "2.1.0", "redis")
    found = of_applications([application("a", helm, git), application("b", helm, oci, bare)])

    assert [(p.name, p.source, p.indexed, p.tag, p.why, p.places) for p in found] == [
        ("moon", "ghcr.io/acme/charts/moon", False, "1.2.3", "", ("b",)),
        ("redis", "registry-1.docker.io/bitnamicharts/redis", False, "", "the range 2.*", ("b",)),
        ("rocketchat", "https://charts.example", True, "6.27.1", "", ("a", "b")),
    ]


def test_hosts_that_are_not_asked_are_named_with_stars() -> None:
    some = Sources("releases.example", "mongo:{version}", ("*.docker.io", "quay.io"))

    assert some.asks("ghcr.io")
    assert not some.asks("registry-1.docker.io")
    assert not some.asks("quay.io")
    assert not Sources("r", "m", ("*",)).asks("ghcr.io")
