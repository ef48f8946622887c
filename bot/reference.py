"""`docs/configuration.md`, out of the settings themselves: `houston settings` prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from pydantic import AwareDatetime, BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.cards import duration
from bot.described import described
from bot.settings import Settings

_INTRODUCTION = """\
# Configuration

<!-- Made by `houston settings > docs/configuration.md`; edit the docstrings in bot/settings.py. -->

One YAML file, given with `--config`. A key that is unknown, missing or of the wrong type is
refused at the start, with the key, the reason and the fix. The least that works:

```yaml
chat:
  url: https://chat.example.org
  user_id: rocket.cat2Houston
  rooms: [ops]
git:
  url: https://git.example.org/ops.git
  branch: master
argocd:
  url: https://argocd.example.org
policy:
  people:
    - id: kQ3tSgnmPdrxyZ5cv
      name: Ana Ferreira
      email: ana@example.org
      roles: [operator, approver]
      on_call:
        - days: [mon, tue, wed, thu, fri]
          start: "08:00"
          end: "18:00"
          zone: Europe/London
```

Secrets do not belong into that file. Each setting can come from three places; the first wins:

1. the environment: `HOUSTON_CHAT__TOKEN` is `chat.token`, `HOUSTON_ZONE` is `zone`; lists and
   mappings are written as JSON;
2. a file in the directory given with `--secrets`, as mounted from a Secret, named `chat__token`;
3. the YAML file.

Times of day are written in quotes. Durations are seconds (`30`) or ISO 8601 (`PT10M`).
"""


def markdown() -> str:
    """Every setting, a table for each section."""
    return "\n".join([_INTRODUCTION, *_section("", described(Settings))])


def _section(path: str, model: type[BaseModel]) -> Iterator[str]:
    """The tables of this section and of those below it."""
    inner: list[tuple[str, type[BaseModel], str]] = []
    rows: list[str] = []
    for name, field in model.model_fields.items():
        below = _model(field.annotation)
        key = f"{path}.{name}".lstrip(".") + _each(field.annotation)
        if below:
            inner.append((key, below, _said(field.description or below.__doc__)))
        else:
            rows.append(_row(name, field))
    if rows:
        yield "\n".join(["| key | type | default | meaning |", "|---|---|---|---|", *rows, ""])
    for key, below, said in inner:
        yield f"## `{key}`\n\n{said}\n"
        yield from _section(key, below)


def _row(name: str, field: FieldInfo) -> str:
    cells = (f"`{name}`", _kind(field.annotation), _default(field), _said(field.description))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _said(text: str | None) -> str:
    return " ".join((text or "").split())


def _model(annotation: Any) -> type[BaseModel] | None:
    """The section an annotation is made of, also inside a list or a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model, get_args(annotation))), None)


def _each(annotation: Any) -> str:
    kind = getattr(annotation, "__origin__", None)
    if kind in {dict, Mapping}:
        return ".NAME"
    return "[]" if kind is tuple else ""


def _kind(annotation: Any) -> str:
    """The type in words."""
    arguments = [a for a in get_args(annotation) if a not in {type(None), ...}]
    origin = getattr(annotation, "__origin__", None)
    if origin in {dict, Mapping}:
        return f"{_kind(arguments[0])} → {_kind(arguments[1])}"
    if origin in {tuple, frozenset}:
        return f"list of {_kind(arguments[0])}"
    if arguments:
        return _kind(arguments[0])
    if issubclass(annotation, Enum):
        return ", ".join(f"`{member.value}`" for member in annotation)
    return _WORDS.get(annotation, "section")


_WORDS: dict[Any, str] = {
    str: "text",
    SecretStr: "secret",
    bool: "true or false",
    int: "whole number",
    float: "number",
    timedelta: "duration",
    time: "time of day",
    datetime: "date and time",
    AwareDatetime: "date and time",
    Path: "path",
}


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, timedelta):
        whole = duration(value).removesuffix(" 00 s")
        return whole if value >= timedelta(seconds=1) else f"{value.total_seconds():g} s"
    if isinstance(value, tuple | frozenset | Mapping):
        return ", ".join(f"`{item}`" for item in value) or "none"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    shown = "" if value is None or isinstance(value, SecretStr) else str(value)
    return f"`{shown}`" if shown else "none"
