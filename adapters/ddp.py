"""Rocket.Chat's realtime protocol (DDP), without a socket and without a clock.

Only `connect`, `login` with a token, `sub`, `unsub`, `ping` and `pong`: Rocket.Chat 9 removed
most other methods. Text goes in with the time, typed events and frames to send come out. Times
are seconds of any one monotonic clock.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.jsontext import loads

_LOGIN_ID = "login"
_TOO_MANY = "too-many-requests"
_WINDOW = 40.0
_DEFAULT_WAIT = 10.0


@dataclass(frozen=True)
class Stream:
    """What can be subscribed to; at most once on a connection, or everything comes twice."""

    name: str
    event: str


@dataclass(frozen=True)
class LoggedIn:
    """The token was taken."""


@dataclass(frozen=True)
class LoginRefused:
    """The token was refused; asking again soon will not help."""

    code: str
    reason: str


@dataclass(frozen=True)
class Ready:
    """From here on the stream's changes come."""

    stream: Stream


@dataclass(frozen=True)
class NoStream:
    """The server refused the stream, or ended it later."""

    stream: Stream
    reason: str


@dataclass(frozen=True)
class StreamChanged:
    """Something happened on the stream; `args` as the server sent them, dates not decoded."""

    stream: Stream
    args: tuple[Any, ...]


DdpEvent = LoggedIn | LoginRefused | Ready | NoStream | StreamChanged


@dataclass
class _Sub:
    id: str
    due: float
    sent: float | None = None
    ready: bool = False


class Ddp:
    """One connection.

    Args:
        token: a personal access token.
        now: when the socket was opened.
        step: how long the server may take to answer connect, login and each subscription.
        ping_after: after this long without incoming data a ping is sent.
        dead_after: after this long without incoming data the socket is dead.
        window: subscriptions are paced to `per_window` in this many seconds; the server allows
            40 in 40 s on a connection.
    """

    def __init__(
        self,
        token: str,
        now: float,
        *,
        step: float = 15.0,
        ping_after: float = 30.0,
        dead_after: float = 60.0,
        window: float = _WINDOW,
        per_window: int = 30,
    ) -> None:
        self._token = token
        self._step = step
        self._ping_after = ping_after
        self._dead_after = dead_after
        self._window = window
        self._per_window = per_window
        self._heard = now
        self._pinged = False
        self._awaited: tuple[str, float] | None = ("connect", now)
        self._logged_in = False
        self._subs: dict[Stream, _Sub] = {}
        self._sent: deque[float] = deque()
        self._count = 0
        self._wrong = ""
        self._out: list[dict[str, Any]] = [{"msg": "connect", "version": "1", "support": ["1"]}]

    @property
    def settled(self) -> bool:
        """Logged in, and every subscription asked for was answered."""
        return self._logged_in and all(sub.ready for sub in self._subs.values())

    def subscribe(self, stream: Stream, now: float) -> None:
        """Ask for a stream, or ask anew: the server may have forgotten it without a word."""
        self.unsubscribe(stream)
        self._count += 1
        self._subs[stream] = _Sub(f"s{self._count}", due=now)

    def unsubscribe(self, stream: Stream) -> None:
        """Give a stream up; nothing when it was not asked for."""
        old = self._subs.pop(stream, None)
        if old and old.sent is not None:
            self._out.append({"msg": "unsub", "id": old.id})

    def receive(self, data: str | bytes, now: float) -> list[DdpEvent]:
        """What a frame means. Frames nobody needs mean nothing."""
        self._heard, self._pinged = now, False
        try:
            frame = loads(data)
        except ValueError:
            self._wrong = "the server sent something that is not DDP"
            return []
        if not isinstance(frame, dict):
            self._wrong = "the server sent something that is not DDP"
            return []
        return self._frame(frame, now)

    def frames(self, now: float) -> list[str]:
        """What is to be sent now, in this order. Each frame is given once."""
        if self._logged_in:
            self._send_subs(now)
        if now - self._heard >= self._ping_after and not self._pinged:
            self._pinged = True
            self._count += 1
            self._out.append({"msg": "ping", "id": f"p{self._count}"})
        out, self._out = self._out, []
        return [json.dumps(frame, separators=(",", ":")) for frame in out]

    def dead(self, now: float) -> str:
        """Why the socket is of no use any more; empty while it is."""
        if self._wrong:
            return self._wrong
        if now - self._heard >= self._dead_after:
            return f"nothing was heard for {self._dead_after:g} s"
        if self._awaited and now - self._awaited[1] >= self._step:
            return f"no answer to {self._awaited[0]} for {self._step:g} s"
        for stream, sub in self._subs.items():
            if not sub.ready and sub.sent is not None and now - sub.sent >= self._step:
                return f"no answer to the subscription of {stream.name} for {self._step:g} s"
        return ""

    def due(self, now: float) -> float:
        """When to look again at the latest, if nothing comes before."""
        silence = self._dead_after if self._pinged else self._ping_after
        times = [self._heard + silence]
        if self._awaited:
            times.append(self._awaited[1] + self._step)
        for sub in self._subs.values():
            if sub.sent is not None:
                times += [] if sub.ready else [sub.sent + self._step]
            elif self._logged_in:
                times.append(max(sub.due, self._slot(now)))
        return min(times)

    def _frame(self, frame: Mapping[str, Any], now: float) -> list[DdpEvent]:
        match frame.get("msg"):
            case "connected":
                self._log_in(now)
            case "failed" | "error":
                why = frame.get("reason", "another version of the protocol")
                self._wrong = f"the server refused a frame: {why}"
            case "ping":
                pong = {"msg": "pong"} | ({"id": frame["id"]} if "id" in frame else {})
                self._out.append(pong)
            case "result" if frame.get("id") == _LOGIN_ID:
                return self._login_answered(frame)
            case "ready":
                return self._subs_ready(frame.get("subs") or [])
            case "nosub":
                return self._refused(str(frame.get("id")), frame.get("error"), now)
            case "changed":
                return self._changed(frame)
            case _:
                return []
        return []

    def _log_in(self, now: float) -> None:
        params = [{"resume": self._token}]
        self._awaited = ("login", now)
        login = {"msg": "method", "method": "login", "id": _LOGIN_ID, "params": params}
        self._out.append(login)

    def _login_answered(self, frame: Mapping[str, Any]) -> list[DdpEvent]:
        self._awaited = None
        if error := frame.get("error"):
            return [LoginRefused(*_error(error))]
        self._logged_in = True
        return [LoggedIn()]

    def _subs_ready(self, ids: list[str]) -> list[DdpEvent]:
        found: list[DdpEvent] = []
        for stream, sub in self._subs.items():
            if sub.id in ids and not sub.ready:
                sub.ready = True
                found.append(Ready(stream))
        return found

    def _refused(self, id: str, error: Any, now: float) -> list[DdpEvent]:
        """A `nosub` to an id that is not ours any more is the answer to an `unsub`."""
        stream = next((stream for stream, sub in self._subs.items() if sub.id == id), None)
        if stream is None:
            return []
        del self._subs[stream]
        code, reason = _error(error)
        if code == _TOO_MANY:
            self.subscribe(stream, now)
            self._subs[stream].due = now + _wait(error)
            return []
        return [NoStream(stream, reason or code or "the server ended the subscription")]

    def _changed(self, frame: Mapping[str, Any]) -> list[DdpEvent]:
        """The frame's own `id` says nothing: it is always the same."""
        fields = frame.get("fields")
        if not isinstance(fields, dict) or not isinstance(fields.get("args"), list):
            return []
        stream = Stream(str(frame.get("collection")), str(fields.get("eventName")))
        return [StreamChanged(stream, tuple(fields["args"]))]

    def _send_subs(self, now: float) -> None:
        for stream, sub in self._subs.items():
            if sub.sent is not None or sub.due > now:
                continue
            if self._slot(now) > now:
                return
            sub.sent = now
            self._sent.append(now)
            params = [stream.event, {"useCollection": False, "args": []}]
            self._out.append({"msg": "sub", "id": sub.id, "name": stream.name, "params": params})

    def _slot(self, now: float) -> float:
        """When the pace allows the next subscription."""
        while self._sent and self._sent[0] <= now - self._window:
            self._sent.popleft()
        return now if len(self._sent) < self._per_window else self._sent[0] + self._window


def _error(error: Any) -> tuple[str, str]:
    """Code and reason; in this protocol `error` is the code, a word or a number."""
    if not isinstance(error, dict):
        return "", str(error or "")
    return str(error.get("error", "")), str(error.get("reason") or error.get("message") or "")


def _wait(error: Mapping[str, Any]) -> float:
    """Seconds until the server wants to hear of it again."""
    details = error.get("details")
    if isinstance(details, dict) and isinstance(details.get("timeToReset"), int | float):
        return float(details["timeToReset"]) / 1000
    said = re.search(r"wait (\d+) second", str(error.get("reason")))
    return float(said[1]) if said else _DEFAULT_WAIT
