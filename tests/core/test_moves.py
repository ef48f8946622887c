"""What an approval rests on beside the plan, and how it reads when it moves."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.sim.git import SimGit
from adapters.sim.kubernetes import SimKubernetes
from adapters.sim.world import Fault
from bot.between import commits_between
from bot.differing import differences
from bot.errors import Unavailable
from bot.hosting import Hosting
from bot.moves import Moves
from bot.plan import Plan, Tier
from bot.planning import Planned
from bot.policy import Ask, Policy
from bot.policybook import PolicyBook
from bot.ports.argocd import Application, Health, Source, Sync
from bot.ports.jobs import CronJob
from bot.redact import Redactor
from bot.roles import Role
from bot.rules import PolicyData
from bot.simulated import COMMITTER
from bot.trail import Trail
from bot.versions import deployments, of_application, of_cron_job
from tests.core.booth import Booth, opened
from tests.core.test_judge import FLIGHT
from tests.core.test_tally import OPENED, POLICY

pytestmark = pytest.mark.looptime(start=time.monotonic, noop_cycles=1)
HOSTED = Hosting("g", "c", "", "", "", "", False, True, False, 0, 0, "", "")
STRICT = PolicyData.model_validate({**POLICY.data.model_dump(), "commands": {"scale": "high"}})


@pytest.fixture
async def booth() -> AsyncIterator[Booth]:
    async with opened() as made:
        yield made


async def test_a_deployment_is_told_by_what_somebody_chose(booth: Booth) -> None:
    kubernetes = SimKubernetes(booth.world)
    name = "rocketchat-presence"
    found = await deployments(kubernetes, "rocketchat", name, "nowhere")
    seen = await kubernetes.rollout("rocketchat", name)

    assert found == {
        f"deployment/{name} replicas": str(seen.wanted),
        f"deployment/{name} image": seen.images[0],
        f"deployment/{name} generation": str(seen.generation),
        "deployment/nowhere": "not there",
    }
    booth.world.fail("kubernetes.get", Fault.UNAVAILABLE)
    with pytest.raises(Unavailable):
        await deployments(kubernetes, "rocketchat", name)


def test_an_application_is_told_by_what_it_follows_and_runs() -> None:
    sources = (Source("git", "main", "abc"), Source("charts", "6.25.0", "", chart="rocketchat"))
    assert of_application(
        Application("chat", Sync.SYNCED, Health.HEALTHY, sources, automated=True)
    ) == {
        "application/chat follows": "main, 6.25.0",
        "application/chat runs": "abc, nothing",
    }


@pytest.mark.parametrize(
    ("zone", "suspended", "schedule", "said"),
    [("Europe/London", True, "0 1 * * * Europe/London", "yes"), (None, False, "0 1 * * *", "no")],
)
def test_a_cron_job_is_told_by_when_and_whether_it_runs(
    zone: str | None, suspended: bool, schedule: str, said: str
) -> None:
    job = CronJob("ns", "prune", "u", "0 1 * * *", OPENED, zone, suspended, generation=3)
    assert of_cron_job(job) == {
        "cronjob/prune schedule": schedule,
        "cronjob/prune suspended": said,
        "cronjob/prune generation": "3",
    }


def test_each_leaf_that_differs_is_one_line_from_what_to_what() -> None:
    before = {"a": 1, "same": [1, 2], "deep": {"x": ["p", "q"], "t": ("r",)}, "gone": "was"}
    after = {"a": 2, "same": [1, 2], "deep": {"x": ["p", "z"], "t": ("s",)}, "new": "is"}
    assert differences(before, after) == [
        "a: `1` → `2`",
        "deep.t[0]: `r` → `s`",
        "deep.x[1]: `q` → `z`",
        "gone: `was` → `–`",
        "new: `–` → `is`",
    ]


def test_what_is_long_is_cut_and_what_just_fits_is_not() -> None:
    (line,) = differences({"a": "x" * 60}, {"a": "y" * 61})
    assert line == f"a: `{'x' * 60}` → `{'y' * 59}…`"


def _facts(base: object) -> dict[str, Any]:
    return {"edit": {"base": base}}


async def test_the_commits_between_are_named_with_who_and_where(booth: Booth) -> None:
    git = SimGit(booth.world, committer=COMMITTER)
    old = booth.world.remote.head()
    new = booth.world.remote.push("notes.txt", b"more\n", "Note it\n\nat length")

    (line,) = await commits_between(git, _facts(old), _facts(new))
    assert line.startswith(f"`{new[:7]}` Note it by ")
    assert line.endswith("(notes.txt)")
    assert await commits_between(git, {"base": old}, {"base": new}) == [line]


@pytest.mark.parametrize("old", ["", "same", "no edit", "nothing"])
async def test_without_two_commits_nothing_is_between_and_nothing_is_asked(
    booth: Booth, old: str
) -> None:
    git, head = SimGit(booth.world, committer=COMMITTER), booth.world.remote.head()
    facts = {"": _facts(""), "same": _facts(head), "no edit": {"edit": "word"}, "nothing": {}}
    booth.world.fail("git.fetch", Fault.UNAVAILABLE)

    assert await commits_between(git, facts[old], _facts(head)) == []


async def test_commits_that_cannot_be_read_are_told_as_that(booth: Booth) -> None:
    git, head = SimGit(booth.world, committer=COMMITTER), booth.world.remote.head()
    booth.world.fail("git.fetch", Fault.UNAVAILABLE)

    (line,) = await commits_between(git, _facts("0" * 40), _facts(head))
    assert line.startswith("commits not readable: ")


async def moves(booth: Booth) -> Moves:
    """Of a Houston whose rules were others, and are stricter now."""
    documents, clock = booth.store.documents, booth.clock
    trail = Trail(booth.store.audit, clock, Redactor())
    await PolicyBook(documents, POLICY, clock, trail).open()
    book = PolicyBook(documents, Policy(STRICT), clock, trail)
    await book.open()
    return Moves(SimGit(booth.world, committer=COMMITTER), book, booth.stops(HOSTED))


def planned(facts: dict[str, Any], basis: dict[str, str]) -> Planned:
    plan: Plan[Any] = Plan("", facts=facts, target="", tier=Tier.LOW)
    ask = Ask("uAna", "scale", Role.OPERATOR, Tier.LOW, "web", OPENED)
    return Planned(plan, facts, basis, "", POLICY.decide(ask), ask)


async def test_commits_objects_facts_and_rules_are_told_once_each(booth: Booth) -> None:
    made = await moves(booth)
    old = booth.world.remote.head()
    new = booth.world.remote.push("notes.txt", b"more\n", "Note it")
    before = {"policy": POLICY.version, "power": "running"}
    flight = replace(FLIGHT, facts={"base": old, "power": "running"}, basis=before)
    after = {"policy": Policy(STRICT).version, "power": "stopped"}

    told = await made.since(flight, planned({"base": new, "power": "stopped"}, after))

    assert told[0].startswith(f"`{new[:7]}` Note it")
    assert told[1:4] == [
        f"policy: `{before['policy']}` → `{after['policy']}`",
        "power: `running` → `stopped`",
        f"base: `{old}` → `{new}`",
    ]
    assert len(told) == 5
    assert "scale" in told[4]


async def test_rules_that_are_the_same_are_not_explained(booth: Booth) -> None:
    made = await moves(booth)
    flight = replace(FLIGHT, basis={"policy": POLICY.version})

    assert await made.rules(flight, {"policy": POLICY.version}) == []
    assert await made.rules(flight, {"policy": "another"}) != []


@pytest.mark.parametrize(
    ("before", "told"),
    [("running", []), ("", []), ("stopped", ["power: `stopped` → `running`"])],
)
async def test_the_power_is_told_when_it_was_read_and_moved(
    booth: Booth, before: str, told: list[str]
) -> None:
    made = await moves(booth)
    assert await made.power(replace(FLIGHT, basis={"power": before})) == told
    assert await made.power(replace(FLIGHT, basis={})) == []
