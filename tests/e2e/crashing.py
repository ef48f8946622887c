"""Runs the real Houston again and again, and kills it at a chosen durable write.

Each run is a fork of this process, so that imports are paid once. Reads lines from standard input:

    start CONFIG        begin a run
    start CONFIG AS     begin one of a Houston of that version
    kill COUNT WHEN     from now on count its writes; die `before` or `after` the COUNTth, or
                        `freeze` before it, or be told to `stop` then, by SIGTERM
    kill COUNT WHEN WORD  count only writes whose SQL holds the word
    thaw                let a frozen run go on
    stop                end the run by SIGTERM

`start` is answered with `started`, `kill` with `armed` once the writes are counted, and the end of
a run with its exit status, -9 when it was killed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import kubernetes_asyncio.client  # noqa: F401  # heavy: paid before the forks
from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

import adapters.engine  # noqa: F401
import bot.connect  # noqa: F401
from bot import program
from bot.running import run
from tests.mortal import die_with

_SIGNALS = {"before": signal.SIGKILL, "freeze": signal.SIGSTOP, "stop": signal.SIGTERM}
_WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE")


class Killer:
    """Counts transactions that wrote something, and kills this process at one of them."""

    def __init__(self) -> None:
        self._left = 0
        self._when = ""
        self._word = ""
        self._lock = threading.Lock()
        self._here = threading.local()
        event.listen(Engine, "before_cursor_execute", self._execute)
        event.listen(Engine, "begin", self._begin)
        commit = DefaultDialect.do_commit

        def do_commit(dialect: DefaultDialect, connection: Any) -> None:
            last = getattr(self._here, "wrote", False) and self._count()
            self._here.wrote = False
            if last and self._when in _SIGNALS:
                os.kill(os.getpid(), _SIGNALS[self._when])
            commit(dialect, connection)  # type: ignore[no-untyped-call]
            if last and self._when == "after":
                os.kill(os.getpid(), signal.SIGKILL)

        DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]  # all commits pass here

    def obey(self, orders: int, answers: int) -> None:
        """Read `COUNT WHEN [WORD]` from one pipe for ever, and say on the other that it was
        heard."""
        with os.fdopen(orders) as lines:
            for line in lines:
                count, when, *word = line.split()
                with self._lock:
                    self._left, self._when = int(count), when
                    self._word = "".join(word).upper()
                os.write(answers, b"armed\n")

    def _begin(self, connection: Any) -> None:
        del connection
        self._here.wrote = False

    def _execute(self, *arguments: Any) -> None:
        statement = str(arguments[2]).lstrip().upper()
        if statement.startswith(_WRITES) and self._word in statement:
            self._here.wrote = True

    def _count(self) -> bool:
        with self._lock:
            self._left -= 1
            return self._left == 0


def _child(config: str, version: str, orders: int, parent: int) -> None:
    """Run Houston; nothing of it reaches the pipes of this program."""
    die_with(parent)
    program.VERSION = version
    answers = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    threading.Thread(target=Killer().obey, args=(orders, answers), daemon=True).start()
    status = 1
    try:
        asyncio.run(run(Path(config), None))
        status = 0
    finally:
        os._exit(status)


class Runs:
    """One run at a time."""

    def __init__(self) -> None:
        self._pid = 0
        self._orders = -1

    def start(self, config: str, version: str = program.VERSION) -> None:
        """Fork one off, and tell how it ends."""
        orders, mine = os.pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(mine)
            _child(config, version, orders, parent)
        os.close(orders)
        self._orders = mine
        _answer("started")
        threading.Thread(target=self._wait, args=(self._pid, mine)).start()

    def kill(self, *order: str) -> None:
        """The run answers for itself."""
        os.write(self._orders, f"{' '.join(order)}\n".encode())

    def thaw(self) -> None:
        """As when a machine that hung goes on."""
        os.kill(self._pid, signal.SIGCONT)

    def stop(self) -> None:
        """As an orchestrator does."""
        os.kill(self._pid, signal.SIGTERM)

    def end(self) -> None:
        """Leave nothing behind, whatever the test was doing."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _wait(self, pid: int, orders: int) -> None:
        _, status = os.waitpid(pid, 0)
        os.close(orders)
        _answer(str(os.waitstatus_to_exitcode(status)))


def _answer(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def main() -> None:
    runs = Runs()
    _answer("ready")
    for line in sys.stdin:
        order, *words = line.split()
        getattr(runs, order)(*words)
    runs.end()


if __name__ == "__main__":
    main()
