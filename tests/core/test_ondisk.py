"""The rules on disk are read again when they may be others, and only then."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import configfile
from bot.errors import ConfigError
from bot.ondisk import OnDisk, stamped
from bot.settings import load
from tests.core.configuration import GOOD

LATER = 10 * 10**9
ONE, TWO = {"protected": ["pvc/a"]}, {"protected": ["pvc/b"]}


class Disk:
    """A configuration with rules and secrets beside it, and who asks for its rules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "houston.yaml"
        self.rules = folder / "policy.yaml"
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        self.name("policy.yaml")
        self.write(self.rules, ONE)
        self.reads = 0
        self.source = OnDisk(load(self.config, self.secrets))

    def name(self, rules: str) -> None:
        self.write(self.config, {**GOOD, "policy_file": rules})

    def write(self, path: Path, content: dict[str, Any]) -> None:
        """Until the file system's clock has gone on."""
        before = path.stat().st_ctime_ns if path.exists() else 0
        while not path.exists() or path.stat().st_ctime_ns == before:
            path.write_text(yaml.safe_dump(content))

    def protected(self) -> str:
        (found,) = self.source.policy().protected
        return found


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    made, read = Disk(tmp_path), configfile.read

    def counted(path: Path) -> dict[str, Any]:
        made.reads += 1
        return read(path)

    monkeypatch.setattr("bot.settings.read", counted)
    return made


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """All files were written a while ago."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + LATER)


@pytest.mark.usefixtures("later")
def test_files_that_did_not_change_are_not_read_again(disk: Disk) -> None:
    assert [disk.protected() for _ in range(5)] == ["pvc/a"] * 5
    assert disk.reads == 1


def test_files_that_changed_a_moment_ago_are_not_trusted(disk: Disk) -> None:
    assert [disk.protected() for _ in range(3)] == ["pvc/a"] * 3
    assert disk.reads == 3


def rewritten(disk: Disk) -> None:
    """With as many letters, and the time of before."""
    seen = disk.rules.stat()
    disk.write(disk.rules, TWO)
    os.utime(disk.rules, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def replaced(disk: Disk) -> None:
    """By a file that was there already, as `mv` and a ConfigMap's link do."""
    (disk.folder / "next.yaml").replace(disk.rules)


def renamed(disk: Disk) -> None:
    disk.name("next.yaml")


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("change", [rewritten, replaced, renamed])
def test_no_change_is_missed(disk: Disk, change: Callable[[Disk], None]) -> None:
    disk.write(disk.folder / "next.yaml", TWO)
    before = disk.protected()
    change(disk)

    assert (before, disk.protected()) == ("pvc/a", "pvc/b")
    disk.write(disk.folder / "next.yaml" if change is renamed else disk.rules, ONE)
    assert disk.protected() == "pvc/a"


@pytest.mark.usefixtures("later")
def test_a_link_that_points_elsewhere_is_a_change(disk: Disk) -> None:
    for name, content in (("one", ONE), ("two", TWO)):
        disk.write(disk.folder / name, content)
    disk.rules.unlink()
    disk.rules.symlink_to("one")
    before = disk.protected()
    disk.rules.unlink()
    disk.rules.symlink_to("two")

    assert (before, disk.protected()) == ("pvc/a", "pvc/b")


@pytest.mark.usefixtures("later")
def test_secrets_that_changed_are_read_again(disk: Disk) -> None:
    assert disk.protected() == "pvc/a"
    (disk.secrets / "chat__token").write_text("another")
    disk.protected()
    assert disk.reads == 2


@pytest.mark.usefixtures("later")
def test_what_is_broken_is_said_each_time_and_mended_at_once(disk: Disk) -> None:
    assert disk.protected() == "pvc/a"
    good = disk.rules.read_text()
    disk.rules.write_text("people: [")
    for _ in range(2):
        with pytest.raises(ConfigError):
            disk.protected()
    disk.rules.unlink()
    with pytest.raises(ConfigError):
        disk.protected()
    disk.rules.write_text(good)
    assert disk.protected() == "pvc/a"


def test_a_file_that_is_not_there_is_no_certainty(tmp_path: Path) -> None:
    assert stamped([tmp_path / "gone"]) is None
    assert stamped([]) == ()
