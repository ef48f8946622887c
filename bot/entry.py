"""`houston exec` and `houston operator add`: how a person gets a credential, and comes in by it."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot import door
from bot.bootstrap import build
from bot.clock import SystemClock
from bot.configured import secrets as secrets_of
from bot.connect import connect, remembered
from bot.credentials import hashed, new_token
from bot.doorway import message, operator
from bot.errors import HoustonError, Refused, UsageError
from bot.logs import set_up
from bot.operators import Operators
from bot.policy import Policy
from bot.ports.store import LOCAL
from bot.redact import Redactor
from bot.result import Result, of_error
from bot.roster import Person
from bot.settings import Settings, given_token, load
from bot.trail import Trail

_LONGEST = 1000
"""Characters that are read of a file that should hold a token."""


def add(config: Path, secrets: Path | None, name: str, show: Callable[[str], None]) -> None:
    """Make a token for somebody of the roster. Raises UsageError when they are not there."""
    person = operator(Policy(load(config, secrets).policy), name)
    token = new_token()
    show(f"The token of {person.name}, shown only now; hand it over in private:")
    show(f"  {token}")
    show("The line for door.operators, the secret file door__operators; it may replace another:")
    show(f"  {person.name}: {hashed(token)}")


async def run(
    config: Path, secrets: Path | None, *, name: str, file: Path | None, line: str, as_json: bool
) -> int:
    """Answer one command line of a person who proves who they are; gives the exit status.

    Args:
        as_json: show nothing but the result, as one JSON document, whatever comes of it.

    Raises Refused when they do not, UsageError when nobody is named or no token is at hand.
    """
    show = _quietly if as_json else click.echo
    try:
        found = await _answered(load(config, secrets), name, file, line, show)
    except HoustonError as error:
        if not as_json:
            raise
        found = of_error(error)
    if as_json:
        click.echo(json.dumps(found.packed(), ensure_ascii=False, indent=2))
    return found.outcome.status


def _quietly(text: str) -> None:
    """Nothing of it is shown while it comes."""


async def _answered(
    settings: Settings, name: str, file: Path | None, line: str, show: Callable[[str], None]
) -> Result:
    set_up(settings, level=logging.ERROR)
    clock = SystemClock()
    person = await _proven(settings, name or settings.door.operator, file)
    said = message(person, line, clock, prefix=settings.chat.prefix)
    async with connect(settings) as ports:
        app = build(settings, ports, clock)
        try:
            return await door.run(app, said, show)
        except Refused:
            return await door.submit(ports.store, said, show)
        finally:
            await app.stop()


async def _proven(settings: Settings, name: str, file: Path | None) -> Person:
    """Who is at the door. Whoever can read the configuration is not yet one of them."""
    policy, clock = Policy(settings.policy), SystemClock()
    if not name:
        raise UsageError("Nobody is named.", "Say who you are with --as, or set door.operator")
    if not settings.door.operators.get_secret_value():
        raise Refused(
            "Nobody has a credential of their own yet, so nobody comes in here.",
            "`houston operator add NAME` makes one; docs/console.md says where it goes",
        )
    token = _token(file)
    async with remembered(settings) as store:
        trail = Trail(store.audit, clock, Redactor(secrets_of(settings)))
        operators = Operators(
            section=settings.door,
            policy=policy,
            documents=store.documents,
            clock=clock,
            trail=trail,
        )
        return await operators.prove(name, token, LOCAL)


def _token(file: Path | None) -> str:
    """From the file, the environment, or the person: never from the arguments, which others see."""
    if file is not None:
        try:
            with click.open_file(str(file), encoding="utf-8") as opened:
                return str(opened.read(_LONGEST)).strip()
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{file} cannot be read.", "Name the file with your token") from None
    if found := given_token():
        return found.strip()
    if sys.stdin.isatty():
        return str(click.prompt("Token", hide_input=True, err=True)).strip()
    raise UsageError(
        "There is no token to prove who you are.",
        "Put it into HOUSTON_TOKEN, or into a file and name that with --token-file",
    )
