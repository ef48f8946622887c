"""Errbot as it is by default, with the benchmark's backend and plugin."""

import os
from pathlib import Path

_HERE = Path(__file__).parent
_DATA = os.environ["BENCH_DATA"]

BACKEND = "RocketChat"
BOT_EXTRA_BACKEND_DIR = str(_HERE / "backend")
BOT_EXTRA_PLUGIN_DIR = str(_HERE / "plugin")
BOT_DATA_DIR = _DATA
BOT_LOG_FILE = f"{_DATA}/errbot.log"
BOT_LOG_LEVEL = 40
BOT_ADMINS = ("ana",)
BOT_PREFIX = "!"
BOT_IDENTITY = {}
CORE_PLUGINS = ("ACLs", "CommandNotFoundFilter")  # its own !whoami would stand in the way
