"""`houston init` against the lab: from an empty directory to a green check, any number of times."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.errors import Denied, Refused, UsageError
from bot.lab import ADMIN, Lab
from bot.onboarding import onboard
from bot.settings import load

Given = dict[str, str]


class Terminal:
    """What is said, and the answers of a person who takes every default."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.lines: list[str] = []

    def ask(self, key: str, question: str, default: str | None, secret: bool) -> str:
        self.asked.append(key)
        answer = self.answers.get(key, default)
        assert answer is not None, f"{key} has no answer: {question} {secret}"
        return answer

    def say(self, line: str) -> None:
        self.lines.append(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@pytest.fixture
def given(running: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    """All that cannot be found out; the vendors' own servers are the lab's."""
    registries = {host: {"url": running.endpoints[host]} for host in running.config["registries"]}
    monkeypatch.setenv("HOUSTON_RELEASES__URL", running.endpoints["releases"])
    monkeypatch.setenv("HOUSTON_REGISTRIES", json.dumps(registries))
    return {
        "chat_url": running.endpoints["chat"],
        "admin": ADMIN.username,
        "secret_of_admin": running.admin_password,
        "chat_username": "capcom",
        "rooms": "#ops, flight",
        "people": "ana, @bo",
        "argocd_url": running.endpoints["argocd"],
        "argocd_token": running.config["argocd"]["token"],
        "git_url": f"{running.endpoints['git']}/ops.git",
        "git_password": running.config["git"]["password"],
        "kubernetes_kubeconfig": str(tmp_path / "kubeconfig"),
    }


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where nothing is yet."""
    return tmp_path / "new"


async def run(place: Path, given: Given, terminal: Terminal | None = None) -> Terminal:
    terminal = terminal or Terminal()
    config, secrets = place / "houston.yaml", place / "secrets"
    status = await onboard(config, secrets, given, ask=terminal.ask, say=terminal.say)
    assert status == 0, terminal.text
    return terminal


def files(place: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(place)): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file() and "sqlite" not in path.name
    }


async def test_it_goes_from_an_empty_directory_to_a_green_check(
    running: Lab, place: Path, given: Given
) -> None:
    terminal = await run(place, given)

    people = running.world.chat.people
    account = people.named("capcom")
    assert account
    assert account.roles == ("user", "bot")
    assert [account.id in people.place(room).moderators for room in ("ops", "flight")] == [True] * 2
    assert "✔ Rocket.Chat" in terminal.text
    assert "✘" not in terminal.text
    assert terminal.lines[-1].startswith("Next: houston run")


async def test_its_configuration_says_what_was_found_and_loads(
    running: Lab, place: Path, given: Given
) -> None:
    await run(place, given)
    settings = load(place / "houston.yaml", place / "secrets")

    assert settings.argocd.application == "aks-rocketchat-helm"
    assert (settings.git.branch, settings.rocketchat.values) == ("master", "values.yaml")
    assert (settings.rocketchat.namespace, settings.rocketchat.release) == ("rocketchat",) * 2
    assert settings.kubernetes.namespaces == ("external-secrets", "monitoring")
    assert settings.maintenance.image_prune == "k3s-image-prune"
    assert settings.guide.path == "OPERATIONS.md"
    assert settings.chat.rooms == ("ops", "flight")
    assert [person.id for person in settings.policy.people] == ["uAna", "uBo"]
    text = (place / "houston.yaml").read_text("utf-8")
    assert "monitoring/k3s-image-prune: 0 3 * * 0" in text
    assert text.count("# ") > 10


async def test_no_secret_is_in_the_configuration_or_said(
    running: Lab, place: Path, given: Given
) -> None:
    terminal = await run(place, given)
    token = (place / "secrets/chat__token").read_text("utf-8")
    values = [token, *(given[key] for key in ("secret_of_admin", "argocd_token", "git_password"))]
    shown = terminal.text + (place / "houston.yaml").read_text("utf-8")

    assert all(len(value) > 20 for value in values)
    assert [value for value in values if value in shown] == []
    assert {path.name for path in (place / "secrets").iterdir()} == {
        "chat__token",
        "argocd__token",
        "git__password",
    }
    for path in [place / "secrets", *(place / "secrets").iterdir()]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_its_token_is_one_that_lasts_and_no_login_stays_behind(
    running: Lab, place: Path, given: Given
) -> None:
    await run(place, given)
    people = running.world.chat.people

    token = (place / "secrets/chat__token").read_text("utf-8")
    assert people.personal_tokens("uCapcom") == {"houston": token}
    assert people.sessions == []


async def test_a_second_run_changes_nothing(running: Lab, place: Path, given: Given) -> None:
    await run(place, given)
    before, chat = files(place), running.world.chat.people.all_places()
    again = await run(place, given)

    assert files(place) == before
    assert running.world.chat.people.all_places() == chat
    assert not [line for line in again.lines if line.startswith("+")]


async def test_a_second_run_needs_no_administrator_and_keeps_what_a_person_wrote(
    running: Lab, place: Path, given: Given
) -> None:
    await run(place, given)
    config = place / "houston.yaml"
    config.write_text(config.read_text("utf-8") + "# mine\n", "utf-8")
    before = files(place)
    again = await run(place, {}, Terminal(admin=""))

    assert files(place) == before
    assert again.asked == ["admin"]
    assert "left as it is" in again.text


async def test_what_can_be_found_out_is_proposed(running: Lab, place: Path, given: Given) -> None:
    for key in ("rooms", "chat_username"):
        del given[key]
    running.world.chat.people.set_password("uHouston", "known-to-an-administrator")
    terminal = await run(place, {**given, "secret_of_bot": "known-to-an-administrator"})

    assert terminal.asked == [
        *("chat.username", "rooms", "argocd.application"),
        *("git.branch", "git.username", "zone"),
    ]
    assert "aks-traefik" in terminal.text


async def test_an_account_whose_token_is_lost_is_not_taken_over(
    running: Lab, place: Path, given: Given
) -> None:
    with pytest.raises(Refused, match="its token is not known") as refused:
        await run(place, {**given, "chat_username": "houston"})

    assert "chat__token" in refused.value.hint
    assert files(place) == {}


async def test_it_goes_on_where_it_was_broken_off(running: Lab, place: Path, given: Given) -> None:
    await run(place, given)
    people = running.world.chat.people
    (place / "houston.yaml").unlink()
    (place / "secrets/chat__token").unlink()
    people.set_password("uCapcom", "set-anew")
    old = people.personal_tokens("uCapcom")["houston"]
    terminal = await run(place, {**given, "secret_of_bot": "set-anew"})

    assert [line for line in terminal.lines if "token" in line and line.startswith("+")]
    assert (place / "secrets/chat__token").read_text("utf-8") != old
    assert people.sessions == []


async def test_a_role_that_is_missing_is_given(running: Lab, place: Path, given: Given) -> None:
    await run(place, given)
    people = running.world.chat.people
    people.add(replace(people.user("uCapcom"), roles=("user",)))
    await run(place, given)

    assert people.user("uCapcom").roles == ("user", "bot")


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"secret_of_admin": "wrong"}, Denied, "the password is refused"),
        ({"admin": "ana"}, Denied, "the password is refused"),
        ({"people": "nobody"}, Refused, "nobody is called nobody"),
        ({"argocd_token": "wrong"}, Denied, "401"),
        ({"argocd_application": "aks-none"}, UsageError, "there is no aks-none"),
        ({"git_password": "wrong"}, Denied, "git"),
    ],
)
async def test_what_is_wrong_is_said(
    place: Path, given: Given, wrong: Given, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        await run(place, {**given, **wrong})

    assert "houston.yaml" not in files(place)


async def test_it_is_a_subcommand_that_takes_secrets_from_the_environment(
    place: Path, given: Given
) -> None:
    words = {
        "--chat": "chat_url",
        "--admin": "admin",
        "--bot": "chat_username",
        "--rooms": "rooms",
        "--people": "people",
        "--argocd": "argocd_url",
        "--git": "git_url",
        "--kubeconfig": "kubernetes_kubeconfig",
    }
    line = ["--config", str(place / "houston.yaml"), "--secrets", str(place / "secrets")]
    line += [word for option, key in words.items() for word in (option, given[key])]
    environment = {
        "HOUSTON_ADMIN_PASSWORD": given["secret_of_admin"],
        "HOUSTON_ARGOCD__TOKEN": given["argocd_token"],
        "HOUSTON_GIT__PASSWORD": given["git_password"],
    }
    answers = "aks-rocketchat-helm\nmaster\nhouston\nEurope/London\n"
    done = await asyncio.to_thread(
        CliRunner().invoke, main, ["init", *line], env=environment, input=answers
    )

    assert done.exit_code == 0, done.output
    assert "✔ Argo CD" in done.output


def test_without_a_terminal_it_names_what_it_needs(tmp_path: Path) -> None:
    words = ["init", "--config", tmp_path / "houston.yaml", "--secrets", tmp_path / "secrets"]
    done = CliRunner().invoke(main, [str(word) for word in words], input="")

    assert done.exit_code == 2
    assert "chat.url is not known" in done.output
