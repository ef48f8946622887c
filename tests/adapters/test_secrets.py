"""The secrets port: one contract, kept by the simulated world and by the real adapter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from adapters.kubernetes_read import METADATA_ONLY
from adapters.kubernetes_read_objects import read_duration, read_secret
from bot.errors import Denied, Missing
from tests.adapters.kubernetes_place import BOTH, TOKEN, Place
from tests.adapters.kubernetes_place import place as opened

RELEASE = "rocketchat"
NAME = "rocketchat-mongodb-external"
VALUES = "kubernetes.secret.values"


@pytest.fixture(params=BOTH)
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(request.param, tmp_path) as made:
        yield made


async def test_a_secret_names_its_keys_and_its_owner(place: Place) -> None:
    found = await place.secrets.secret(RELEASE, NAME)

    assert found.keys == frozenset({"mongo-uri", "mongo-oplog-uri"})
    assert found.owner is not None
    assert (found.owner.kind, found.owner.name) == ("ExternalSecret", NAME)
    by_hand = await place.secrets.secret(RELEASE, "rocketchat-nats-connection")
    assert by_hand.owner is None
    with pytest.raises(Missing):
        await place.secrets.secret(RELEASE, "no-such")


async def test_secrets_cannot_be_listed_unless_that_right_is_given(place: Place) -> None:
    with pytest.raises(Denied):
        await place.secrets.secrets(RELEASE)
    place.world.cluster.api.granted.add(("list", "secrets"))
    found = [secret.name for secret in await place.secrets.secrets(RELEASE)]

    assert NAME in found
    assert found == sorted(found)


async def test_external_secrets_say_whether_they_are_fresh(place: Place) -> None:
    found = {es.name: es for es in await place.secrets.external_secrets(RELEASE)}
    es = found[NAME]

    assert (es.target, es.store, es.interval) == (NAME, "azure-keyvault", timedelta(hours=1))
    assert dict(es.remote) == {
        "mongo-uri": "rocketchat-mongodb-external-mongo-uri",
        "mongo-oplog-uri": "rocketchat-mongodb-external-mongo-oplog-uri",
    }
    assert es.ready is not None
    assert (es.ready.status, es.ready.reason) == ("True", "SecretSynced")
    assert es.refreshed is not None
    everywhere = {es.namespace for es in await place.secrets.external_secrets()}
    assert everywhere == {RELEASE, "monitoring"}


async def test_the_store_says_its_vault(place: Place) -> None:
    (store,) = await place.secrets.stores()

    assert store.name == "azure-keyvault"
    assert store.vault.startswith("https://")
    assert store.ready is not None
    assert store.ready.reason == "Valid"


async def test_a_refresh_brings_a_changed_value(place: Place) -> None:
    before = await place.secrets.secret(RELEASE, NAME)
    (es,) = [es for es in await place.secrets.external_secrets(RELEASE) if es.name == NAME]
    await place.world.pause(60)
    place.world.cluster.secrets.vault["rocketchat-mongodb-external-mongo-uri"] = "another"
    await place.secrets.refresh(RELEASE, NAME, place.world.clock.now())
    kept = place.world.cluster.objects
    await place.until(
        lambda: (
            kept.get("secrets", RELEASE, NAME)["metadata"]["resourceVersion"]
            != before.resource_version
        )
    )
    after = await place.secrets.secret(RELEASE, NAME)
    (later,) = [es for es in await place.secrets.external_secrets(RELEASE) if es.name == NAME]

    assert after.changed > before.changed
    assert after.created == before.created
    assert later.refreshed is not None
    assert es.refreshed is not None
    assert later.refreshed > es.refreshed


async def test_a_value_the_vault_has_not_is_reported(place: Place) -> None:
    del place.world.cluster.secrets.vault["rocketchat-mongodb-external-mongo-uri"]
    await place.secrets.refresh(RELEASE, NAME, place.world.clock.now())
    kept = place.world.cluster.objects
    await place.until(
        lambda: (
            kept.get("externalsecrets", RELEASE, NAME)["status"]["conditions"][0]["status"]
            == "False"
        )
    )
    (es,) = [es for es in await place.secrets.external_secrets(RELEASE) if es.name == NAME]

    assert es.ready is not None
    assert es.ready.reason == "SecretSyncedError"
    assert "mongo-uri" in es.ready.message


async def test_only_metadata_crosses_the_wire(tmp_path: Path) -> None:
    """What the real adapter asks for holds no value, though the server would give them."""
    async with opened("http", tmp_path) as place, aiohttp.ClientSession() as session:
        await place.secrets.secret(RELEASE, NAME)
        assert VALUES not in place.world.calls
        url = f"{place.url}/api/v1/namespaces/{RELEASE}/secrets/{NAME}"
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with session.get(url, headers={**headers, "Accept": METADATA_ONLY}) as answer:
            asked = await answer.text()
        async with session.get(url, headers=headers) as answer:
            whole = await answer.text()

    assert '"data"' in whole
    assert place.world.calls.count(VALUES) == 1
    assert '"data"' not in asked
    assert "f:mongo-uri" in asked


def test_keys_are_unknown_when_the_server_keeps_no_record() -> None:
    assert read_secret({"metadata": {"name": "x"}}).keys is None


@pytest.mark.parametrize(
    ("text", "seconds"), [("1h", 3600), ("1h30m0s", 5400), ("500ms", 0.5), ("0", 0), ("", 0)]
)
def test_durations_are_read_as_go_writes_them(text: str, seconds: float) -> None:
    assert read_duration(text).total_seconds() == seconds
