"""A real PostgreSQL of the tests' own: one server for a session, a database for each test."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

_PACKAGED = Path("/usr/lib/postgresql")
_LESS_RIGHTS = ("postgres", "nobody")
_ROLE = "houston"
_QUICK = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "listen_addresses=''",
)
"""Nothing here has to outlive the machine's power."""


def programs() -> Path | None:
    """The folder with `initdb` and `pg_ctl`: the newest of the distribution's, or on PATH."""
    found = sorted(_PACKAGED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    known = [*([Path(on_path).resolve()] if on_path else []), *found]
    return known[-1].parent if known else None


@dataclass(frozen=True)
class Postgres:
    """A server that runs. `folder` holds its data and its socket."""

    programs: Path
    folder: Path

    def url(self, name: str) -> str:
        """As a configuration names it."""
        return f"postgresql://{_ROLE}@/{name}?host={self.folder}"

    def create(self) -> str:
        """A new, empty database; gives its name."""
        name = f"t{uuid.uuid4().hex}"
        self.do(f"create database {name}")
        return name

    def drop(self, name: str) -> None:
        """Whoever is still connected to it is thrown out."""
        self.do(f"drop database if exists {name} with (force)")

    def do(self, statement: str, database: str = "postgres") -> None:
        """One statement by hand, committed at once. Raises psycopg.Error."""
        with closing(self.connect(database)) as connection:
            connection.execute(statement)

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """A session that commits each statement."""
        return psycopg.connect(host=str(self.folder), user=_ROLE, dbname=database, autocommit=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Skips where PostgreSQL is not installed."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="houston-pg-"))
    server = _Server(found, folder)
    try:
        server.start()
        yield Postgres(found, folder)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres: Postgres) -> Iterator[str]:
    """The URL of an empty database of this test alone."""
    name = postgres.create()
    yield postgres.url(name)
    postgres.drop(name)


class _Server:
    """PostgreSQL does not run as root: for root it runs as somebody with fewer rights."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            name = next(name for name in _LESS_RIGHTS if _exists(name))
            user = pwd.getpwnam(name)
            group = grp.getgrgid(user.pw_gid).gr_name
            self._as = {"user": name, "group": group, "extra_groups": []}
            os.chown(folder, user.pw_uid, user.pw_gid)

    def start(self) -> None:
        """Make the data and wait until it answers."""
        data = str(self._folder / "data")
        self._run("initdb", "-D", data, "-U", _ROLE, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join(["-k", str(self._folder), *(f"-c {setting}" for setting in _QUICK)])
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", data, "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        """At once: nobody needs what is in it."""
        with suppress(subprocess.CalledProcessError):
            self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        # Its output goes nowhere: the server that pg_ctl leaves behind would keep a pipe open.
        subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            **self._as,
        )


def _exists(name: str) -> bool:
    with suppress(KeyError):
        return bool(pwd.getpwnam(name))
    return False
