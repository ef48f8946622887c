"""Puts a broken module in the place of a loaded one, in this process, without loading anew what
uses it: who has imported one of its functions runs the broken one from then on."""

from __future__ import annotations

import ast
import gc
import importlib
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

Key = tuple[str, int]
"""A function's qualified name, and the line it begins on."""


class NotLoaded(Exception):
    """Something of the broken module cannot be put into what is loaded."""


class Loaded:
    """Every function that is loaded, behind a decorator or in a class too, as it is now."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, Key], list[FunctionType]] = defaultdict(list)
        for one in gc.get_objects():
            if isinstance(one, FunctionType):
                self._functions[one.__module__, _key(one.__code__)].append(one)

    def swap(self, file: str, sound: str, broken: ast.Module | str) -> None:
        """Let every function of the module do what the broken source says.

        Args:
            file: the module's path below the root, as `bot/policy.py`.
            sound: its source as it is loaded.
            broken: the same with one change, every function on the line it was on.

        Raises:
            NotLoaded: when the change is in no function and in no value of the module.
        """
        module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
        new = compile(broken, file, "exec", dont_inherit=True)
        done = 0
        for key, code in _changed(compile(sound, file, "exec", dont_inherit=True), new).items():
            for function in self._functions[module.__name__, key]:
                if len(code.co_freevars) == len(function.__code__.co_freevars):
                    function.__code__ = code
                    done += 1
        if not done + _values(module, sound, broken, new):
            raise NotLoaded(f"{file}: no function that is loaded and no value has changed")


def _key(code: CodeType) -> Key:
    return code.co_qualname, code.co_firstlineno


def _changed(old: CodeType, new: CodeType) -> dict[Key, CodeType]:
    """The broken code of each function that differs, itself or in a function inside of it."""
    before = {_key(code): code for code in _inner(old)}
    after = list(_inner(new))
    places = Counter(map(_key, after))
    found = {
        _key(code): code
        for code in after
        if _key(code) in before and before[_key(code)] != code and places[_key(code)] == 1
    }
    if not found and list(_inner(old)) != after:
        raise NotLoaded(f"{old.co_filename}: several functions on one line")
    return found


def _inner(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _inner(one)


def _values(module: ModuleType, sound: str, broken: ast.Module | str, new: CodeType) -> int:
    """Constants of the module itself."""
    after = broken if isinstance(broken, ast.Module) else ast.parse(broken)
    before = _assigned(ast.parse(sound))
    names = [name for name, text in _assigned(after).items() if before.get(name) != text]
    if names:
        fresh = {**vars(module)}
        exec(new, fresh)  # noqa: S102  # the source is this repository's own
        for name in names:
            setattr(module, name, fresh[name])
    return len(names)


def _assigned(tree: ast.Module) -> dict[str, str]:
    return {
        target.id: ast.dump(node)
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }


def load(root: Path, packages: tuple[str, ...]) -> None:
    """Load every module of the packages once, so that children begin with them."""
    sys.path.insert(0, str(root))
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            if "__main__" not in name and "seed" not in path.parts:
                importlib.import_module(name.removesuffix(".__init__"))
