"""Holds requests and answers against OpenAPI 2 files, as far as Azure's need it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
_NEXT = "$skiptoken"
"""In the address of a next page, which is taken as it is given."""
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


@dataclass(frozen=True)
class Exchange:
    """One request and its answer; bodies are parsed JSON, None for none."""

    method: str
    path: str
    query: Mapping[str, str]
    sent: Any
    status: int
    got: Any


class Swagger:
    """Some files below one folder, each with its own paths and version."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._files: dict[Path, Schema] = {}
        self._paths = [
            (_pattern(path), self._load(folder / name), folder / name, methods)
            for name in names
            for path, methods in self._load(folder / name)["paths"].items()
        ]

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything in which it differs from the files."""
        found = self._operation(exchange)
        if found is None:
            return [f"{exchange.method} {exchange.path} is in no file"]
        operation, file, version = found
        said = f"{exchange.method} {exchange.path}"
        return [
            *(f"{said}: {text}" for text in self._asked(exchange, operation, file, version)),
            *(
                f"{said} {exchange.status}: {text}"
                for text in self._given(exchange, operation, file)
            ),
        ]

    def _operation(self, exchange: Exchange) -> tuple[Schema, Path, str] | None:
        for pattern, content, file, methods in self._paths:
            if pattern.fullmatch(exchange.path) and exchange.method.lower() in methods:
                return methods[exchange.method.lower()], file, content["info"]["version"]
        return None

    def _asked(
        self, exchange: Exchange, operation: Schema, file: Path, version: str
    ) -> Iterator[str]:
        parameters = [self._resolved(one, file) for one in operation.get("parameters", ())]
        known = {one["name"] for one, _ in parameters if one["in"] == "query"} | {_NEXT}
        yield from (f"?{name} is not known" for name in set(exchange.query) - known)
        if exchange.query.get("api-version") != version:
            yield f"api-version {exchange.query.get('api-version')} instead of {version}"
        bodies = [(one, where) for one, where in parameters if one["in"] == "body"]
        if not bodies and exchange.sent is not None:
            yield "takes no body"
        for one, where in bodies:
            if exchange.sent is not None:
                yield from self._fits(one["schema"], exchange.sent, where, "body")
            elif one.get("required"):
                yield "needs a body"

    def _given(self, exchange: Exchange, operation: Schema, file: Path) -> Iterator[str]:
        answers = operation["responses"]
        answer = answers.get(str(exchange.status)) or answers.get("default")
        if answer is None:
            yield "such an answer is not known"
        elif "schema" in answer and exchange.got is not None:
            yield from self._fits(answer["schema"], exchange.got, file, "body")

    def _fits(self, schema: Schema, value: Any, file: Path, at: str) -> Iterator[str]:
        schema, file = self._resolved(schema, file)
        if value is None:
            return
        properties, required, open_ = self._shape(schema, file)
        if properties:
            if not isinstance(value, dict):
                yield f"{at} is no object"
                return
            yield from (f"{at}.{key} is missing" for key in required - set(value))
            for key, inner in value.items():
                if key in properties:
                    yield from self._fits(
                        *properties[key][:1], inner, properties[key][1], f"{at}.{key}"
                    )
                elif not open_:
                    yield f"{at}.{key} is not known"
            return
        yield from self._plain(schema, value, file, at)

    def _plain(self, schema: Schema, value: Any, file: Path, at: str) -> Iterator[str]:
        kind = schema.get("type")
        if kind and (
            not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")
        ):
            yield f"{at} is no {kind}: {value!r}"
        elif kind == "array":
            for index, inner in enumerate(value):
                yield from self._fits(schema["items"], inner, file, f"{at}[{index}]")
        elif "enum" in schema and value not in schema["enum"]:
            yield f"{at} is {value!r}, none of {schema['enum']}"
        elif schema.get("format") == "date-time" and not _is_time(value):
            yield f"{at} is no date: {value!r}"

    def _shape(
        self, schema: Schema, file: Path
    ) -> tuple[dict[str, tuple[Schema, Path]], set[str], bool]:
        """Properties with the file each is written in, the required ones, and whether others may
        be there."""
        found = {key: (one, file) for key, one in schema.get("properties", {}).items()}
        required = set(schema.get("required", ()))
        open_ = "additionalProperties" in schema
        for part in schema.get("allOf", ()):
            more, needed, opened = self._shape(*self._resolved(part, file))
            found, required, open_ = {**more, **found}, required | needed, open_ or opened
        return found, required, open_

    def _resolved(self, schema: Schema, file: Path) -> tuple[Schema, Path]:
        while "$ref" in schema:
            name, _, pointer = schema["$ref"].partition("#")
            file = self._file(name, file) if name else file
            target: Any = self._load(file)
            for part in pointer.strip("/").split("/"):
                target = target[part]
            schema = target
        return schema, file

    def _file(self, name: str, beside: Path) -> Path:
        """References are as upstream has them; the folders above are left out here."""
        for marker in ("common-types/", "common/v1/"):
            if marker in name:
                root = self._folder if marker == "common-types/" else beside.parent
                return root / (marker + name.split(marker, 1)[1])
        return (beside.parent / name).resolve()

    def _load(self, file: Path) -> Schema:
        if file not in self._files:
            self._files[file] = json.loads(file.read_text("utf-8"))
        return self._files[file]


def _pattern(path: str) -> re.Pattern[str]:
    """Azure's paths do not mind their case; a scope has slashes of its own."""
    text = re.escape(path).replace(r"\{scope\}", ".+").lstrip("/")
    return re.compile("/" + re.sub(r"\\\{\w+\\\}", "[^/]+", text), re.IGNORECASE)


def _is_time(value: str) -> bool:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
