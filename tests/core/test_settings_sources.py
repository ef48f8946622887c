"""Where the configuration comes from: the file, the environment, mounted secret files."""

from __future__ import annotations

import os
from datetime import time
from pathlib import Path

import pytest
import yaml

from bot.errors import ConfigError
from bot.settings import load
from tests.core.configuration import GOOD, SECRET


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


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "holds no settings"),
        (b"# nothing yet\n", "holds no settings"),
        (b"- chat\n- git\n", "holds no settings"),
        (b"houston", "holds no settings"),
        (b"chat: [\n", "no valid YAML at line 2"),
        (b"chat:\n\turl: x\n", "a tab stands where only spaces may"),
        (b"chat: {}\n---\ngit: {}\n", "no valid YAML"),
        (b"\xff\xfe\x00c", "not UTF-8"),
        (b"chat: a\x00b\n", "ends lines for some readers"),
        (b"zone: UTC\nzone: Europe/London\n", "zone stands twice"),
        (b"chat: {url: a, url: b}\n", "url stands twice"),
        (b"a: &a [*a]\n", "unfold"),
        (b"a: " + b"[" * 3000 + b"]" * 3000, "nested too deeply"),
        (b"a: 2026-99-99\n", "a value nobody can read"),
        (b"a: !!python/object/apply:os.system [ls]\n", "no valid YAML"),
        (b"#" * 300_000, "at most 256"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(
    file: Path, content: bytes, reason: str
) -> None:
    file.write_bytes(content)

    with pytest.raises(ConfigError) as error:
        load(file)

    assert reason in error.value.message
    assert str(file) in error.value.message
    assert error.value.hint


def test_a_file_that_is_not_there_and_a_directory_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_every_wrong_key_is_named_at_once(file: Path) -> None:
    file.write_text("caht: {}\nzone: Mars\nchat: {url: x}\n", "utf-8")

    with pytest.raises(ConfigError) as error:
        load(file)

    for key in ("caht", "zone", "chat.url", "chat.token", "git", "argocd"):
        assert f"{key}: " in error.value.message or f"{key} is missing" in error.value.message


def test_times_of_day_mean_what_they_look_like_even_without_quotes(file: Path) -> None:
    """YAML 1.1 takes 16:00 for the number 960; that would be 00:16 in the morning."""
    people = "policy:\n  people:\n  - {id: u, name: A, email: a@x.example, on_call: ["
    file.write_text(
        yaml.safe_dump(GOOD) + people + '{start: 16:00, end: "08:30"}]}\n', encoding="utf-8"
    )
    (window,) = load(file).policy.people[0].on_call

    assert (window.start, window.end) == (time(16), time(8, 30))


def test_the_environment_wins_over_secret_files_and_they_over_the_file(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "chat__token").write_text("from-the-mount\n", "utf-8")
    (mounted / "argocd__token").write_text("also-from-the-mount", "utf-8")
    monkeypatch.setenv("HOUSTON_ARGOCD__TOKEN", "from-the-environment")
    monkeypatch.setenv("HOUSTON_CHAT__ROOMS", '["ops", "night"]')
    monkeypatch.setenv("HOUSTON_ZONE", "Europe/Berlin")
    settings = load(file, mounted)

    assert settings.chat.token.get_secret_value() == "from-the-mount"
    assert settings.argocd.token.get_secret_value() == "from-the-environment"
    assert settings.git.password.get_secret_value() == SECRET
    assert settings.chat.rooms == ("ops", "night")
    assert settings.zone == "Europe/Berlin"


def test_a_secret_is_read_as_kubernetes_mounts_it(file: Path, tmp_path: Path) -> None:
    """Each key is a link into `..data`, which is a link to a directory that is swapped."""
    mounted = tmp_path / "mounted"
    version = mounted / "..2026_11_24_15_00_00.123"
    version.mkdir(parents=True)
    (version / "chat__token").write_text("mounted-token", "utf-8")
    (mounted / "..data").symlink_to(version.name)
    (mounted / "chat__token").symlink_to("..data/chat__token")

    assert load(file, mounted).chat.token.get_secret_value() == "mounted-token"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("HOUSTON_CHAT__TOKN", SECRET, "chat.tokn: there is no such key"),
        ("HOUSTON_CAHT__TOKEN", SECRET, "HOUSTON_CAHT__TOKEN: no section has that name"),
        ("HOUSTON_CHAT", f"{{{SECRET}", "is no JSON"),
        ("HOUSTON_CHAT__ROOMS", f"ops {SECRET}", "HOUSTON_CHAT…: a list"),
        ("HOUSTON_CHAT__TOKEN", "", "chat.token: is empty"),
        ("HOUSTON_GIT__URL", f"https://u:{SECRET}@a", "git.url: credentials"),
    ],
)
def test_a_wrong_variable_is_refused_without_its_value(
    file: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, reason: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError) as error:
        load(file)

    assert reason in error.value.message
    assert SECRET not in f"{error.value} {error.value.hint}"


def test_what_kubernetes_sets_for_a_service_of_that_name_is_no_setting(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSTON_PORT", "tcp://10.0.0.1:8065")
    monkeypatch.setenv("HOUSTON_SERVICE_HOST", "10.0.0.1")

    assert load(file).zone == "UTC"


def test_wrong_secret_files_are_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no directory"):
        load(file, tmp_path / "none")
    mounted = tmp_path / "mounted"
    mounted.mkdir()
    (mounted / "chat__tokn").write_text(SECRET, "utf-8")
    with pytest.raises(ConfigError, match=r"chat\.tokn: there is no such key") as error:
        load(file, mounted)
    assert SECRET not in str(error.value)
