"""Runs the real Houston again and again, each time killed at a chosen durable write.

Reads lines `CONFIG COUNT before|after` from standard input, COUNT 0 for a run that is not killed.
Each run is a fork of this process, so that imports are paid once. A line `stop` ends a run that
is still going, by SIGTERM. Answers each run with its exit status, -9 when it was killed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import kubernetes_asyncio.client  # noqa: F401  # heavy: paid before the forks
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

import adapters.engine  # noqa: F401
import bot.connect  # noqa: F401
from bot.__main__ import _run

_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Killer:
    """Counts transactions that wrote something, and kills this process at one of them."""

    def __init__(self, count: int, when: str) -> None:
        self._left = count
        self._when = when
        self._lock = threading.Lock()
        self._here = threading.local()

    def arm(self) -> None:
        event.listen(Engine, "before_cursor_execute", self._execute)
        event.listen(Engine, "begin", self._begin)
        commit = DefaultDialect.do_commit

        def do_commit(dialect: DefaultDialect, connection: Any) -> None:
            last = getattr(self._here, "wrote", False) and self._count()
            self._here.wrote = False
            if last and self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            commit(dialect, connection)  # type: ignore[no-untyped-call]
            if last:
                os.kill(os.getpid(), signal.SIGKILL)

        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # all commits pass here

    def _begin(self, connection: Any) -> None:
        del connection
        self._here.wrote = False

    def _execute(self, *arguments: Any) -> None:
        statement = str(arguments[2]).lstrip().upper()
        if statement.startswith(_WRITES):
            self._here.wrote = True

    def _count(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0


def _child(config: str, count: int, when: str) -> None:
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    if count:
        Killer(count, when).arm()
    status = 1
    try:
        asyncio.run(_run(Path(config), None))
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    running = 0
    print("ready", flush=True)  # noqa: T201  # the protocol
    for line in sys.stdin:
        words = line.split()
        if words == ["stop"] and running:
            os.kill(running, signal.SIGTERM)
            continue
        if words == ["wait"]:
            _, status = os.waitpid(running, 0)
            running = 0
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201
            continue
        config, count, when = words
        running = os.fork()
        if running == 0:
            _child(config, int(count), when)


if __name__ == "__main__":
    main()
