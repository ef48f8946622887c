"""Traces of operations and figures of calls, as an operator of Houston finds them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from adapters.sim.world import Fault
from bot.ports.store import State
from bot.telemetry import record
from tests.commands.room import Room


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    end = record(SimpleSpanProcessor(exporter), version="0")
    yield exporter
    end()


def of(spans: tuple[ReadableSpan, ...], name: str) -> ReadableSpan:
    return next(span for span in spans if span.name == name)


async def test_an_operation_is_one_trace_through_every_system(
    room: Room, exported: InMemorySpanExporter
) -> None:
    await room.approved("!upgrade 7.13.2")
    spans = exported.get_finished_spans()

    whole = of(spans, "!upgrade")
    assert whole.attributes
    assert whole.attributes["houston.state"] == "succeeded"
    assert whole.parent is None
    assert {span.context.trace_id for span in spans} == {whole.context.trace_id}
    step, call = of(spans, "Commit to master"), of(spans, "git.commit")
    assert step.parent
    assert step.parent.span_id == whole.context.span_id
    assert call.parent
    assert call.parent.span_id == step.context.span_id
    assert {"argocd", "kubernetes", "registry", "chat"} <= {s.name.split(".")[0] for s in spans}


async def test_it_stays_one_trace_though_houston_is_restarted(
    room: Room, exported: InMemorySpanExporter
) -> None:
    said = await room.say("!upgrade 7.13.2")
    await room.waiting(said)
    await room.restart()
    room.react(await room.waiting(said))
    ended = await room.ended(said)
    spans = exported.get_finished_spans()

    assert ended.state is State.SUCCEEDED
    assert len({span.context.trace_id for span in spans}) == 1
    assert sum(span.name == "!upgrade" for span in spans) == 1


async def test_a_failed_call_is_marked_and_no_span_says_what_it_was_about(
    room: Room, exported: InMemorySpanExporter
) -> None:
    room.world.fail("argocd.sync", Fault.DENIED, times=50)
    await room.approved("!upgrade 7.13.2")
    spans = exported.get_finished_spans()

    failed = of(spans, "argocd.sync")
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.status.description == "Denied"
    assert all(not span.events and not (span.attributes and span.parent) for span in spans)


async def test_without_a_collector_nothing_is_recorded(room: Room) -> None:
    exporter = InMemorySpanExporter()
    record(SimpleSpanProcessor(exporter), version="0")()
    await room.ask("!status")

    assert not exporter.get_finished_spans()


async def test_calls_to_other_systems_are_counted_with_how_they_ended(room: Room) -> None:
    room.world.fail("argocd.get", Fault.DENIED)
    await room.ask("!status")
    await room.ask("!status")
    registry = room.app.listener.meters.registry

    def count(outcome: str) -> float:
        labels = {"system": "argocd", "call": "application", "outcome": outcome}
        return registry.get_sample_value("houston_calls_total", labels) or 0.0

    assert (count("Denied"), count("ok")) == (1, 1)
