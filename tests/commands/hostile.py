"""Hostile text in whatever comes from outside, and what must never be seen of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from adapters.sim.world import World
from bot.errors import Unavailable
from bot.outside import Ports
from bot.settings import Settings
from tests.commands.room import Room

FORGED = "FORGED"
"""Begins a line of its own in the hostile text: no line of a card may begin with it."""
HOSTILE = (
    " @all @here @ana [x](javascript:alert(1)) ![p](http://evil.example/p.png) "
    "<http://evil.example|x> ``` <script>alert(1)</script> <img src=x onerror=alert(1)> "
    "\x1b[31mred\x1b]0;title\x07 \x9b31m \x00 \x7f \u202egnp.exe \u2066 \u200b \u200d \ufeff \xad "
    "\u2028 \U000e0041 \u05e9\u05dc\u05d5\u05dd \U0001f469\u200d\U0001f469\u200d\U0001f467 "
    f"*b* _i_ ~s~ ` @all `\r\n{FORGED} @all"
)
_KEPT = {"engine", "store", "stages", "leadership"}
"""Ports behind which is nobody else."""
_STEERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
    "\u200c\u200e\u200f\U000e0000-\U000e007f]|(?<![@#])\u200b"
    "|(?<![\U0001f300-\U0001faff])\u200d|\u200d(?![\U0001f300-\U0001faff])"
)
_DOES = re.compile(r"(?<!\w)@\w|\]\(|!\[\w*\]\(|<[a-z]+:[^\s|]*\|")


class Tap:
    """Says which texts come from outside, and poisons the one, or lets the one call fail."""

    def __init__(self) -> None:
        self.poisoned = ""
        self.failing = ""
        self.paths: set[str] = set()
        self.calls: set[str] = set()

    def on(self, ports: Ports) -> Ports:
        """The ports, listened to."""
        wrapped = {f.name: getattr(ports, f.name) for f in fields(ports) if f.name not in _KEPT}
        return replace(ports, **{name: _Port(self, name, port) for name, port in wrapped.items()})

    def called(self, call: str) -> None:
        """Raises Unavailable with hostile words where this call is to fail."""
        self.calls.add(call)
        if call == self.failing:
            raise Unavailable("Hostile", f"<html>{HOSTILE}</html>", "Look there")

    def poison(self, value: Any, path: str) -> Any:
        """The value with hostile text in the one place; what it holds is written down."""
        if isinstance(value, Enum) or inspect.isclass(value):
            return value
        if isinstance(value, str):
            self.paths.add(path)
            return value + HOSTILE if path == self.poisoned else value
        if is_dataclass(value):
            return self._dataclass(value, path)
        if isinstance(value, Mapping):
            kept = {
                self.poison(k, f"{path}{{}}"): self.poison(v, f"{path}[]") for k, v in value.items()
            }
            return value if kept == value else kept
        if isinstance(value, (list, tuple, set, frozenset)):
            inner = [self.poison(one, f"{path}[]") for one in value]
            return value if inner == list(value) else type(value)(inner)
        return value

    def _dataclass(self, value: Any, path: str) -> Any:
        changed = {}
        for field in fields(value):
            if not field.init:
                continue
            old = getattr(value, field.name)
            new = self.poison(old, f"{path}.{field.name}")
            if new is not old and new != old:
                changed[field.name] = new
        return replace(value, **changed) if changed else value


class _Port:
    def __init__(self, tap: Tap, name: str, port: object) -> None:
        self._tap, self._name, self._port = tap, name, port

    def __getattr__(self, called: str) -> Any:
        found, path = getattr(self._port, called), f"{self._name}.{called}"
        if inspect.iscoroutinefunction(found):
            return self._call(found, path)
        if inspect.isasyncgenfunction(found):
            return self._stream(found, path)
        return found

    def _call(self, real: Callable[..., Any], path: str) -> Any:
        async def call(*args: Any, **kwargs: Any) -> Any:
            self._tap.called(path)
            return self._tap.poison(await real(*args, **kwargs), path)

        return call

    def _stream(self, real: Callable[..., Any], path: str) -> Any:
        async def stream(*args: Any, **kwargs: Any) -> Any:
            async for one in real(*args, **kwargs):
                yield self._tap.poison(one, path)

        return stream


class HostileRoom(Room):
    """A room whose Houston hears everything through a tap."""

    def __init__(self, world: World, configured: Settings, tap: Tap) -> None:
        self.tap = tap
        super().__init__(world, configured)

    def _ports(self) -> Ports:
        return self.tap.on(super()._ports())


def harms(text: str) -> list[str]:
    """What a message of Houston's would do to whoever reads it in chat."""
    found = steering(text)
    for line in _outside_of_frames(text):
        bare = _outside_of_code(line)
        found += [f"{match!r} in {line[:200]!r}" for match in _DOES.findall(bare)]
        if line.lstrip().startswith(FORGED):
            found.append(f"a line was forged: {line[:200]!r}")
    return found


def steering(text: str) -> list[str]:
    """What of a text cannot be seen, or does something where it is shown."""
    return [f"{ord(c):04x} is sent as it is" for c in sorted(set(_STEERS.findall(text)))]


def _outside_of_frames(text: str) -> Iterator[str]:
    framed = False
    for line in text.split("\n"):
        if line.startswith("```"):
            framed = not framed
        elif not framed:
            yield line


def _outside_of_code(line: str) -> str:
    kept, rest = [], line
    while opened := re.search(r"(?<!\\)`", rest):
        begin, (closed, _, after) = rest[: opened.start()], rest[opened.end() :].partition("`")
        kept.append(begin)
        if not after and not rest.endswith("`"):
            kept.append(closed)
            rest = ""
        else:
            rest = after
    return "".join([*kept, rest])
