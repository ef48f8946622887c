"""The texts below the fields of a section of the configuration, for pages made of them.

Pydantic reads them from the source while a class is made (`use_attribute_docstrings`), which takes
a tenth of a second of each start; so they are read here, by who shows them.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel


def described(model: type[BaseModel]) -> type[BaseModel]:
    """The same model, each field of it and of the models below described by the text below it."""
    for kind in dict.fromkeys(_below(model)):
        texts = _texts(kind)
        for name, field in kind.model_fields.items():
            field.description = field.description or texts.get(name)
        kind.model_rebuild(force=True)
    return model


def _below(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model an annotation is made of, the innermost first."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for field in annotation.model_fields.values():
            yield from _below(field.annotation)
        yield annotation
        return
    for part in get_args(annotation):
        yield from _below(part)


def _texts(kind: type[BaseModel]) -> dict[str, str]:
    """The texts by field, those of the classes it is made of too."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        if each is not BaseModel and issubclass(each, BaseModel):
            found |= _own(each)
    return found


def _own(kind: type[BaseModel]) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    body = tree.body if isinstance(tree, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
