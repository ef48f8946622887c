"""How a subcommand ends: with a message and an exit status, never with a trace."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from typing import Any

import click

from bot.errors import HoustonError, UserError


def go(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end. A deliberate error is told and exits: 2 for what the person can mend, 1
    for what failed, 130 for Ctrl-C."""
    try:
        return asyncio.run(work)
    except UserError as error:
        complain(error)
        sys.exit(2)
    except HoustonError as error:
        complain(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


class Group(click.Group):
    """Subcommands that may fail before anything of them runs."""

    def invoke(self, ctx: click.Context) -> Any:
        """As click does it; a deliberate error is told and exits with 1."""
        try:
            return super().invoke(ctx)
        except HoustonError as error:
            complain(error)
            sys.exit(1)


def complain(error: HoustonError) -> None:
    """Say it on standard error."""
    click.echo(f"houston: {error.message}", err=True)
    if error.hint:
        click.echo(f"  {error.hint}", err=True)
