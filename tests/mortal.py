"""Helper processes that end with whoever started them, frozen ones too."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
"""See prctl(2)."""


def die_with(parent: int) -> None:
    """Let the kernel kill this process when its parent, of this id, is gone. Only Linux can."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it was gone before that was asked
            os._exit(1)
