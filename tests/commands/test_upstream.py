"""Versions behind upstream in the weekly report: what is told, and what is away is said."""

from __future__ import annotations

import asyncio

import pytest

from adapters.sim.world import Fault
from bot.ports.charts import ChartVersion
from bot.settings import Settings
from tests.commands.room import Room, settings

DIGEST = "ghcr.io/acme/tool@sha256:" + "ab" * 32
MORE = f"""\
kind: Deployment
spec:
  template:
    spec:
      containers:
        - image: {DIGEST}
        - image: jenkins/inbound-agent:latest
        - image: prom/prometheus:v3.8.1
"""


async def weekly(room: Room) -> list[str]:
    """The lines of the card, as people read them."""
    return (await room.ask("!report weekly")).replace("\u200b", "").splitlines()


async def page(room: Room) -> str:
    said = await room.say("!report weekly")
    await room.answer(said)
    [out] = await room.store.outbox.thread(said.id)
    return next(file.content.decode() for file in out.post.files if file.type == "text/html")


async def test_charts_the_database_and_images_are_told_with_the_nearest_too(room: Room) -> None:
    lines = await weekly(room)

    assert "versions: 7 of 9 pinned versions behind" in lines
    assert (
        "• chart rocketchat 6.27.1: 7.0.1 (app 8.6.1) is out, 4 versions behind, 6.29.0 within 6"
    ) in lines
    assert (
        "• chart external-secrets 0.10.5: 1.2.0 is out, 2 versions behind, 0.10.7 within 0.10"
        in (lines)
    )
    assert (
        "• MongoDB 7.0.14: 8.2.3 is out, 4 versions behind, 7.0.28 with Rocket.Chat 7.12.2"
    ) in lines
    assert "• alpine 3.20: 3.22 is out, 2 versions behind" in lines
    assert not any("chart mongodb-kubernetes" in line for line in lines)


async def test_the_page_names_each_with_where_it_is_pinned(room: Room) -> None:
    text = await page(room)

    for cell in (
        "chart rocketchat",
        "7.0.1 (app 8.6.1)",
        "aks-rocketchat-helm",
        "ops/manifests/mongodb-community.example.yaml",
        "chart mongodb-kubernetes",
        "the newest",
        "ops/manifests/prometheus-agent-deployment.yaml, ops/manifests/stale-pods.yaml",
    ):
        assert f"<td>{cell}</td>" in text, cell


async def test_what_is_pinned_otherwise_is_said_and_not_guessed(room: Room) -> None:
    room.world.remote.push("ops/manifests/more.yaml", MORE.encode(), "feat: More")
    lines = await weekly(room)

    assert "pinned by its digest: ghcr.io/acme/tool" in lines
    assert "the tag latest, which moves: jenkins/inbound-agent" in lines
    assert sum("prom/prometheus" in line for line in lines) == 1


async def test_a_version_that_is_not_listed_any_more_is_said(room: Room) -> None:
    room.world.charts["https://charts.jenkins.io"]["jenkins"] = (ChartVersion("5.9.0"),)
    lines = await weekly(room)

    assert (
        "• chart jenkins 5.8.110: 5.9.0 is out, 1 version behind; its own version is not listed"
        " any more"
    ) in lines


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("registry.tags", "unknown: registry: 503 Service Unavailable: MongoDB, alpine"),
        ("charts.get", "unknown: charts: 503 Service Unavailable: chart rocketchat, chart"),
        ("git.fetch", "which images and database are pinned is unknown: git"),
        ("argocd.list", "which charts are deployed is unknown: Argo CD"),
        ("releases.get", "the newest release is not known: Rocket.Chat releases: 503"),
    ],
)
async def test_what_is_away_is_said_and_the_rest_is_told(room: Room, call: str, line: str) -> None:
    room.world.fail(call, Fault.UNAVAILABLE, times=200)
    lines = await weekly(room)

    assert any(line in each for each in lines), lines
    assert any("is out," in each for each in lines)


async def test_a_repository_without_the_database_says_so(room: Room) -> None:
    room.world.remote.remove("ops/manifests/mongodb-community.example.yaml", "chore: Gone")

    assert "MongoDB: the repository pins no version of it" in await weekly(room)


async def test_a_file_that_cannot_be_read_is_named(room: Room) -> None:
    room.world.remote.push("ops/chart/pod.yaml", b"image: {{ .Values.image }}\n", "feat: A chart")

    assert any(line.startswith("ops/chart/pod.yaml: ") for line in await weekly(room))


async def test_without_the_right_to_see_applications_it_is_said(room: Room) -> None:
    room.world.argo.rights.discard("get")

    assert any("Argo CD shows no application" in line for line in await weekly(room))


async def test_sources_that_hang_hold_the_report_up_for_a_minute_at_most(room: Room) -> None:
    room.world.speed = 0.5
    for call in ("registry.tags", "charts.get"):
        room.world.fail(call, Fault.SLOW, times=200)
    began = asyncio.get_running_loop().time()
    lines = await weekly(room)
    took = asyncio.get_running_loop().time() - began

    assert any("no answer within 60 s" in line for line in lines)
    assert 60 <= took < 75


async def test_at_most_four_are_asked_at_once(room: Room) -> None:
    most = now = 0
    real = room.world.pause

    async def pause(seconds: float) -> None:
        nonlocal most, now
        asked = room.world.calls[-1] in {"registry.tags", "charts.get"}
        now += asked
        most = max(most, now)
        await real(seconds)
        now -= asked

    room.world.pause = pause  # type: ignore[method-assign]
    await weekly(room)

    assert most == 4


async def test_a_report_soon_after_asks_again_only_for_what_was_away(room: Room) -> None:
    room.world.fail("registry.tags", Fault.UNAVAILABLE)
    first = await weekly(room)
    calls = room.world.calls
    calls.clear()
    second = await weekly(room)
    again = (calls.count("registry.tags"), calls.count("charts.get"))
    calls.clear()
    await asyncio.sleep(7 * 3600)
    await weekly(room)

    assert any(line.startswith("unknown: registry") for line in first)
    assert not any(line.startswith("unknown: ") for line in second)
    assert again == (1, 0)
    assert (calls.count("registry.tags"), calls.count("charts.get")) == (4, 5)


class TestWithoutAWayOut:
    """An installation that may reach nothing outside."""

    @pytest.fixture
    def room_settings(self) -> Settings:
        return settings(reports={"unasked": ["*"], "watch_every": None})

    async def test_nothing_is_asked_and_that_is_said(self, room: Room) -> None:
        room.world.calls.clear()
        lines = await weekly(room)

        assert not {"registry.tags", "charts.get", "releases.get"} & set(room.world.calls)
        assert "versions: 0 of 0 pinned versions behind" in lines
        [unknown] = [line for line in lines if line.startswith("unknown: not asked, by")]
        assert "chart rocketchat" in unknown
        assert "MongoDB" in unknown
        assert any("the newest release is not asked, by reports.unasked" in line for line in lines)


class TestWithoutOneHost:
    """Docker Hub alone is not asked."""

    @pytest.fixture
    def room_settings(self) -> Settings:
        return settings(reports={"unasked": ["registry-1.docker.io"], "watch_every": None})

    async def test_the_others_are(self, room: Room) -> None:
        lines = await weekly(room)

        assert "unknown: not asked, by reports.unasked: MongoDB, alpine, prom/prometheus" in lines
        assert any("chart rocketchat 6.27.1: 7.0.1" in line for line in lines)
