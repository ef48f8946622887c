"""`!trace test`, from words in #ops to a trace at the hub; each way it gets lost is told apart."""

from __future__ import annotations

import pytest

from adapters.sim.published import GENERATOR
from adapters.sim.registry import digest_of
from adapters.sim.scenarios import SCENARIOS
from adapters.sim.world import Fault
from bot.ports.store import Record
from bot.settings import Settings
from tests.commands.room import Room, settings

MANIFEST = "ops/manifests/tracegen.yaml"
FIRST = "tracegen-2026-11-24-01"


async def plan(room: Room, text: str = "!trace test") -> str:
    said = await room.say(text)
    await room.waiting(said)
    return next(text for text in room.thread(said) if "!approve" in text).replace("\\", "")


async def ended(room: Room, text: str = "!trace test") -> tuple[Record, str]:
    record = await room.approved(text)
    return record, room.card(record).replace("\\", "")


async def test_traces_are_made_by_a_commit_and_followed_to_the_hub(room: Room) -> None:
    before = room.world.remote.read(MANIFEST)
    record, card = await ended(room)
    after = room.world.remote.read(MANIFEST)

    assert record.state == "succeeded", card
    assert after == before.replace(
        b"  name: tracegen-2026-11-02-01", b"  name: tracegen-2026-11-24-01"
    ).replace(b'rev: "2026-11-02-01"', b'rev: "2026-11-24-01"')
    assert "Read the end of its log tracegen-2026-11-24-01: done" in card
    assert "5 spans in its log, none lost" in card
    assert '{ resource.service.name = "rocket-chat" } finds 20 traces since the Job began' in card
    assert "One of them https://grafana.fernhill.example/explore?schemaVersion=1" in card
    commit = (await room.git.between(room.first_commit, room.world.remote.head()))[0]
    assert commit.message.startswith("otel: rerun tracegen (rev 2026-11-24-01)\n")
    assert room.world.cluster.objects.find("jobs", "monitoring", "tracegen-2026-11-02-01") is None


async def test_the_second_run_of_a_day_counts_on(room: Room) -> None:
    await ended(room)
    record, _ = await ended(room)

    assert record.state == "succeeded"
    assert b"name: tracegen-2026-11-24-02\n" in room.world.remote.read(MANIFEST)


async def test_the_plan_shows_both_lines_and_offers_the_pin_and_the_steps_by_hand(
    room: Room,
) -> None:
    text = await plan(room)

    assert "+  name: tracegen-2026-11-24-01" in text
    assert '+    fernhill.example/tracegen-rev: "2026-11-24-01"' in text
    assert f"!trace test --pin pins {digest_of(GENERATOR, 'v0.115.0')[:19]}" in text
    assert "the hub of traces answers: 0 traces of last hour" in text
    assert "!runbook Validate Tracing End-to-End" in text


async def test_a_revision_of_which_only_half_was_counted_up_is_noticed(room: Room) -> None:
    content = room.world.remote.read(MANIFEST)
    room.world.remote.push(
        MANIFEST, content.replace(b'rev: "2026-11-02-01"', b'rev: "2026-11-24-09"'), "half"
    )
    await room.quiet(200)
    text = await plan(room)

    assert "git names tracegen-2026-11-02-01 and 2026-11-24-09: only one was counted up" in text
    assert "+  name: tracegen-2026-11-24-10" in text


async def test_a_pin_names_the_image_by_digest_from_then_on(room: Room) -> None:
    record, _ = await ended(room, "!trace test --pin")
    digest = digest_of(GENERATOR, "v0.115.0")

    assert record.state == "succeeded"
    assert f"          image: {GENERATOR}@{digest}\n".encode() in room.world.remote.read(MANIFEST)
    assert "its image is pinned to a digest" in await plan(room)


@pytest.mark.parametrize("world", [SCENARIOS["trace_image_forbidden"]], indirect=True)
async def test_a_registry_without_anonymous_tokens_is_told_apart(room: Room) -> None:
    record, card = await ended(room)

    assert record.state == "failed"
    assert f"the registry refuses {GENERATOR}:v0.115.0 to whoever has no account" in card
    assert "imagePullSecrets" in card
    assert "otel-collector passes" not in card.split("\n")[1]


@pytest.mark.parametrize("world", [SCENARIOS["trace_image_missing"]], indirect=True)
async def test_a_tag_the_registry_does_not_have_stops_the_plan(room: Room) -> None:
    answer = (await room.ask("!trace test")).replace("\\", "")

    assert f"the registry has no {GENERATOR}:v0.115.0: take a tag that exists" in answer
    assert "!trace test --pin" in answer
    assert room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize("world", [SCENARIOS["trace_image_missing"]], indirect=True)
async def test_a_tag_only_the_node_misses_is_told_apart(room: Room) -> None:
    room.world.fail("registry.head", Fault.UNAVAILABLE, times=9)
    record, card = await ended(room)

    assert record.state == "failed"
    assert f"there is no {GENERATOR}:v0.115.0: take a tag that exists" in card


async def test_after_a_run_that_worked_its_digest_takes_the_place_of_a_lost_tag(
    room: Room,
) -> None:
    await ended(room)
    room.world.cluster.removed_tags.add((GENERATOR, "v0.115.0"))
    record, _ = await ended(room, "!trace test --pin")

    assert record.state == "succeeded"
    assert b"telemetrygen@sha256:0000" in room.world.remote.read(MANIFEST)


@pytest.mark.parametrize("world", [SCENARIOS["trace_image_missing"]], indirect=True)
async def test_a_pin_without_any_known_digest_is_refused(room: Room) -> None:
    answer = (await room.ask("!trace test --pin")).replace("\\", "")

    assert f"No digest of {GENERATOR}:v0.115.0 is known: the registry has no" in answer


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (
            SCENARIOS["trace_hub_path_wrong"],
            "the hub answers 404 to otlphttp/hub at https://hub.fernhill.example/tempo/v1/traces: "
            "the exporter appends /v1/traces",
        ),
        (
            SCENARIOS["trace_hub_password_wrong"],
            "the hub refuses otlphttp/hub with 401: renew the credentials",
        ),
        (SCENARIOS["traces_lost"], "The hub finds them was not true within"),
    ],
    indirect=["world"],
)
async def test_what_becomes_of_traces_behind_the_job_is_told_apart(room: Room, said: str) -> None:
    record, card = await ended(room)

    assert record.state == "failed"
    assert said in card.split("\n")[1]
    assert "✔ tracegen-2026-11-24-01 has made traces" in card


async def test_a_collector_that_says_nothing_is_judged_by_what_arrives(room: Room) -> None:
    room.world.tracing.mute = True
    record, card = await ended(room)

    assert record.state == "succeeded"
    assert "its log says nothing of spans, and of none lost" in card


async def test_a_job_that_fails_shows_the_end_of_its_log(room: Room) -> None:
    jobs = room.world.cluster.controllers.jobs
    jobs.failing.add(FIRST)
    jobs.output[FIRST] = "connection refused\nexporter password=hunter2secret gave up"
    record, card = await ended(room)

    assert record.state == "failed"
    assert f"{FIRST} failed; its log ends: connection refused / exporter password=" in card
    assert "hunter2secret" not in card


@pytest.mark.parametrize("world", [SCENARIOS["argocd_token_expired"]], indirect=True)
async def test_an_expired_token_of_argo_cd_is_the_answer_before_anything_is_done(
    room: Room,
) -> None:
    answer = await room.ask("!trace test")

    assert "401 Houston's token has expired" in answer
    assert "argocd account generate-token" in answer
    assert room.world.remote.commits() == [room.first_commit]


@pytest.mark.parametrize("world", [SCENARIOS["trace_image_forbidden"]], indirect=True)
async def test_a_run_that_failed_does_not_stop_the_next(room: Room) -> None:
    await ended(room)
    room.world.cluster.private_images.clear()
    record, _ = await ended(room)

    assert record.state == "succeeded"


@pytest.mark.parametrize("world", [SCENARIOS["app_degraded"]], indirect=True)
async def test_an_application_that_the_run_before_has_left_degraded_does_not_stop_the_next(
    room: Room,
) -> None:
    record, _ = await ended(room)

    assert record.state == "succeeded"


async def test_a_right_that_is_missing_in_grafana_is_named_in_the_plan(room: Room) -> None:
    room.world.panels.lacking = {"datasources:query"}
    answer = await room.ask("!trace test")

    assert "datasources:query" in answer
    assert "Nothing was changed" in answer


async def test_a_right_that_is_lost_meanwhile_ends_the_run_and_does_not_wait(room: Room) -> None:
    said = await room.say("!trace test")
    record = await room.waiting(said)
    room.react(record)
    await room.committed()
    room.world.panels.lacking = {"datasources:query"}
    record = await room.ended(said)

    assert record.state == "failed"
    assert "datasources:query" in room.card(record)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            b'    fernhill.example/tracegen-rev: "2026-11-02-01"\n',
            b'    fernhill.example/other: "1"\n',
            'Add the line fernhill.example/tracegen-rev: "2026-11-02-01" below its metadata',
        ),
        (b"kind: Job", b"kind: Pod", "declares 0 Jobs"),
    ],
)
async def test_a_manifest_without_the_job_or_its_revision_is_refused_with_the_way_out(
    room: Room, old: bytes, new: bytes, said: str
) -> None:
    content = room.world.remote.read(MANIFEST)
    assert old in content
    room.world.remote.push(MANIFEST, content.replace(old, new), "another")

    assert said in (await room.ask("!trace test")).replace("\\", "")


async def test_who_is_no_operator_may_not(room: Room) -> None:
    assert "needs the role operator" in await room.ask("!trace test", by="uVic")


class TestWithoutGrafana:
    """An installation that has none."""

    @pytest.fixture
    def room_settings(self) -> Settings:
        return settings(grafana=None)

    async def test_the_settings_to_add_are_named(self, room: Room) -> None:
        answer = await room.ask("!trace test")

        assert "Grafana is not in Houston's configuration" in answer
        assert "grafana.url" in answer
