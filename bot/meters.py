"""What is counted of Houston itself, for Prometheus."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Meters:
    """Every figure, in a registry of this Houston's own.

    `answered` by command and outcome (`ok`, `refused`, `operation`); `answering` in seconds from
    taking a command to its answer in the outbox; `ended` operations by command and state.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_commands()
        self._of_calls()
        self._of_now()

    def _of_commands(self) -> None:
        self.answered = Counter(
            "houston_commands_total",
            "Commands answered.",
            ("command", "outcome"),
            registry=self.registry,
        )
        self.answering = Histogram(
            "houston_answer_seconds",
            "From taking a command to its answer in the outbox.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.ended = Counter(
            "houston_operations_total",
            "Operations ended.",
            ("command", "state"),
            registry=self.registry,
        )

    def _of_calls(self) -> None:
        self.calls = Counter(
            "houston_calls_total",
            "Calls to other systems; the outcome is `ok` or the kind of the error.",
            ("system", "call", "outcome"),
            registry=self.registry,
        )
        self.calling = Histogram(
            "houston_call_seconds",
            "How long other systems take, retries included.",
            ("system",),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def _of_now(self) -> None:
        self.late = Gauge(
            "houston_schedule_lag_seconds",
            "How long after its time the last scheduled command began.",
            registry=self.registry,
        )
        self.links = Counter(
            "houston_chat_links_total", "Times the link to chat came up.", registry=self.registry
        )
        self.deaf = Counter(
            "houston_chat_deaf_total",
            "Times the link to chat was begun anew because its stream had gone silent.",
            registry=self.registry,
        )
        self.leading = Gauge(
            "houston_leading", "1 while this replica leads.", registry=self.registry
        )
        self.linked = Gauge("houston_chat_linked", "1 while chat is heard.", registry=self.registry)
        self.store_away = Gauge(
            "houston_store_away",
            "1 while the store does not do its part: nothing durable goes on.",
            registry=self.registry,
        )
        self.waiting = Gauge(
            "houston_outbox_waiting", "Posts on their way to chat.", registry=self.registry
        )
        self.open = Gauge(
            "houston_operations_open", "Operations that have not ended.", registry=self.registry
        )
        self.undecided = Gauge(
            "houston_approvals_waiting",
            "Operations that wait for votes.",
            registry=self.registry,
        )
