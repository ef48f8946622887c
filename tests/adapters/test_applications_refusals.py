"""What Argo CD refuses, and what stands before it: named alike in process and on the wire."""

from __future__ import annotations

import pytest

from adapters.sim.argo_fleet import Front, Token
from adapters.sim.world import Fault, World
from bot.errors import Denied, Missing, Unavailable
from bot.ports.applications import Applications

HELM = "aks-rocketchat-helm"
OPS = "aks-rocketchat-ops"
JOB = ("batch", "CronJob", "monitoring", "stale-pods")
MANIFEST = "ops/manifests/stale-pods.yaml"


async def test_an_account_is_known_by_its_token_only(
    world: World, applications: Applications
) -> None:
    known = await applications.account()
    world.argo.token = Token.REVOKED

    assert (known, await applications.account()) == ("houston", "")


@pytest.mark.parametrize(
    ("token", "said"),
    [
        (Token.EXPIRED, "token has expired"),
        (Token.REVOKED, "token was revoked"),
        (Token.DISABLED, "is disabled"),
        (Token.FOREIGN, "of another Argo CD"),
    ],
)
async def test_each_trouble_with_a_token_is_named_with_what_to_do(
    world: World, applications: Applications, token: Token, said: str
) -> None:
    world.argo.token = token

    with pytest.raises(Denied, match=f"401.*{said}") as caught:
        await applications.applications()
    assert "argocd account generate-token" in caught.value.hint


async def test_the_right_that_is_missing_is_named_with_the_account(
    world: World, applications: Applications
) -> None:
    world.argo.rights.remove("sync")
    world.argo.account = "viewer"

    with pytest.raises(Denied, match="the account viewer lacks applications, sync") as caught:
        await applications.terminate(OPS)
    assert "right account" in caught.value.hint


@pytest.mark.parametrize(
    ("front", "said", "hint"),
    [
        (Front.LOGIN_PAGE, "a page for people", "proxy or a login page"),
        (Front.GRPC_ONLY, "gRPC", "HTTP/1.1"),
        (Front.CLOSED, "connection", "Argo CD runs"),
    ],
)
async def test_what_answers_in_place_of_argocd_is_named(
    world: World, applications: Applications, front: Front, said: str, hint: str
) -> None:
    world.argo.front = front
    calls = (applications.applications, applications.account, lambda: applications.detail(OPS))

    for call in calls:
        with pytest.raises(Unavailable, match=said) as caught:
            await call()
        assert hint in caught.value.hint


async def test_an_application_that_is_not_there_is_missing(applications: Applications) -> None:
    calls = (
        lambda: applications.detail("aks-gone"),
        lambda: applications.changes("aks-gone"),
        lambda: applications.revision("aks-gone", 0, "1" * 40),
        lambda: applications.terminate("aks-gone"),
    )

    for call in calls:
        with pytest.raises(Missing):
            await call()


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.REPLY_LOST])
async def test_a_server_that_is_away_is_unavailable(
    world: World, applications: Applications, fault: Fault
) -> None:
    calls = {
        "argocd.list": applications.applications,
        "argocd.get": lambda: applications.detail(OPS),
        "argocd.resources": lambda: applications.changes(OPS),
        "argocd.revision": lambda: applications.revision(OPS, 0, world.remote.head()),
        "argocd.account": applications.account,
    }
    for name, call in calls.items():
        world.fail(name, fault, times=9)
        with pytest.raises(Unavailable):
            await call()
