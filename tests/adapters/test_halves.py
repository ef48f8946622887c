"""Half of a character in what another system says: each way in makes it a sign that can be sent,
stored and hashed."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest

from adapters.argocd_diff import read_changes
from adapters.ddp import Ddp, Stream, StreamChanged
from adapters.http import JsonClient
from adapters.kubernetes_client import KubernetesClient
from adapters.registry import Endpoint, RegistryV2
from adapters.rocketchat_rest import judge
from adapters.sim.servers.kubernetes import write_kubeconfig
from bot.errors import Missing, Unavailable
from tests.adapters.armed import TOKEN, Tls, arm
from tests.adapters.wire import Answer, Wire

SAID = {"a\ud800": ["\udc00b", {"c": "\0"}], "whole": "🚀"}
READ = {"a\ufffd": ["\ufffdb", {"c": "\ufffd"}], "whole": "🚀"}
DEEP = Answer(200, "[" * 100_000, "application/json")


@pytest.mark.parametrize("system", ["Argo CD", "Grafana", "metrics", "releases"])
async def test_what_speaks_json(system: str) -> None:
    async with Wire(Answer(200, SAID), DEEP) as wire, aiohttp.ClientSession() as session:
        client = JsonClient(session, wire.url, system=system)
        assert await client.get("/x") == READ
        with pytest.raises(Unavailable, match="something else than JSON"):
            await client.get("/x", tries=1)


async def test_kubernetes(tmp_path: Path) -> None:
    gone = Answer(404, {"message": "no \ud800"})
    async with Wire(Answer(200, SAID), DEEP, gone) as wire:
        write_kubeconfig(tmp_path / "kubeconfig", wire.url, "t0p")
        client = await KubernetesClient.connect(kubeconfig=tmp_path / "kubeconfig", context="lab")
        assert await client.get("/x") == READ
        with pytest.raises(Unavailable, match="no JSON object"):
            await client.get("/x")
        with pytest.raises(Missing, match="no \ufffd"):
            await client.get("/x")
        await client.close()


async def test_azure(tls: Tls) -> None:
    found = {"value": [SAID]}
    async with Wire(TOKEN, Answer(200, found), tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        assert await client.items("/x", "1") == [READ]


async def test_an_address_of_azures_that_is_none(tls: Tls) -> None:
    found = {"value": [], "nextLink": "https://[x"}
    async with Wire(TOKEN, Answer(200, found), tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        with pytest.raises(Unavailable, match="another server"):
            await client.items("/x", "1")


async def test_a_registry() -> None:
    page = Answer(200, {"tags": ["1\ud800"]}, headers={"Link": '<http://[x?last=a>; rel="next"'})
    async with Wire(page, Answer(200, {"tags": []})) as wire, aiohttp.ClientSession() as session:
        registry = RegistryV2(session, {"hub.example": Endpoint(wire.url)})
        assert await registry.tags("hub.example/a") == ["1\ufffd"]
        assert wire.asked[-1].query["last"] == "a"


def test_chat_by_rest_and_by_its_stream() -> None:
    content = json.dumps({"success": True, **SAID}).encode()
    assert judge("chat.getMessage", 200, {}, content) == {"success": True, **READ}

    ddp = Ddp("token", 0.0)
    stream = Stream("stream-room-messages", "rOps")
    ddp.subscribe(stream, 0.0)
    frame = {
        "msg": "changed",
        "collection": stream.name,
        "fields": {"eventName": stream.event, "args": [SAID]},
    }
    assert ddp.receive(json.dumps(frame), 1.0) == [StreamChanged(stream, (READ,))]


def test_a_manifest_of_argo_cd() -> None:
    state = json.dumps({"metadata": {"name": "a"}, "data": {"k": "v\ud800"}})
    [change] = read_changes(
        {"items": [{"kind": "Job", "name": "a", "targetState": state, "liveState": "{}"}]}
    )
    assert "v\ufffd" in change.diff
