"""Planted secrets appear nowhere: not in chat, not in files, not in the log, not in the store."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from adapters.sim import troubles
from tests.commands.room import Room

RELEASE = "rocketchat"
PLANTED = {
    "env": "hunter2env0000",
    "log_url": "hunter2url0000",
    "log_password": "hunter2pwd0000",
    "log_json": "hunter2json000",
    "log_bearer": "hunter2bearer0",
    "event": "hunter2event00",
    "applied": "hunter2applied",
    "secret": "hunter2secret0",
    "message": "hunter2message",
}
READING = (
    "!pods all",
    "!pods --bad",
    "!pod rocketchat-presence",
    "!pod prometheus-agent",
    "!logs rocketchat-presence",
    "!logs rocketchat-presence --previous",
    "!logs rocketchat-presence --grep token",
    "!events",
    "!nodes",
    "!diagnose",
    "!diagnose rocketchat-presence",
    "!status",
)


def plant(room: Room) -> None:
    """Put a secret into each place secrets are found in."""
    cluster = room.world.cluster
    log = "\n".join(
        [
            f"connecting to mongodb://rocketchat:{PLANTED['log_url']}@mongodb-0:27017/db",
            f"started with password={PLANTED['log_password']}",
            f'{{"level": "info", "token": "{PLANTED["log_json"]}", "user": "a"}}',
            f"Authorization: Bearer {PLANTED['log_bearer']}",
        ]
        * 10
    )
    loop = troubles.crash_loop(log)
    event = f"could not reach https://bot:{PLANTED['event']}@registry.example/v2"
    ails = troubles.Trouble(loop.show, (*loop.events, ("Failed", event)), said=log, before=log)
    cluster.controllers.afflict(RELEASE, "rocketchat-presence", ails)
    del cluster.controllers.troubles[(RELEASE, "rocketchat-presence")]
    for pod in cluster.objects.select("pods", "monitoring"):
        _plant_in(pod)
        cluster.objects.put(pod)
    value = base64.b64encode(PLANTED["secret"].encode()).decode()
    for secret in cluster.objects.select("secrets", RELEASE):
        secret["data"] = dict.fromkeys(secret["data"], value)
        cluster.objects.put(secret)


def _plant_in(pod: dict[str, Any]) -> None:
    container = pod["spec"]["containers"][0]
    container["env"] = [{"name": "LEVEL", "value": PLANTED["env"]}]
    notes = {"kubectl.kubernetes.io/last-applied-configuration": PLANTED["applied"]}
    pod["metadata"]["annotations"] = notes
    text = f"pull failed: https://x:{PLANTED['message']}@registry.example"
    pod["status"]["message"] = text
    pod["status"]["containerStatuses"][0]["state"] = {
        "waiting": {"reason": "ImagePullBackOff", "message": text}
    }


def everything(room: Room) -> str:
    """All that has left Houston, and all that it keeps."""
    said = []
    for document in room.world.chat.archive.all():
        said.append(document.text)
        said += [file.content.decode("utf-8", "replace") for file in document.files]
    return "\n".join([*said, room.store.dump(), repr(room.journal)])


async def test_no_planted_secret_leaves_by_any_way(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    plant(room)
    for line in READING:
        await room.ask(line)
    record = await room.approved("!restart presence")
    assert record.state == "succeeded", room.card(record)
    second = await room.approved("!restart prometheus-agent")
    for line in (f"!evidence {record.code}", f"!evidence {second.code}", f"!why {record.code}"):
        await room.ask(line)
    await room.ask("!audit 2h")
    await room.quiet(60)
    found = everything(room) + capsys.readouterr().out

    assert "presence-service" in found
    assert "[redacted]" in found
    assert {name: value for name, value in PLANTED.items() if value in found} == {}
    value = base64.b64encode(PLANTED["secret"].encode()).decode()
    assert value not in found
