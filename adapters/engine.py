"""The durable engine: DBOS Transact behind our own port, on SQLite or PostgreSQL.

DBOS is one per process. One generic DBOS workflow carries every function registered here; its
name and the application version must never change, or operations of an older program stay behind.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sqlite3
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from adapters.database import CONNECTION, damaged
from adapters.engine_flow import TOPIC, DbosFlow, serializer
from adapters.fence import Fence
from adapters.revival import Revival, journal
from bot.errors import Bug, Newer, NotMine, Unavailable
from bot.ports.engine import Failed, Json, Workflow, ignored

if TYPE_CHECKING:
    from dbos import DBOS, DBOSConfig

log = structlog.get_logger()

_FLOW = "houston.flow"
_APPLICATION_VERSION = "1"
_PRUNED = 1000
"""Functions that are forgotten at once; the rest at the next look."""


class DbosEngine:
    """Functions that go on after the process died.

    Args:
        url: `sqlite:///path` for one process, `postgresql://…` for several.
        poll: how often mailboxes are looked into on SQLite.
        fence: what keeps a process that leads no more from writing into the journal.
    """

    def __init__(
        self,
        url: str,
        *,
        poll: timedelta = timedelta(milliseconds=500),
        fence: Fence | None = None,
    ) -> None:
        self._url = make_url(url)
        if self._url.get_backend_name() == "postgresql":
            self._url = self._url.set(drivername="postgresql+psycopg")
        self._poll = poll
        self._workflows: dict[str, tuple[Workflow, Failed]] = {}
        self._fence = fence
        self._pool: Engine | None = None
        self._dbos: type[DBOS] | None = None
        self._flow: Callable[..., Any] | None = None
        self._settled = asyncio.Event()
        self._settled.set()
        self._flying: set[asyncio.Task[Any]] = set()
        self._revival = Revival(lambda id: self._running()[0].resume_workflow_async(workflow_id=id))

    def register(self, name: str, workflow: Workflow, failed: Failed = ignored) -> None:
        """See the port."""
        self._workflows[name] = workflow, failed

    async def start(self) -> None:
        """See the port. Raises Unavailable when the database cannot be opened."""
        self._settled.clear()
        try:
            await self._start()
        finally:
            self._settled.set()

    async def _start(self) -> None:
        if self._url.get_backend_name() == "sqlite":
            await asyncio.to_thread(self._prepare_file)
        try:
            await asyncio.to_thread(_load)
            await self._launch()
        except Exception as error:
            await self.stop()
            raise Unavailable(
                "store",
                f"{self._url.render_as_string(hide_password=True)} cannot be opened "
                f"({type(error).__name__})",
                "Check store.url, the disk, and the rights on the file",
            ) from error

    async def stop(self) -> None:
        """See the port."""
        dbos, self._dbos = self._dbos, None
        if dbos is not None:
            for task in self._flying:
                task.cancel()
            await asyncio.gather(*self._flying, return_exceptions=True)
            await self._revival.stop()
            # DBOS made its own threads the loop's; they end with it.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            await asyncio.to_thread(dbos.destroy, destroy_registry=True)
        if self._pool is not None:
            # DBOS's listener may give its connection back after this; it is closed then.
            event.listen(self._pool, "checkin", _discard)
            self._pool.dispose()
            self._pool = None

    async def run(self, name: str, id: str, argument: Json) -> None:
        """See the port."""
        from dbos import SetWorkflowID

        dbos, flow = await self._started()
        with journal(), SetWorkflowID(id):
            await dbos.start_workflow_async(flow, name, argument)

    async def send(self, id: str, message: Json, key: str) -> None:
        """See the port."""
        from dbos._error import DBOSNonExistentWorkflowError

        dbos, _ = await self._started()
        try:
            with journal():
                await dbos.send_async(id, message, TOPIC, idempotency_key=f"{id}/{key}")
        except DBOSNonExistentWorkflowError:
            log.warning("engine.no_such_flow", flow=id)

    async def active(self) -> list[str]:
        """See the port."""
        dbos, _ = await self._started()
        with journal():
            found = await dbos.list_workflows_async(
                status=["PENDING", "ENQUEUED"], load_input=False, load_output=False
            )
        return [status.workflow_id for status in found]

    def waiting(self) -> dict[str, str]:
        """See the port."""
        return dict(self._revival.parked)

    async def prune(self, age: timedelta) -> int:
        """See the port."""
        dbos, _ = await self._started()
        old = await dbos.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            end_time=(datetime.now(UTC) - age).isoformat(),
            limit=_PRUNED,
            load_input=False,
            load_output=False,
        )
        if old:
            await dbos.delete_workflows_async([status.workflow_id for status in old])
        return len(old)

    async def result(self, id: str) -> Json:
        """See the port."""
        dbos, _ = await self._started()
        handle: Any = await dbos.retrieve_workflow_async(id)
        result: Json = await handle.get_result(polling_interval_sec=self._poll.total_seconds())
        return result

    async def _started(self) -> tuple[type[DBOS], Callable[..., Any]]:
        """While it starts, calls wait. Raises Unavailable when it did not."""
        await self._settled.wait()
        return self._running()

    def _running(self) -> tuple[type[DBOS], Callable[..., Any]]:
        if self._dbos is None or self._flow is None:
            raise Unavailable("store", "the engine is not running", "Start Houston again")
        return self._dbos, self._flow

    def _prepare_file(self) -> None:
        """Set the file up to write ahead."""
        path = Path(self._url.database or "houston.sqlite")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("pragma journal_mode=wal")
        except OSError as error:
            raise Unavailable(
                "store", f"{path} cannot be used: {error.strerror}", "Check store.url"
            ) from None
        except sqlite3.DatabaseError as error:
            raise damaged(str(path), str(error)) from None

    async def _launch(self) -> None:
        from dbos import DBOS

        config: DBOSConfig = {
            "name": "houston",
            "system_database_url": self._url.render_as_string(hide_password=False),
            "application_version": _APPLICATION_VERSION,
            "executor_id": f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:8]}",
            "serializer": serializer(),
            "notification_listener_polling_interval_sec": self._poll.total_seconds(),
            "log_level": "ERROR",
        }
        if self._url.get_backend_name() == "postgresql":
            self._pool = create_engine(self._url, **CONNECTION)
            if self._fence is not None:
                self._fence.guard(self._pool)
            config["system_database_engine"] = self._pool
        DBOS(config=config)

        async def flow(name: str, argument: Json) -> Json:
            return await self._fly(name, argument)

        self._flow = DBOS.workflow(name=_FLOW, max_recovery_attempts=None)(flow)
        self._dbos = DBOS
        _quiet()
        DBOS.launch()
        for status in await DBOS.list_workflows_async(
            status="PENDING", load_input=False, load_output=False
        ):
            await DBOS.resume_workflow_async(status.workflow_id)

    async def _fly(self, name: str, argument: Json) -> Json:
        from dbos import DBOS

        task, workflow_id = asyncio.current_task(), DBOS.workflow_id
        if task is None or workflow_id is None:
            raise RuntimeError("a flow runs only inside the engine")
        if self._dbos is None:  # it was just begun when the engine stopped: the next start goes on
            raise asyncio.CancelledError
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)
        task.add_done_callback(partial(self._revival.landed, workflow_id))
        try:
            return await self._do(name, workflow_id, argument)
        except NotMine as error:
            log.warning("flow.left", flow=workflow_id, why=error.message)
            raise asyncio.CancelledError from error
        except DBAPIError as error:
            # The journal did not take what was done. Ended now, it would be taken for finished.
            self._revival.park(workflow_id, error)
            raise asyncio.CancelledError from error

    async def _do(self, name: str, id: str, argument: Json) -> Json:
        if name not in self._workflows:
            raise Newer(f"this Houston knows no function {name}", "Start the one that began it")
        workflow, failed = self._workflows[name]
        try:
            return await workflow(DbosFlow(id), argument)
        except (NotMine, DBAPIError):
            raise
        except Exception as error:
            if not isinstance(error, Bug):  # the step that raised it has told
                log.exception("flow.bug", flow=id)
            await failed(id, error)
            return {"error": f"{type(error).__name__}: {error}"}


def _load() -> None:
    """Off the loop: it takes a few tenths of a second."""
    import dbos  # noqa: F401


def _discard(connection: Any, record: Any) -> None:
    del connection
    record.invalidate()


def _quiet() -> None:
    """DBOS logs through our own handlers, and only what is wrong."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
