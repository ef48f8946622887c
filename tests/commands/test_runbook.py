"""`!runbook TOPIC`: the steps by hand, with the names of this installation."""

from __future__ import annotations

import pytest

from adapters.sim.world import World
from bot.bootstrap import catalogue
from bot.runbook import offered, topics
from bot.settings import Settings
from tests.commands.room import LABELS, Room, opened, settings


@pytest.fixture
def room_settings() -> Settings:
    """An installation where nothing is called as by default."""
    return settings(
        rocketchat={"namespace": "chat", "release": "talk", "values": "chat/values.yaml"},
        git={"url": "http://git.invalid/ops.git", "branch": "trunk"},
        argocd={"url": "http://argocd.invalid", "token": "x", "application": "chat-app"},
        maintenance={"image_prune": "tidy-images"},
        mongodb={"manifest": "ops/database.yaml", "config_map": "start-scripts"},
        metrics={
            "url": "http://metrics.invalid",
            "labels": LABELS,
            "namespace": "watching",
            "application": "ops-app",
            "manifest": "ops/agent.yaml",
            "annotation": "fernhill.example/agent-rev",
        },
    )


async def test_the_steps_are_those_of_the_commands_with_the_configured_names(room: Room) -> None:
    text = await room.ask("!runbook How to Upgrade")

    assert text.startswith("ℹ By hand: How to Upgrade")
    assert "application chat-app, namespace chat, values in chat/values.yaml" in text
    assert "# instead of !upgrade VERSION" in text
    assert "edit image.tag in chat/values.yaml" in text
    assert "git commit -a && git push origin trunk" in text
    assert "argocd app get chat-app --refresh" in text
    assert "kubectl -n chat rollout status deployment/talk-rocketchat" in text
    assert "Next: !help upgrade" in text


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("image pruning", "--from=cronjob/tidy-images -n watching"),
        ("cluster start", "az aks start -g rg-fernhill -n aks-fernhill"),
        ("Updating the Schedule", "shutdown_time in terraform/terraform.tfvars"),
        ("mongodb stuck", "kubectl get configmap -n chat start-scripts"),
        ("mongodb stuck", "git checkout COMMIT -- ops/database.yaml"),
        ("mongodb stuck", "app.kubernetes.io/name=talk-account"),
        ("metrics restart-agent", "edit fernhill.example/agent-rev in ops/agent.yaml"),
        ("metrics restart-agent", "argocd app sync ops-app"),
        ("metrics check", "/api/v1/namespaces/watching/pods/POD:9090"),
    ],
)
async def test_a_name_is_put_in_wherever_it_stands(room: Room, topic: str, line: str) -> None:
    assert line in await room.ask(f"!runbook {topic}")


@pytest.mark.parametrize("said", ["SCALING", "scale", "!scale", "Scaling Microservices"])
async def test_a_topic_is_found_by_words_of_it_or_by_its_command(room: Room, said: str) -> None:
    text = await room.ask(f"!runbook {said}")

    assert text.startswith("ℹ By hand: Scaling Microservices")


async def test_a_misspelled_topic_gets_the_near_one(room: Room) -> None:
    text = await room.ask("!runbook upgarde")

    assert "upgarde is no topic" in text
    assert "Did you mean upgrade?" in text


async def test_words_that_fit_several_topics_name_them(room: Room) -> None:
    text = await room.ask("!runbook incident")

    assert "incident fits 2 topics" in text
    assert "Incident Recovery: MongoDB Stuck" in text
    assert "Type more of it" in text


async def test_without_a_topic_every_one_is_listed_with_its_commands(room: Room) -> None:
    text = await room.ask("!runbook")

    assert text.startswith(f"ℹ {len(topics(catalogue().values()))} topics")
    assert "How to Upgrade: !upgrade" in text
    assert "Image Pruning: !prune images" in text
    assert "left out" not in text


async def test_every_topic_has_its_steps(room: Room) -> None:
    for topic, commands in topics(catalogue().values()).items():
        text = await room.ask(f"!runbook {topic}".replace('"', ""))
        assert text.count("# instead of") == len(commands), topic
        assert "left out" not in text


async def test_a_plan_offers_the_steps_by_hand_that_go_with_it(world: World) -> None:
    async with opened(world, settings()) as room:
        said = await room.say("!scale presence 2")
        await room.waiting(said)
        plan = next(text for text in room.thread(said) if "!approve" in text)

        assert plan.endswith(" · !runbook Scaling Microservices")


@pytest.mark.parametrize("name", sorted(name for name, each in catalogue().items() if each.guide))
async def test_each_section_a_command_stands_for_has_steps_by_hand(room: Room, name: str) -> None:
    (offer,) = offered(catalogue()[name])
    text = await room.ask(offer)

    assert f"# instead of {catalogue()[name].usage}" in text
