"""`houston audit export` and `verify`, as an operator types them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from adapters.store import SqlStore
from bot.__main__ import main
from bot.chain import Seal
from bot.ports.audit import Entry

KEY = "a mounted key of at least thirty-two characters"
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose store holds five entries."""
    url = f"sqlite:///{tmp_path / 'houston.sqlite'}"
    path = tmp_path / "houston.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "chat": {
                    "url": "http://chat.invalid",
                    "user_id": "uHouston",
                    "token": "x",
                    "rooms": ["ops"],
                },
                "store": {"url": url},
                "git": {"url": "http://git.invalid/ops.git", "branch": "master"},
                "argocd": {"url": "http://argocd.invalid", "token": "x"},
            }
        )
    )

    async def fill() -> None:
        store = SqlStore(url)
        await store.open()
        for number in range(5):
            await store.audit.write(
                Entry(AT, "uAna", "command.answered", detail={"line": f"!ops {number}"})
            )
        await store.close()

    asyncio.run(fill())
    return path


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, words)])


def tamper(config: Path, statement: str) -> None:
    with closing(sqlite3.connect(config.with_name("houston.sqlite"))) as connection:
        for verb in ("update", "delete"):
            connection.execute(f"drop trigger if exists houston_audit_trail_no_{verb}")
        connection.executescript(statement)
        connection.commit()


def exported(config: Path) -> Path:
    copy = config.with_name("copy.jsonl")
    copy.write_text(run("export", "--config", config).output)
    return copy


def test_a_reset_lets_somebody_enrol_anew_and_is_written_down(config: Path) -> None:
    content = yaml.safe_load(config.read_text())
    bo = {"id": "uBo", "name": "Bo", "email": "bo@x.example", "roles": ["approver"]}
    config.write_text(yaml.safe_dump({**content, "policy": {"people": [bo]}}))

    async def begin() -> None:
        store = SqlStore(content["store"]["url"])
        await store.open()
        await store.documents.put("totp", "uBo", {"epoch": 1, "confirmed": True})
        await store.close()

    asyncio.run(begin())
    known = CliRunner().invoke(main, ["stepup-reset", "--config", str(config), "Bo"])
    strange = CliRunner().invoke(main, ["stepup-reset", "--config", str(config), "Vic"])

    assert known.exit_code == 0
    assert "Bo may type !enrol again" in known.output
    assert strange.exit_code == 2
    assert "stepup.reset" in run("export", "--config", config).output
    assert run("verify", "--config", config).exit_code == 0


def test_an_untouched_trail_is_whole(config: Path) -> None:
    result = run("verify", "--config", config)

    assert result.exit_code == 0
    assert "✔ 5 entries, unbroken" in result.output


def test_an_export_is_a_line_an_entry_and_may_begin_later(config: Path) -> None:
    assert len(run("export", "--config", config).output.splitlines()) == 5
    assert len(run("export", "--config", config, "--after", "3").output.splitlines()) == 2


def test_a_changed_entry_is_named(config: Path) -> None:
    tamper(config, "update houston_audit_trail set actor = 'uVic' where number = 3;")
    result = run("verify", "--config", config)

    assert result.exit_code == 1
    assert "✘ entry 3 is not what was written" in result.output


def test_the_trail_holds_all_of_an_older_copy(config: Path) -> None:
    result = run("verify", "--config", config, "--against", exported(config))

    assert result.exit_code == 0
    assert "in it" in result.output


def test_a_trail_cut_off_together_with_its_head_is_found_by_a_copy(config: Path) -> None:
    copy = exported(config)
    tamper(
        config,
        "delete from houston_audit_trail where number > 3;"
        "update houston_audit_head set number = 3, hash = "
        "(select hash from houston_audit_trail where number = 3);",
    )

    assert run("verify", "--config", config).exit_code == 0
    result = run("verify", "--config", config, "--against", copy)
    assert result.exit_code == 1
    assert "entry 4 of" in result.output
    assert "is gone" in result.output


def test_a_trail_written_anew_is_found_by_a_copy(config: Path) -> None:
    copy = exported(config)
    config.with_name("houston.sqlite").unlink()
    for part in ("-wal", "-shm"):
        config.with_name(f"houston.sqlite{part}").unlink(missing_ok=True)

    async def forge() -> None:
        store = SqlStore(f"sqlite:///{config.with_name('houston.sqlite')}")
        await store.open()
        for number in range(5):
            await store.audit.write(
                Entry(AT, "uBo", "command.answered", detail={"line": f"!ops {number}"})
            )
        await store.close()

    asyncio.run(forge())
    assert run("verify", "--config", config).exit_code == 0
    assert run("verify", "--config", config, "--against", copy).exit_code == 1


@pytest.mark.parametrize("text", ["no json\n", '{"number": 1}\n'])
def test_a_copy_that_is_none_is_refused_with_its_line(config: Path, text: str) -> None:
    copy = config.with_name("copy.jsonl")
    copy.write_text(text)
    result = run("verify", "--config", config, "--against", copy)

    assert result.exit_code == 1
    assert "line 1 is no entry" in result.output


def keyed(config: Path, since: int = 1) -> None:
    """Mount a key."""
    content = yaml.safe_load(config.read_text())
    content["audit"] = {"key": KEY, "keyed_from": since}
    config.write_text(yaml.safe_dump(content))


def forged(config: Path, by: Seal) -> None:
    """Write the whole trail anew, as somebody who can write to the database."""
    for part in ("", "-wal", "-shm"):
        config.with_name(f"houston.sqlite{part}").unlink(missing_ok=True)

    async def write() -> None:
        store = SqlStore(f"sqlite:///{config.with_name('houston.sqlite')}", by=by)
        await store.open()
        for number in range(5):
            await store.audit.write(Entry(AT, "uBo", "command.answered", detail={"n": number}))
        await store.close()

    asyncio.run(write())


def test_without_the_key_nobody_makes_a_chain_that_is_believed(config: Path) -> None:
    forged(config, Seal(KEY.encode()))
    keyed(config)
    assert run("verify", "--config", config).exit_code == 0

    forged(config, Seal())
    refused = run("verify", "--config", config)
    forged(config, Seal(b"another key"))
    other = run("verify", "--config", config)

    assert refused.exit_code == other.exit_code == 1
    assert "entry 1 is not what was written" in refused.output


def test_a_trail_begun_without_a_key_goes_on_with_one(config: Path) -> None:
    keyed(config, since=6)

    async def go_on() -> None:
        store = SqlStore(
            f"sqlite:///{config.with_name('houston.sqlite')}", by=Seal(KEY.encode(), since=6)
        )
        await store.open()
        await store.audit.write(Entry(AT, "uAna", "command.answered"))
        await store.close()

    asyncio.run(go_on())
    assert run("verify", "--config", config).exit_code == 0
    keyed(config, since=5)
    assert "entry 5 is not what was written" in run("verify", "--config", config).output


def test_a_trail_that_is_shipped_is_compared_with_what_was_shipped(config: Path) -> None:
    copy = exported(config)
    content = yaml.safe_load(config.read_text())
    content["audit"] = {"ship_to": str(copy)}
    config.write_text(yaml.safe_dump(content))
    tamper(
        config,
        "delete from houston_audit_trail where number > 3;"
        "update houston_audit_head set number = 3, hash = "
        "(select hash from houston_audit_trail where number = 3);",
    )

    result = run("verify", "--config", config)
    assert result.exit_code == 1
    assert "is gone" in result.output
