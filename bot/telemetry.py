"""Traces of operations by OpenTelemetry: one trace an operation, whatever restarts in between.

Without `telemetry.endpoint` nothing is recorded, and a span costs next to nothing. No span holds
an argument, an answer or a name of a person: only what was called, and whether it failed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)

from bot.ports.engine import Flow, Json

_NANO = 10**9
_EXPORT_SECONDS = 3
"""How long a collector that does not answer may hold up the end of Houston."""
_pinned: ContextVar[tuple[int, int] | None] = ContextVar("pinned", default=None)
"""The ids the next span takes, for the one span of an operation that its parts already know."""


_recorder: list[Tracer] = [trace.NoOpTracer()]
"""What spans are made by: one for the process."""


@contextmanager
def span(name: str) -> Iterator[None]:
    """A part of whatever is traced around it; nothing is when nothing is."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield
        return
    with _recorder[0].start_as_current_span(
        name, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except Exception as error:
            current.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


class TracedFlow:
    """A flow whose every step is a span of its operation's trace."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow

    @property
    def id(self) -> str:
        return self._flow.id

    async def step(self, name: str, act: Callable[[], Awaitable[Json]]) -> Json:
        """See the port. Only what is really run is seen, not what the journal remembers."""

        async def seen() -> Json:
            with trace.use_span(NonRecordingSpan(context(self.id))), span(name):
                return await act()

        return await self._flow.step(name, seen)

    async def receive(self, within: timedelta) -> Json:
        """See the port."""
        return await self._flow.receive(within)

    async def sleep(self, duration: timedelta) -> None:
        """See the port."""
        await self._flow.sleep(duration)


def ended(operation: str, command: str, state: str, since: datetime, until: datetime) -> None:
    """The operation's own span, which holds all the others: written when it has ended."""
    token = _pinned.set(_ids(operation))
    try:
        whole = _recorder[0].start_span(
            f"!{command}",
            Context(),
            start_time=_nano(since),
            attributes={"houston.operation": operation, "houston.state": state},
        )
    finally:
        _pinned.reset(token)
    whole.end(_nano(until))


def context(operation: str) -> SpanContext:
    """Where an operation's steps belong: the same after every restart, in every process."""
    trace_id, span_id = _ids(operation)
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=_SAMPLED)


_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


def _ids(operation: str) -> tuple[int, int]:
    digest = hashlib.sha256(operation.encode()).digest()
    return int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])


def _nano(at: datetime) -> int:
    return int(at.timestamp() * _NANO)


def export(endpoint: str, *, version: str) -> Callable[[], None]:
    """Record from now on, and send to this OTLP address over HTTP. Gives what ends it."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS
    )
    return record(BatchSpanProcessor(exporter), version=version)


def record(processor: Any, *, version: str) -> Callable[[], None]:
    """Record with this span processor of OpenTelemetry's SDK. Gives what ends it."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            ids = _pinned.get()
            return ids[0] if ids else super().generate_trace_id()

        def generate_span_id(self) -> int:
            ids = _pinned.get()
            return ids[1] if ids else super().generate_span_id()

    about = Resource.create({"service.name": "houston", "service.version": version})
    provider = TracerProvider(resource=about, id_generator=Ids())
    provider.add_span_processor(processor)
    before, _recorder[0] = _recorder[0], provider.get_tracer("houston")

    def end() -> None:
        _recorder[0] = before
        provider.shutdown()

    return end
