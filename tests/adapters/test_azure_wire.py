"""The real Azure client and the uglier habits of Azure, of proxies and of sign-in."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from adapters.sim.servers.tls import certificate
from bot.errors import AdapterError, Denied, Limited, Unavailable, UnknownOutcome
from tests.adapters.armed import CLUSTER, PERSON, SECRET, STOPPING, TOKEN, Tls, arm, azure, wrapped
from tests.adapters.wire import HTML, Answer, Wire


async def test_a_read_waits_as_told_and_is_asked_again(tls: Tls) -> None:
    busy = Answer(429, wrapped("TooManyRequests", "x"), headers={"Retry-After": "0"})
    async with (
        Wire(TOKEN, busy, busy, Answer(200, CLUSTER), tls=tls[0]) as wire,
        arm(wire, tls[1]) as client,
    ):
        assert (await azure(client).cluster()).name == "aks-fernhill"
    assert len(wire.asked) == 4


async def test_a_wait_of_an_hour_is_told_and_not_waited(tls: Tls) -> None:
    busy = Answer(429, wrapped("TooManyRequests", "x"), headers={"Retry-After": "3600"})
    async with Wire(TOKEN, busy, tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        with pytest.raises(Limited) as caught:
            await azure(client).cluster()
    assert caught.value.retry_after == timedelta(hours=1)
    assert len(wire.asked) == 2


async def test_a_change_is_not_sent_again_whatever_the_answer_says(
    tls: Tls,
) -> None:
    """The vendor's pipeline repeats any request whose answer says how long to wait."""
    busy = Answer(503, "", headers={"Retry-After": "0"})
    async with (
        Wire(TOKEN, Answer(200, CLUSTER), busy, tls=tls[0]) as wire,
        arm(wire, tls[1]) as client,
    ):
        with pytest.raises(Unavailable):
            await azure(client).stop()
    assert [asked.method for asked in wire.asked] == ["POST", "GET", "POST"]


async def test_a_change_cut_off_in_its_answer_is_unknown(tls: Tls) -> None:
    cut = Answer(202, "{", "application/json", cut=True)
    async with (
        Wire(TOKEN, Answer(200, CLUSTER), cut, tls=tls[0]) as wire,
        arm(wire, tls[1]) as client,
    ):
        with pytest.raises(UnknownOutcome):
            await azure(client).stop()


async def test_a_signed_address_comes_back_to_the_letter(tls: Tls) -> None:
    signed = "/op/1?t=1&c=A%2Bb%2Fc%3D%3D&s=x%2fy&h=%7E"
    async with Wire(TOKEN, Answer(200, CLUSTER), tls=tls[0]) as wire:
        accepted = Answer(202, "", headers={"Azure-AsyncOperation": wire.url + signed})
        wire.then(accepted, Answer(200, {"status": "InProgress"}))
        async with arm(wire, tls[1]) as client:
            cluster = azure(client)
            await cluster.stop()
            await cluster.followed()
    assert wire.asked[-1].raw_path == signed


@pytest.mark.parametrize("header", ["Azure-AsyncOperation", "Location"])
async def test_an_address_elsewhere_is_not_followed_with_our_token(tls: Tls, header: str) -> None:
    async with Wire(Answer(200, {"status": "Succeeded"}), tls=tls[0]) as elsewhere:
        accepted = Answer(202, "", headers={header: f"{elsewhere.url}/op"})
        async with (
            Wire(TOKEN, Answer(200, CLUSTER), accepted, tls=tls[0]) as wire,
            arm(wire, tls[1]) as client,
        ):
            cluster = azure(client)
            await cluster.stop()
            with pytest.raises(Unavailable, match="another server"):
                await cluster.followed()
    assert elsewhere.asked == []


async def test_without_an_address_the_cluster_itself_tells(
    tls: Tls,
) -> None:
    answers = (Answer(200, CLUSTER), Answer(202, ""), Answer(200, STOPPING), Answer(200, CLUSTER))
    async with Wire(TOKEN, *answers, tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        cluster = azure(client)
        await cluster.stop()
        seen = [await cluster.followed(), await cluster.followed()]
    assert [found.outcome.value for found in seen if found] == ["going on", "done"]


async def test_a_page_for_an_answer_is_unavailable(tls: Tls) -> None:
    async with Wire(TOKEN, HTML, tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        with pytest.raises(Unavailable, match="something else than JSON"):
            await azure(client).cluster()


@pytest.mark.parametrize("body", [[], {"name": "x"}, {"properties": None}, "", 7])
async def test_what_is_no_cluster_is_unavailable(tls: Tls, body: object) -> None:
    async with (
        Wire(TOKEN, Answer(200, json.dumps(body)), tls=tls[0]) as wire,
        arm(wire, tls[1]) as client,
    ):
        with pytest.raises(Unavailable, match="no managed cluster"):
            await azure(client).cluster()


async def test_a_certificate_nobody_vouches_for_is_refused(tls: Tls, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = certificate(tmp_path / "other")[1]
    async with Wire(TOKEN, tls=tls[0]) as wire, arm(wire, other) as client:
        with pytest.raises(AdapterError):
            await azure(client).cluster()
    assert wire.asked == []


async def test_a_server_that_is_away_is_unavailable(tls: Tls) -> None:
    async with Wire(TOKEN, Answer(200, CLUSTER), tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        await azure(client).cluster()
        await wire.server.close()
        with pytest.raises(Unavailable):
            await azure(client).stop()


async def test_a_refused_sign_in_shows_its_number_and_no_secret(
    tls: Tls,
) -> None:
    said = f"AADSTS7000215: Invalid client secret {SECRET} for app {PERSON}. Trace ID: {PERSON}"
    body = {"error": "invalid_client", "error_description": said}
    async with Wire(Answer(401, body), tls=tls[0]) as wire, arm(wire, tls[1]) as client:
        with pytest.raises(Denied) as caught:
            await azure(client).cluster()
    shown = f"{caught.value} {caught.value.hint}"
    assert "the client secret is wrong (AADSTS7000215)" in shown
    assert SECRET not in shown
    assert PERSON not in shown


async def test_a_workload_signs_in_with_its_service_accounts_token(
    tls: Tls, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("projected.service.account")
    async with (
        Wire(TOKEN, Answer(200, CLUSTER), tls=tls[0]) as wire,
        arm(
            wire, tls[1], kind="workload_identity", client_secret="", token_file=str(file)
        ) as client,
    ):
        await azure(client).cluster()
    form = parse_qs(wire.bodies[0])
    assert wire.asked[0].path == "/t/oauth2/v2.0/token"
    assert form["client_assertion"] == ["projected.service.account"]
    assert form["scope"] == [f"{wire.url}/.default"]
    assert wire.asked[1].headers["Authorization"] == "Bearer opens-it"
