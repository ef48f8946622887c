"""`!secrets bootstrap` and `!secrets correct`, from #ops to git."""

from __future__ import annotations

import pytest

from adapters.sim.scenarios import SCENARIOS
from adapters.sim.scenarios_secrets import OPERATOR, STORE, URI
from bot.settings import Settings
from tests.commands.room import Room, settings


async def test_five_steps_that_hold_are_shown_with_their_state(room: Room) -> None:
    answer = (await room.ask("!secrets bootstrap")).replace("\\", "")

    assert answer.startswith("✔ Secrets come from the Key Vault, all five steps hold")
    assert answer.count("✔") == 6
    assert "aks-fernhill-eso-fic trusts this cluster" in answer
    assert "aks-fernhill-eso-identity exists" in answer
    assert "the operator is ready, 5 secrets are synced" in answer
    assert "terraform" not in answer


@pytest.mark.parametrize(
    ("world", "step", "said", "offered"),
    [
        (SCENARIOS["vault_reader_gone"], 1, "was not found", "terraform apply tfplan"),
        (SCENARIOS["secret_not_in_vault"], 2, f"{URI} is not in", "terraform.tfvars"),
        (SCENARIOS["vault_secret_disabled"], 2, f"{URI} is disabled", "terraform.tfvars"),
        (SCENARIOS["cluster_made_anew"], 3, "another cluster's", "az identity federated"),
        (SCENARIOS["issuer_without_slash"], 3, "a slash at the end", "az identity federated"),
        (SCENARIOS["client_id_wrong"], 4, "client-id is", "!secrets correct client-id"),
        (SCENARIOS["placeholder_in_git"], 4, "REPLACE_WITH_TENANT_ID", "!secrets correct tenant"),
        (SCENARIOS["secrets_operator_down"], 5, "0 of 1 pods of it are ready", "!logs"),
        (SCENARIOS["secret_stalled"], 5, "was not refreshed", "!secrets"),
    ],
    indirect=["world"],
)
async def test_the_first_broken_step_is_named_with_what_to_do(
    room: Room, step: int, said: str, offered: str
) -> None:
    answer = (await room.ask("!secrets bootstrap")).replace("\\", "")
    title = answer.split("\n")[0]

    assert f"at link {step}," in title
    assert said in title
    assert offered in answer


@pytest.mark.parametrize("world", [SCENARIOS["vault_closed"]], indirect=True)
async def test_a_vault_that_cannot_be_listed_is_not_seen_and_not_broken(room: Room) -> None:
    answer = await room.ask("!secrets bootstrap")

    assert "Not seen at link 1" in answer
    assert "ForbiddenByRbac" in answer


@pytest.mark.parametrize(
    ("properties", "said"),
    [
        ({"subject": "system:serviceaccount:default:default"}, "its subject is"),
        ({"audiences": ["api://another"]}, "its audience is not"),
    ],
)
async def test_each_part_of_the_trust_is_compared(
    room: Room, properties: dict[str, object], said: str
) -> None:
    room.world.custody.trust(**properties)
    answer = await room.ask("!secrets bootstrap")

    assert "Broken at link 3" in answer
    assert said in answer


async def test_a_subject_that_is_an_expression_cannot_be_judged(room: Room) -> None:
    room.world.custody.trust(subject=None)
    answer = await room.ask("!secrets bootstrap")

    assert "Not seen at link 3" in answer
    assert "cannot be judged" in answer


@pytest.mark.parametrize("world", [SCENARIOS["client_id_wrong"]], indirect=True)
async def test_where_secrets_come_from_is_changed_by_review_and_not_by_reactions(
    room: Room,
) -> None:
    answer = await room.ask("!secrets correct client-id")

    assert "tier critical is never started from chat" in answer
    assert "Have these lines reviewed and merged in git" in answer
    assert f'azure.workload.identity/client-id: "{room.world.custody.client}"' in answer
    assert room.world.remote.head() == room.first_commit


class TestWherePolicyNamesTheTier:
    @pytest.fixture
    def room_settings(self) -> Settings:
        people = settings().policy.model_dump(mode="json")["people"]
        return settings(policy={"tiers": {"critical": {"approvals": 1}}, "people": people})

    @pytest.mark.parametrize("world", [SCENARIOS["client_id_wrong"]], indirect=True)
    async def test_the_client_id_is_corrected_in_one_line_of_the_block(self, room: Room) -> None:
        before = room.world.remote.read(OPERATOR)
        record = await room.approved("!secrets correct client-id")
        after = room.world.remote.read(OPERATOR)
        client = room.world.custody.client.encode()

        assert record.state == "succeeded"
        assert after == before.replace(b"00000000-0000-0000-0000-0000000000ff", client)
        assert (await room.ask("!secrets bootstrap")).startswith("✔")

    @pytest.mark.parametrize("world", [SCENARIOS["placeholder_in_git"]], indirect=True)
    async def test_the_tenant_is_filled_in_and_synced(self, room: Room) -> None:
        before = room.world.remote.read(STORE)
        record = await room.approved("!secrets correct tenant-id")

        assert record.state == "succeeded"
        assert room.world.remote.read(STORE) == before.replace(
            b"REPLACE_WITH_TENANT_ID", room.world.custody.tenant.encode()
        )
        assert "nobody has" not in await room.ask("!secrets")


async def test_what_is_right_is_not_corrected(room: Room) -> None:
    for item in ("client-id", "tenant-id", "vault"):
        assert "is already" in await room.ask(f"!secrets correct {item}")
    assert room.world.remote.commits() == [room.first_commit]


async def test_words_that_do_not_fit_change_nothing(room: Room) -> None:
    assert "ITEM is missing" in await room.ask("!secrets correct")
    assert "client-id" in await room.ask("!secrets correct password")
    assert room.world.remote.commits() == [room.first_commit]
