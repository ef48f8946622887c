"""`!secrets` and `!secrets refresh`, from what is said in #ops to what the world becomes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_secrets import NAME, URI
from adapters.sim.world import Fault
from tests.commands.room import Room


async def test_secrets_that_are_well_are_listed_by_name_and_age(room: Room) -> None:
    answer = await room.ask("!secrets")

    assert answer.startswith("✔ 5 secrets are well")
    assert f"rocketchat/{NAME}" in answer
    assert "SecretSynced" in answer
    assert "value of" not in answer


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (SCENARIOS["secret_not_in_vault"], f"{URI} is not in the Key Vault"),
        (SCENARIOS["secret_stalled"], "was not refreshed for 5 h 00 min, it should be every 1 h"),
        (SCENARIOS["secret_lacks_key"], f"rocketchat/{NAME} has no key mongo-uri"),
        (SCENARIOS["secret_changed"], f"still runs what rocketchat/{NAME} said before"),
        (SCENARIOS["vault_secret_disabled"], f"{URI} is disabled in the Key Vault"),
        (SCENARIOS["vault_secret_expired"], "expired 2 d 0 h ago"),
        (SCENARIOS["secret_store_broken"], "is not ready: InvalidProviderConfig: AADSTS700213"),
        (SCENARIOS["secret_by_hand"], "rocketchat/smtp-password was made by hand: bootstrap-only"),
        (SCENARIOS["placeholder_in_git"], "yaml:9 holds what nobody has filled in: tenantId"),
        (
            SCENARIOS["credential_in_git"],
            "values.yaml:21 holds a credential in plain text: password",
        ),
    ],
    indirect=["world"],
)
async def test_what_is_wrong_is_the_first_line(room: Room, said: str) -> None:
    title = (await room.ask("!secrets")).split("\n")[0].replace("\\", "")

    assert title.startswith("⚠")
    assert said in title


@pytest.mark.parametrize(
    "world",
    [SCENARIOS["credential_in_git"], SCENARIOS["secret_store_broken"]],
    indirect=True,
)
async def test_neither_a_credential_nor_an_id_is_repeated(room: Room) -> None:
    answer = await room.ask("!secrets")

    assert "hunter2" not in answer
    assert "0000000000ff" not in answer


async def test_a_key_that_the_chart_does_not_read_is_only_noted(room: Room) -> None:
    found = room.world.cluster.objects.get("secrets", "rocketchat", NAME)
    del found["metadata"]["managedFields"][0]["fieldsV1"]["f:data"]["f:mongo-oplog-uri"]
    room.world.cluster.objects.put(found)
    answer = await room.ask("!secrets")

    assert answer.startswith("✔")
    assert f"rocketchat/{NAME} has no key mongo-oplog-uri" in answer


async def test_a_value_that_expires_soon_is_noted(room: Room) -> None:
    room.world.custody.expires = {URI: room.world.clock.now() + timedelta(days=9, minutes=10)}

    assert f"{URI} in the Key Vault expires in 9 d 0 h" in await room.ask("!secrets")


async def test_what_cannot_be_seen_hides_nothing_else(room: Room) -> None:
    room.world.custody.refusal = "ForbiddenByFirewall"
    answer = await room.ask("!secrets")

    assert "The Key Vault could not be looked at" in answer
    assert "ForbiddenByFirewall" in answer
    assert f"rocketchat/{NAME}" in answer
    assert "✘" not in answer


async def test_without_a_right_to_secrets_what_the_operator_says_is_shown(room: Room) -> None:
    room.world.cluster.api.forbidden.add(("*", "secrets"))
    answer = await room.ask("!secrets")

    assert answer.startswith("✔ 5 secrets are synced")
    assert answer.count("Houston has no right to the Secrets:") == 1
    assert "there is no such Secret" not in answer
    assert "cannot be seen, so nobody knows" in await room.ask(f"!secrets propagate {NAME}")


async def test_without_that_right_what_is_not_synced_is_still_found(room: Room) -> None:
    room.world.cluster.api.forbidden.add(("*", "secrets"))
    del room.world.cluster.secrets.vault[URI]
    external = room.world.cluster.objects.get("externalsecrets", "rocketchat", NAME)
    room.world.cluster.secrets.sync(external)

    assert "is not synced" in await room.ask("!secrets")


async def test_a_refresh_brings_the_new_value_and_is_seen_to(room: Room) -> None:
    room.world.cluster.secrets.vault[URI] = "another value"
    before = room.world.cluster.objects.get("secrets", "rocketchat", NAME)["data"]
    said = await room.say(f"!secrets refresh {NAME}")
    record = await room.ended(said)
    after = room.world.cluster.objects.get("secrets", "rocketchat", NAME)["data"]

    assert record.state == "succeeded"
    assert before["mongo-uri"] != after["mongo-uri"]
    assert "another value" not in room.card(record)
    assert f"!secrets propagate rocketchat/{NAME}" in await room.ask("!secrets")


async def test_a_refresh_that_cannot_be_done_says_why(room: Room) -> None:
    del room.world.cluster.secrets.vault[URI]
    record = await room.ended(await room.say(f"!secrets refresh {NAME}"))

    assert record.state == "failed"
    assert f"could not get secret {URI}" in room.card(record)


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.UNAVAILABLE])
async def test_a_lost_answer_asks_for_the_same_refresh_again(room: Room, fault: Fault) -> None:
    room.world.fail("kubernetes.patch", fault)
    record = await room.ended(await room.say(f"!secrets refresh {NAME}"))
    found = room.world.cluster.objects.get("externalsecrets", "rocketchat", NAME)

    assert record.state == "succeeded"
    assert len(found["metadata"]["annotations"]) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!secrets refresh", "NAME is missing"),
        ("!secrets refresh mongodb-admin-pasword", "Did you mean"),
        ("!secrets refresh x y", "one word too many"),
        ("!secrets all", "There is no command"),
    ],
)
async def test_words_that_do_not_fit_change_nothing(room: Room, line: str, said: str) -> None:
    assert said in await room.ask(line)
    assert "kubernetes.patch" not in room.world.calls


async def test_who_is_not_in_the_roster_may_look_and_not_refresh(room: Room) -> None:
    assert "5 secrets" in await room.ask("!secrets", by="uVic")
    assert "needs the role operator" in await room.ask(f"!secrets refresh {NAME}", by="uVic")
