"""What is loaded of kubernetes-asyncio, in a process of its own: here others load all of it."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
from adapters.kubernetes_lean import library
client, config = library()
assert client.ApiClient and client.Configuration() and config.load_kube_config
print(len([name for name in sys.modules if name.startswith("kubernetes_asyncio.client.models.")]))
"""


def run(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def test_none_of_its_models_is_loaded() -> None:
    assert run(_LOADED) == "0"


def test_who_wants_the_whole_library_has_it() -> None:
    code = "from kubernetes_asyncio.client import V1Pod, CoreV1Api, ApiException as whole\n"

    assert run(f"{_LOADED}{code}assert whole is client.ApiException\nprint(V1Pod.__name__)") == (
        "0\nV1Pod"
    )
