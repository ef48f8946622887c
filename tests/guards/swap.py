"""Puts a broken module in the place of a loaded one, in this process, without loading anew what
uses it: who has imported one of its functions runs the broken one from then on."""

from __future__ import annotations

import ast
import gc
import importlib
import sys
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

Key = tuple[str, int]
"""A function's qualified name, and the line it begins on in the sound source."""


class NotLoaded(Exception):
    """Something of the broken module cannot be put into what is loaded."""


def swap(file: str, sound: str, broken: ast.Module | str) -> None:
    """Let every function of the module do what the broken source says.

    Args:
        file: the module's path below the root, as `bot/policy.py`.
        sound: its source as it is loaded.

    Raises:
        NotLoaded: when the change is in no function and in no value of the module.
    """
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    old = compile(sound, file, "exec", dont_inherit=True)
    new = compile(broken, file, "exec", dont_inherit=True)
    changed = _changed(old, new)
    done = _functions(module, changed) + _values(module, sound, broken, new)
    if not done:
        raise NotLoaded(f"{file}: no function that is loaded and no value has changed")


def _changed(old: CodeType, new: CodeType) -> dict[Key, CodeType]:
    """The broken code of each function that differs, in step with the sound one."""
    found: dict[Key, CodeType] = {}
    pairs = zip(_inner(old), _inner(new), strict=False)
    for before, after in pairs:
        if before.co_name != after.co_name:
            raise NotLoaded(f"{before.co_qualname}: a function inside is gone")
        found.update(_changed(before, after))
        if (
            before.co_code != after.co_code
            or _plain(before) != _plain(after)
            or _inner(before) != _inner(after)
        ):
            found[before.co_qualname, before.co_firstlineno] = after
    return found


def _inner(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _plain(code: CodeType) -> tuple[object, ...]:
    constants = tuple(repr(one) for one in code.co_consts if not isinstance(one, CodeType))
    return (code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars)


def _functions(module: ModuleType, changed: dict[Key, CodeType]) -> int:
    """Wherever a function of the module is, behind a decorator or in a class."""
    done = 0
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__module__ == module.__name__:
            code = changed.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
            if code is not None and len(code.co_freevars) == len(one.__code__.co_freevars):
                one.__code__ = code
                done += 1
    return done


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
