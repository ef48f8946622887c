"""The vault ports: one contract, kept by the simulated world and by the real adapters."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sim.custody import AUDIENCE, SUBJECT
from adapters.sim.power import SUBSCRIPTION
from adapters.sim.scenarios import healthy
from adapters.sim.servers import azure as server
from adapters.sim.servers.loopback import serve
from adapters.sim.servers.tls import certificate
from adapters.sim.vault import SimIdentities, SimVault
from adapters.sim.world import Fault, World
from adapters.vault import VAULT_SCOPE, ArmIdentities, KeyVault
from adapters.vault_read import read_federation, read_secret
from bot.clock import LoopClock
from bot.errors import Denied, Missing, Unavailable
from bot.ports.vault import Identities, Vault
from tests.adapters.azures import SECRET, SPEED, START, arm_at

NAME = "rocketchat-mongodb-external-mongo-uri"


@dataclass(frozen=True)
class Place:
    """Both ports, and the world behind them."""

    world: World
    vault: Vault
    identities: Identities


@pytest.fixture(params=["sim", "http"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    world = healthy(LoopClock(START, SPEED), speed=SPEED)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(world.close)
        if request.param == "sim":
            yield Place(world, SimVault(world), SimIdentities(world))
            return
        tls, trusted = certificate(tmp_path)
        url = await serve(stack, server.app(world, SECRET), tls=tls)
        arm, vault = arm_at(url, trusted), arm_at(url, trusted, scope=VAULT_SCOPE)
        stack.push_async_callback(arm.close)
        stack.push_async_callback(vault.close)
        identities = ArmIdentities(
            arm,
            subscription=SUBSCRIPTION,
            group=world.power.group,
            cluster=world.power.name,
            identity=world.custody.identity,
        )
        yield Place(world, KeyVault(vault), identities)


async def test_names_dates_and_nothing_else_of_every_secret(place: Place) -> None:
    place.world.custody.disabled = {NAME}
    place.world.custody.expires = {NAME: datetime(2026, 12, 1, tzinfo=UTC)}
    found = await place.vault.secrets()
    by_name = {secret.name: secret for secret in found}

    assert [secret.name for secret in found] == sorted(place.world.cluster.secrets.vault)
    assert by_name[NAME].enabled is False
    assert by_name[NAME].expires == datetime(2026, 12, 1, tzinfo=UTC)
    assert by_name["rocketchat-mongodb-external-mongo-oplog-uri"].enabled
    assert by_name["rocketchat-mongodb-external-mongo-oplog-uri"].expires is None
    assert "value of" not in repr(found)


async def test_a_vault_that_gives_nothing_says_why(place: Place) -> None:
    place.world.custody.refusal = "ForbiddenByFirewall"

    with pytest.raises(Denied, match="ForbiddenByFirewall"):
        await place.vault.secrets()


async def test_the_identity_is_known_by_its_client_id(place: Place) -> None:
    found = await place.identities.identity()

    assert found.name == place.world.custody.identity
    assert (found.client, found.tenant) == (place.world.custody.client, place.world.custody.tenant)


async def test_federated_credentials_come_to_the_letter(place: Place) -> None:
    jenkins_last, eso = await place.identities.federations()

    assert [eso.name, jenkins_last.name] == ["fernhill-jenkins-fic", "aks-fernhill-eso-fic"]
    assert jenkins_last.issuer == place.world.custody.issuer
    assert jenkins_last.subject == SUBJECT
    assert jenkins_last.audiences == (AUDIENCE,)


async def test_the_clusters_issuer_keeps_its_slash(place: Place) -> None:
    assert await place.identities.issuer() == place.world.custody.issuer
    assert place.world.custody.issuer.endswith("/")


async def test_an_identity_that_is_gone_is_missing(place: Place) -> None:
    place.world.custody.gone = True

    with pytest.raises(Missing):
        await place.identities.identity()
    with pytest.raises(Missing):
        await place.identities.federations()


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_azure_being_away_is_unavailable(place: Place, fault: Fault) -> None:
    place.world.fail("vault.secrets", fault, times=9)
    place.world.fail("identity.get", fault, times=9)

    with pytest.raises(Unavailable):
        await place.vault.secrets()
    with pytest.raises(Unavailable):
        await place.identities.federations()


def test_what_newer_versions_leave_out_is_unknown_and_not_wrong() -> None:
    found = read_federation({"name": "f", "properties": {"issuer": "i"}})

    assert found.subject is None
    assert found.audiences == ()
    assert read_secret({"id": "https://v.example/secrets/a/"}).enabled
