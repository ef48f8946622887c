"""The real Kubernetes adapter: payloads as API servers send them, and their uglier habits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.kubernetes import KubernetesApi
from adapters.kubernetes_client import KubernetesClient
from adapters.sim.servers.kubernetes import write_kubeconfig
from bot.errors import AdapterError, Conflict, Denied, Invalid, Limited, Missing, Unavailable
from bot.ports.kubernetes import Kubernetes, RolloutState
from tests.adapters.wire import HTML, PAGE, TRUNCATED, Answer, Wire

IMAGE = "rocketchat/presence-service:7.13.2"
Connect = Callable[[Wire], Awaitable[Kubernetes]]


def deployment(name: str = "presence", generation: int = 3, **status: Any) -> dict[str, Any]:
    """A Deployment with two replicas that is rolled out, but for `status`."""
    well = {
        "observedGeneration": 3, "replicas": 2, "updatedReplicas": 2, "readyReplicas": 2,
        "availableReplicas": 2,
        "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"}],
    }  # fmt: skip
    known = {key: value for key, value in {**well, **status}.items() if value is not None}
    return {
        "metadata": {
            "name": name, "namespace": "chat", "generation": generation, "resourceVersion": "77",
        },
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"b": "2", "a": "1"}},
            "template": {"spec": {"containers": [{"name": "main", "image": IMAGE}]}},
        },
        "status": known,
    }  # fmt: skip


def page(*items: dict[str, Any], token: str = "") -> Answer:
    metadata = {"resourceVersion": "9", **({"continue": token} if token else {})}
    return Answer(200, {"kind": "List", "metadata": metadata, "items": list(items)})


def status(code: int, reason: str, message: str, **metadata: str) -> Answer:
    said = {"kind": "Status", "status": "Failure", "message": message, "reason": reason}
    return Answer(code, {**said, "metadata": metadata, "code": code})


@pytest.fixture
async def connect(tmp_path: Path) -> AsyncIterator[Connect]:
    made: list[KubernetesClient] = []

    async def to(wire: Wire) -> Kubernetes:
        kubeconfig = tmp_path / f"kubeconfig{len(made)}"
        write_kubeconfig(kubeconfig, wire.url, "t0p")
        made.append(await KubernetesClient.connect(kubeconfig=kubeconfig, context="lab"))
        return KubernetesApi(made[-1])

    yield to
    for each in made:
        await each.close()


@asynccontextmanager
async def told(connect: Connect, *answers: Answer) -> AsyncIterator[tuple[Wire, Kubernetes]]:
    async with Wire(*answers) as wire:
        yield wire, await connect(wire)


TIMED_OUT = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}


@pytest.mark.parametrize(
    ("payload", "state", "text"),
    [
        (deployment(), RolloutState.DONE, "rolled out"),
        (deployment(generation=4), RolloutState.WAITING, "waiting for the change to be seen"),
        (deployment(generation=4, conditions=[TIMED_OUT]), RolloutState.WAITING, "to be seen"),
        (deployment(conditions=[TIMED_OUT]), RolloutState.FAILED, "deadline"),
        (deployment(updatedReplicas=1), RolloutState.WAITING, "1 of 2 updated"),
        (deployment(updatedReplicas=None), RolloutState.WAITING, "0 of 2 updated"),
        (deployment(replicas=3), RolloutState.WAITING, "1 old to be terminated"),
        (deployment(availableReplicas=1), RolloutState.WAITING, "1 of 2 available"),
        (deployment(availableReplicas=None), RolloutState.WAITING, "0 of 2 available"),
        (deployment(conditions=None), RolloutState.DONE, "rolled out"),
    ],
)  # fmt: skip
async def test_a_rollout_is_judged_as_kubectl_judges_it(
    connect: Connect, payload: dict[str, Any], state: RolloutState, text: str
) -> None:
    async with told(connect, Answer(200, payload)) as (wire, kubernetes):
        found = await kubernetes.rollout("chat", "presence")
        asked = wire.asked[0]

    assert (found.state, found.namespace, found.wanted) == (state, "chat", 2)
    assert text in found.text
    assert (found.images, found.resource_version) == ((IMAGE,), "77")
    assert asked.path == "/apis/apps/v1/namespaces/chat/deployments/presence"
    assert asked.headers["Authorization"] == "Bearer t0p"
    assert asked.headers["User-Agent"] == "houston"


async def test_replicas_nobody_asked_for_are_one_and_zero_is_zero(connect: Connect) -> None:
    one, zero = deployment(replicas=1, updatedReplicas=1, availableReplicas=1), deployment()
    del one["spec"]["replicas"]
    zero["spec"]["replicas"] = 0
    zero["status"] = {"observedGeneration": 3}
    async with told(connect, page(one, zero)) as (_, kubernetes):
        found = await kubernetes.rollouts("chat")

    assert [(seen.wanted, seen.state) for seen in found] == [
        (1, RolloutState.DONE),
        (0, RolloutState.DONE),
    ]


async def test_a_list_is_read_page_by_page(connect: Connect) -> None:
    pages = (page(deployment("b"), token="t1"), page(deployment("a")))
    async with told(connect, *pages) as (wire, kubernetes):
        found = await kubernetes.rollouts("chat")
        first, second = (dict(asked.query) for asked in wire.asked)

    assert [seen.name for seen in found] == ["a", "b"]
    assert "continue" not in first
    assert (second["continue"], second["limit"]) == ("t1", first["limit"])


async def test_pages_that_expire_on_the_way_lose_and_double_nothing(connect: Connect) -> None:
    """By beginning again, or by going on with the token that the refusal carries."""
    expired = status(
        410, "Expired", "The provided continue parameter is too old", **{"continue": "t2"}
    )

    class Server(Wire):
        def answer(self, token: str) -> Answer:
            first = [asked.query.get("continue", "") for asked in self.asked].count("t1") == 1
            if token == "t1" and first:
                return expired
            return page(deployment("b")) if token else page(deployment("a"), token="t1")

    async with Server() as wire:
        found = await (await connect(wire)).rollouts("chat")

    assert [seen.name for seen in found] == ["a", "b"]


async def test_pages_that_always_expire_are_given_up(connect: Connect) -> None:
    expired = status(410, "Expired", "The provided continue parameter is too old")
    async with told(connect, page(deployment(), token="t1"), expired) as (wire, kubernetes):
        with pytest.raises(Unavailable, match="too old"):
            await kubernetes.rollouts("chat")
        assert len(wire.asked) < 10


@pytest.mark.parametrize("may", [True, False])
async def test_a_review_asks_for_exactly_this_right(connect: Connect, may: bool) -> None:
    async with told(connect, Answer(201, {"status": {"allowed": may}})) as (wire, kubernetes):
        assert await kubernetes.allowed("chat", "list", "deployments", "apps") is may
        asked, body = wire.asked[0], wire.bodies[0]

    assert asked.method == "POST"
    assert asked.path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    for word in ("chat", "list", "deployments", "apps", "SelfSubjectAccessReview"):
        assert f'"{word}"' in body


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (status(401, "Unauthorized", "Unauthorized"), Denied, "401 Unauthorized"),
        (status(403, "Forbidden", 'deployments "x" is forbidden: User'), Denied, "is forbidden"),
        (status(404, "NotFound", 'deployments "x" not found'), Missing, "not found"),
        (status(409, "Conflict", "the object has been modified"), Conflict, "modified"),
        (status(410, "Expired", "too old resource version"), Unavailable, "too old"),
        (status(422, "Invalid", "is invalid"), Invalid, "is invalid"),
        (status(500, "InternalError", "etcdserver: timeout"), Unavailable, "etcdserver"),
        (Answer(429, "slowly", headers={"Retry-After": "7"}), Limited, "429"),
        (Answer(502, PAGE, "text/html"), Unavailable, "502"),
        (HTML, Unavailable, "no JSON object"),
        (TRUNCATED, Unavailable, "Kubernetes"),
        (Answer(200, {"metadata": {}}), Unavailable, "spec"),
    ],
)  # fmt: skip
async def test_each_refusal_has_its_error(
    connect: Connect, answer: Answer, error: type[AdapterError], text: str
) -> None:
    async with told(connect, answer) as (_, kubernetes):
        with pytest.raises(error, match=text) as caught:
            await kubernetes.rollout("chat", "presence")

    assert "t0p" not in str(caught.value)
    if isinstance(caught.value, Limited):
        assert caught.value.retry_after.total_seconds() == 7


async def test_a_page_in_place_of_the_api_answers_no_question(
    connect: Connect,
) -> None:
    async with told(connect, HTML) as (_, kubernetes):
        with pytest.raises(Unavailable, match="no JSON object"):
            await kubernetes.allowed("chat", "get", "pods")


async def test_a_cluster_that_is_stopped_is_unavailable(connect: Connect) -> None:
    async with told(connect, HTML) as (_, kubernetes):
        pass
    with pytest.raises(Unavailable, match=r"not reachable: .*refuses the connection"):
        await kubernetes.version()
