"""Before each change outside Houston asks whether it leads; no port's change was forgotten."""

from __future__ import annotations

import inspect
from dataclasses import fields
from typing import get_type_hints

import pytest

from bot.errors import Superseded
from bot.fencing import CHANGES, Fenced
from bot.outside import Ports

INSIDE = {"leadership", "engine", "store", "stages"}
"""Their writes are looked at by the database itself; the worlds of drills are not outside."""
READS = {
    "chat": "rooms events relink since message account server_version branch",
    "git": "head default read files edit between branch",
    "history": "lost since",
    "argocd": "application version",
    "applications": "applications detail changes revision account",
    "kubernetes": "rollout rollouts version allowed",
    "pods": "namespaces pods pod logs events",
    "jobs": "cron_jobs cron_job jobs job logs",
    "nodes": "nodes requests",
    "resources": "config_map claims stateful_sets services mongodb manifest",
    "secrets": "secret secrets external_secrets stores",
    "metrics": "query label_values version",
    "scraper": "running targets query",
    "grafana": "data_sources dashboard folder rule version",
    "traces": "address search",
    "registry": "digest tags reachable",
    "charts": "versions",
    "releases": "release",
    "azure": "cluster followed",
    "automation": "schedules links jobs job",
    "cost": "month budget",
    "vault": "secrets",
    "identities": "identity federations issuer",
    "calendar": "shifts",
}


@pytest.mark.parametrize("name", [f.name for f in fields(Ports) if f.name not in INSIDE])
def test_each_method_of_a_port_is_known_to_change_something_or_not_to(name: str) -> None:
    port = get_type_hints(Ports)[name]
    methods = {
        method for method, _ in inspect.getmembers(port, callable) if not method.startswith("_")
    }

    assert methods == (methods & set(READS[name].split())) | CHANGES.get(name, frozenset())


class Door:
    """A port with one way to look and one to change."""

    def __init__(self) -> None:
        self.opened: list[str] = []

    async def look(self) -> int:
        return len(self.opened)

    async def open(self, who: str, *, wide: bool) -> str:
        self.opened.append(who)
        return f"{who} {wide}"


async def test_a_change_is_made_by_who_leads_and_by_nobody_else() -> None:
    leads = [True]

    async def check() -> None:
        if not leads[0]:
            raise Superseded("store", "another leads")

    door = Door()
    fenced = Fenced(door, frozenset({"open"}), check)
    first = await fenced.open("ana", wide=True)
    leads[0] = False
    with pytest.raises(Superseded):
        await fenced.open("bo", wide=False)

    assert first == "ana True"
    assert await fenced.look() == 1
    assert door.opened == ["ana"]
