"""`houston exec` as a process: who may, what is answered, and by which status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.program import houston, started, stop, until

pytestmark = [pytest.mark.slow]


def token_of(lab: dict[str, Any], name: str) -> str:
    """The token this person of the lab proves with who they are."""
    return str(lab["credentials"][f"token of {name}"])


@pytest.mark.parametrize(
    ("line", "name", "status", "said"),
    [
        ("!status", "Ana Ferreira", 0, "7.12"),
        ("status", "", 0, "7.12"),
        ("!scale presence many", "", 2, "many"),
        ("!stauts", "", 2, "!status"),
        ("!scale presence 2", "Cleo Marsh", 2, "operator"),
    ],
)
def test_exec_answers_and_says_by_its_status_how_it_went(
    lab: dict[str, Any], line: str, name: str, status: int, said: str
) -> None:
    words = ["exec", "--config", lab["config"], *(["--as", name] if name else []), line]
    done = houston(*words, token=token_of(lab, name or "Ana Ferreira"))

    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_exec_answers_programs_with_one_document(lab: dict[str, Any]) -> None:
    """Standard output is the document whatever comes of it, also when nobody is let in."""
    words = ("exec", "--config", lab["config"], "--json", "--as")
    good = houston(*words, "Ana Ferreira", "!whoami", token=token_of(lab, "Ana Ferreira"))
    no = houston(*words, "Cleo Marsh", "!scale presence 2", token=token_of(lab, "Cleo Marsh"))
    stranger = houston(*words, "Cleo Marsh", "!whoami", token="hop_guessed")
    told = [json.loads(done.stdout) for done in (good, no, stranger)]

    assert [done.returncode for done in (good, no, stranger)] == [0, 2, 2]
    assert [one["outcome"] for one in told] == ["ok", "refused", "refused"]
    assert [one["reason"] for one in told] == ["ok", "forbidden", "refused"]
    assert "operator" in told[1]["title"]
    assert "do not belong together" in told[2]["title"]


def test_exec_takes_nobodys_word_for_who_they_are(lab: dict[str, Any], tmp_path: Path) -> None:
    """Without a token, with another's, and after too many wrong ones: refused, and written down."""
    words = ("exec", "--config", lab["config"], "--as")
    bo = token_of(lab, "Bo Lindqvist")
    bare = houston(*words, "Bo Lindqvist", "!whoami")
    others = [houston(*words, name, "!whoami", token=bo) for name in ("Ana Ferreira", "Nobody")]
    for _ in range(4):
        houston(*words, "Ana Ferreira", "!whoami", token="hop_guessed")
    locked = houston(*words, "Ana Ferreira", "!whoami", token=token_of(lab, "Ana Ferreira"))
    file = tmp_path / "token"
    file.write_text(f"{bo}\n", "utf-8")
    by_file = houston(*words, "Bo Lindqvist", "--token-file", file, "!whoami")
    by_pipe = houston(*words, "uBo", "--token-file", "-", "!whoami", said=bo)
    trail = houston("audit", "export", "--config", lab["config"]).stdout

    assert bare.returncode == 2
    assert "HOUSTON_TOKEN" in bare.stderr
    assert {done.returncode for done in others} == {2}
    assert len({done.stderr for done in others}) == 1
    assert "do not belong together" in others[0].stderr
    assert locked.returncode == 2
    assert "Too many failed tries" in locked.stderr
    assert "Bo Lindqvist" in by_file.stdout
    assert "Bo Lindqvist" in by_pipe.stdout
    assert trail.count('"door.refused"') == 6
    assert trail.count('"door.locked"') == 1
    assert "command line" in trail
    assert bo not in trail


def test_exec_fails_when_a_system_is_away(lab: dict[str, Any]) -> None:
    config = Path(lab["config"])
    settings = yaml.safe_load(config.read_text("utf-8"))
    settings["git"]["url"] = "http://127.0.0.1:9/ops.git"
    config.write_text(yaml.safe_dump(settings), "utf-8")
    token = token_of(lab, "Ana Ferreira")
    done = houston("exec", "--config", config, "!scale presence 2", token=token)

    assert done.returncode == 1, done.stdout
    assert "git" in done.stdout


def test_exec_goes_to_the_houston_that_holds_the_store(lab: dict[str, Any]) -> None:
    with started("run", "--config", lab["config"]) as running:
        until(running, "chat.linked")
        token = token_of(lab, "Ana Ferreira")
        done = houston("exec", "--config", lab["config"], "--json", "!status", token=token)
        wrong = houston("exec", "--config", lab["config"], "!scale presence many", token=token)
        second = houston("run", "--config", lab["config"])

        assert (done.returncode, wrong.returncode) == (0, 2), done.stderr + wrong.stderr
        assert "7.12" in json.loads(done.stdout)["title"]
        assert second.returncode == 2
        assert "Another Houston already runs" in second.stderr
        assert stop(running) < 5
        assert running.returncode == 0
