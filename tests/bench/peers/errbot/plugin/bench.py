"""The benchmark's two commands as an Errbot plugin."""

import os
import time

from errbot import BotPlugin, botcmd

SLOW_SECONDS = float(os.environ["BENCH_SLOW"])


class Bench(BotPlugin):
    """Says who asked, at once or slowly."""

    @botcmd(name="whoami")
    def who(self, message, args):
        return f"You are {message.frm.nick}"

    @botcmd
    def slow(self, message, args):
        time.sleep(SLOW_SECONDS)
        return f"You are {message.frm.nick}"
