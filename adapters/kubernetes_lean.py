"""kubernetes-asyncio without the thousands of classes of its API, of which nothing here is used:
0.03 s and 6 MB in place of 0.4 s and 42 MB."""

from __future__ import annotations

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType
from typing import Any

_PACKAGES = (
    "kubernetes_asyncio",
    "kubernetes_asyncio.client",
    "kubernetes_asyncio.client.models",
)
"""Their `__init__` import every module of the library."""
_NEEDED = ("exceptions", "configuration", "rest", "api_client")
"""Of `client`, in an order in which none asks for what is not there yet."""


class _Late(ModuleType):
    """A package that runs its own code when it is asked for what is not there yet: to everybody
    else in this process it is the whole package."""

    def __getattr__(self, name: str) -> Any:
        spec = self.__spec__
        if name.startswith("__") or spec is None or spec.loader is None or self._whole:
            raise AttributeError(name)
        self._whole = True
        spec.loader.exec_module(self)
        return getattr(self, name)

    _whole = False


def library() -> tuple[Any, Any]:
    """The library's `client`, with what configures and sends, and its `config`."""
    if _PACKAGES[0] not in sys.modules:
        for name in _PACKAGES:
            _put(name)
        client: Any = sys.modules[_PACKAGES[1]]
        loaded = {name: importlib.import_module(f"{_PACKAGES[1]}.{name}") for name in _NEEDED}
        client.ApiClient = loaded["api_client"].ApiClient
        client.Configuration = loaded["configuration"].Configuration
        client.ApiException = loaded["exceptions"].ApiException
    config = importlib.import_module("kubernetes_asyncio.config")
    return sys.modules[_PACKAGES[1]], config


def _put(name: str) -> None:
    """A late package in the place of this one."""
    spec = find_spec(name)
    if spec is None:
        raise ImportError(name)
    package = _Late(name)
    package.__spec__, package.__file__, package.__package__ = spec, spec.origin, name
    package.__path__ = list(spec.submodule_search_locations or ())
    sys.modules[name] = package
    parent, _, own = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], own, package)
