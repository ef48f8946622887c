"""The configuration: a wrong key is refused at the start with key, reason and fix."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bot.__main__ import main
from bot.configured import secrets
from bot.errors import ConfigError
from bot.reference import markdown
from bot.settings import load
from tests.core.configuration import GOOD, PERSON, SECRET

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):  # noqa: TID251 - the test's own surroundings
        if name.startswith("HOUSTON_"):
            monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "houston.yaml"
    path.write_text(yaml.safe_dump(GOOD), "utf-8")
    return path


def put(key: str, value: Any) -> Change:
    """A change of one key, named with dots; None takes it out."""

    def change(content: dict[str, Any]) -> None:
        *way, last = key.split(".")
        for part in way:
            content = content.setdefault(part, {})
        content[last] = value

    return change


def drop(key: str) -> Change:
    def change(content: dict[str, Any]) -> None:
        *way, last = key.split(".")
        for part in way:
            content = content[part]
        del content[last]

    return change


def test_the_least_configuration_is_enough(file: Path) -> None:
    settings = load(file)

    assert settings.chat.url == "https://chat.example.org"
    assert settings.chat.token.get_secret_value() == SECRET
    assert settings.chat.stale_after == timedelta(minutes=2)
    assert settings.zone == "UTC"


WRONG: list[tuple[Change, str, str]] = [
    (drop("chat"), "chat is missing", "add it"),
    (drop("chat.url"), "chat.url is missing", "add it"),
    (drop("git.branch"), "git.branch is missing", "add it"),
    (put("git.branch", ""), "git.branch: is empty", "give it a value"),
    (put("guide.nightly", 22), "guide.nightly: must be a time of day", 'write it like "16:00"'),
    (
        put("policy.people", [{**PERSON, "on_call": [{"start": 8}]}]),
        "policy.people.0.on_call.0.start: must be a time of day",
        "16:00",
    ),
    (drop("argocd.token"), "argocd.token is missing", "add it"),
    (put("caht", {}), "caht: there is no such key", "correct its name"),
    (put("chat.tokn", SECRET), "chat.tokn: there is no such key", "correct its name"),
    (put("_env_prefix", "X"), "_env_prefix: there is no such key", "remove it"),
    (put("_secrets_dir", "x"), "_secrets_dir: there is no such key", "remove it"),
    (put("7", {}), "7: there is no such key", "remove it"),
    (put("chat", None), "chat: must hold keys", "indent them"),
    (put("chat", "here"), "chat: must hold keys", "indent them"),
    (put("chat", ["url"]), "chat: must hold keys", "indent them"),
    (put("chat.url", 5), "chat.url: must be text", "quotes"),
    (put("chat.url", ""), "chat.url: is no http(s) address", "like https://"),
    (put("chat.url", "chat.example.org"), "is no http(s) address", "like https://"),
    (put("chat.url", "ftp://chat.example.org"), "is no http(s) address", "like https://"),
    (put("chat.url", "https://"), "is no http(s) address", "like https://"),
    (put("chat.url", "https://[::1"), "is no http(s) address", "like https://"),
    (put("chat.url", "https://a:99999"), "is no http(s) address", "like https://"),
    (put("chat.url", "https://a b"), "is no http(s) address", "like https://"),
    (put("chat.url", f"https://u:{SECRET}@a"), "credentials do not belong", "keys made for them"),
    (put("git.url", f"https://{SECRET}@a/x.git"), "credentials do not belong", "keys made"),
    (put("argocd.url", f"ssh://u:{SECRET}@a"), "argocd.url: credentials", "keys made"),
    (put("releases.url", f"https://a?token={SECRET}"), "releases.url: an address", "leave out"),
    (put("registries", {"a": {"url": f"https://u:{SECRET}@a"}}), "registries.a.url", "keys made"),
    (put("store.url", f"mysql://u:{SECRET}@a"), "store.url: use sqlite", "postgresql://"),
    (put("chat.token", ""), "chat.token: is empty", "give it a value"),
    (put("chat.token", 123456), "chat.token: must be text", "quotes"),
    (put("chat.token", [SECRET]), "chat.token: must be text", "quotes"),
    (put("argocd.token", {"value": SECRET}), "argocd.token: must be text", "quotes"),
    (put("chat.user_id", ""), "chat.user_id: is empty", "give it a value"),
    (put("chat.rooms", "ops"), "chat.rooms: must be a list", "- "),
    (put("chat.rooms", []), "chat.rooms: is empty", "give it a value"),
    (put("chat.rooms", ["#ops"]), "chat.rooms: a room's name", "write just ops"),
    (put("chat.rooms", [None]), "chat.rooms.0: must be text", "quotes"),
    (put("chat.prefix", ""), "chat.prefix: has a form", "docs/configuration.md"),
    (put("chat.prefix", "hey"), "chat.prefix: has a form", "docs/configuration.md"),
    (put("chat.stale_after", "soon"), "chat.stale_after: must be a length of time", "PT10M"),
    (put("chat.stale_after", -5), "chat.stale_after: must be more than", "0 s"),
    (put("pace.poll", 0), "pace.poll: must be more than", "0 s"),
    (put("pace.poll", {"seconds": 3}), "pace.poll: must be a length of time", "seconds"),
    (put("zone", "Mars/Base"), "zone: is no time zone", "Europe/London"),
    (put("zone", "Europe"), "zone: is no time zone", "Europe/London"),
    (put("zone", ""), "zone: is no time zone", "Europe/London"),
    (put("zone", "../../etc/passwd"), "zone: is no time zone", "Europe/London"),
    (put("rocketchat.microservice_images", "a/{name}"), "must hold {service}", "the default"),
    (put("policy.people", {"id": "u"}), "policy.people: must be a list", "- "),
    (put("policy.people", [PERSON, PERSON]), "account uAna stands twice", "one of them"),
    (put("policy.people", [{**PERSON, "accounts": ["uAna"]}]), "uAna stands twice", "one of"),
    (put("policy.people", [{"id": "u"}]), "policy.people.0.name is missing", "add it"),
    (put("policy.people", [{**PERSON, "roles": ["boss"]}]), "is none of", "'approver'"),
    (put("policy.people", [{**PERSON, "email": "a>b"}]), "people.0.email: has a form", "docs/"),
    (
        put("policy.people", [{**PERSON, "on_call": [{"days": ["monday"]}]}]),
        "people.0.on_call.0.days.0: is no day",
        "use mon, tue",
    ),
    (
        put("policy.people", [{**PERSON, "on_call": [{"start": "25:00"}]}]),
        "on_call.0.start: must be a time of day",
        '"16:00"',
    ),
    (
        put("policy.people", [{**PERSON, "on_call": [{"zone": "CEST?"}]}]),
        "on_call.0.zone: is no time zone",
        "Europe/London",
    ),
    (put("policy.tiers", {"huge": {"approvals": 1}}), "policy.tiers.huge: is none of", "'low'"),
    (put("policy.tiers", {"low": {}}), "policy.tiers.low.approvals is missing", "add it"),
    (put("policy.tiers", {"low": {"approvals": -1}}), "approvals: must be at least", "0"),
    (put("policy.tiers", {"low": {"approvals": 99}}), "approvals: must be at most", "10"),
    (put("policy.tiers", {"low": {"approvals": False}}), "yes and no are no number", "null"),
    (put("policy.tiers", {"low": {"approvals": 1.5}}), "must be a whole number", "without quotes"),
    (put("policy.tiers", {"low": {"approvals": 1, "expires": 0}}), "expires: must be more", "0 s"),
    (put("policy.commands", {"scale": "extreme"}), "policy.commands.scale: is none of", "'high'"),
]


@pytest.mark.parametrize(("change", "reason", "fix"), WRONG)
def test_a_wrong_key_is_refused_with_reason_and_fix_and_no_secret(
    file: Path, change: Change, reason: str, fix: str
) -> None:
    content = copy.deepcopy(GOOD)
    change(content)
    file.write_text(yaml.safe_dump(content), "utf-8")

    with pytest.raises(ConfigError) as error:
        load(file)

    assert reason in error.value.message
    assert fix in error.value.message
    assert str(file) in error.value.message
    assert SECRET not in f"{error.value} {error.value.hint}"
    assert error.value.__cause__ is None


def test_every_secret_is_known_to_who_redacts(file: Path) -> None:
    content = copy.deepcopy(GOOD)
    content["store"] = {"url": "postgresql://u:store-password@db/houston"}
    content["registries"] = {"a": {"password": "registry-password"}}
    content["chat"]["token"], content["git"]["password"] = "chat-token", "git-password"
    file.write_text(yaml.safe_dump(content), "utf-8")

    assert {"chat-token", "git-password", SECRET, "store-password", "registry-password"} <= {
        *secrets(load(file))
    }


def test_the_command_line_says_what_is_wrong_without_a_trace(file: Path) -> None:
    file.write_text(f"chat: {{token: {SECRET}, url: 'https://u:{SECRET}@a'}}\n", "utf-8")
    for line in (["run"], ["check"], ["exec", "!status"]):
        done = CliRunner().invoke(main, [line[0], "--config", str(file), *line[1:]])

        assert done.exit_code == 1
        assert "houston: " in done.output
        assert "git is missing: add it" in done.output
        assert SECRET not in done.output
        assert "Traceback" not in done.output


def test_the_command_line_prints_the_reference() -> None:
    done = CliRunner().invoke(main, ["settings"])

    assert done.exit_code == 0
    assert done.output == markdown()
    assert "| `token` | secret | *required* |" in done.output
