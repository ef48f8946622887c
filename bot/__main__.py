"""The command line; `houston --help` lists what it can do."""

from __future__ import annotations

import gc
import json
import sys
from importlib.metadata import version
from pathlib import Path

import click

from bot.backups import backup_store, restore_store
from bot.commandline import Group, complain, go
from bot.errors import HoustonError
from bot.initial import init
from bot.listing import list_commands, list_rights, list_settings

_CONFIG = click.option(
    "--config", required=True, type=click.Path(path_type=Path), help="The configuration file."
)
_SECRETS = click.option(
    "--secrets",
    type=click.Path(path_type=Path, file_okay=False),
    help="A directory of mounted secret files, named like chat__token.",
)


@click.group(cls=Group)
@click.version_option(version("houston"), prog_name="houston")
def main() -> None:
    """Houston, the chat bot that flies the stack it lives in."""


@main.command()
@_CONFIG
@_SECRETS
def run(config: Path, secrets: Path | None) -> None:
    """Listen in chat and do what is asked, until stopped."""
    gc.disable()  # nothing that is imported is garbage, now or later
    from bot import running

    gc.freeze()
    gc.enable()
    go(running.run(config, secrets))


@main.command()
@_CONFIG
@_SECRETS
def check(config: Path, secrets: Path | None) -> None:
    """Look whether each system is reachable and allows what Houston needs."""
    sys.exit(go(_check(config, secrets)))


@main.command("exec")
@_CONFIG
@_SECRETS
@click.option("--as", "name", default="", help="Who you are in the roster.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file with your token; - for standard input. Else HOUSTON_TOKEN, or you are asked.",
)
@click.option("--json", "as_json", is_flag=True, help="The result alone, as one JSON document.")
@click.argument("line")
def execute(
    config: Path,
    secrets: Path | None,
    *,
    name: str,
    token_file: Path | None,
    as_json: bool,
    line: str,
) -> None:
    """Run one command as yourself, through the same router and policy.

    Exit status 0: done; 1: failed; 2: refused or not understood.
    """
    from bot import entry

    said = entry.run(config, secrets, name=name, file=token_file, line=line, as_json=as_json)
    sys.exit(go(said))


@main.group()
def operator() -> None:
    """People who may come in by a second door."""


@operator.command("add")
@_CONFIG
@_SECRETS
@click.argument("name")
def operator_add(config: Path, secrets: Path | None, name: str) -> None:
    """Make a token for NAME of the roster, and the line that lets them in by it."""
    from bot import entry

    try:
        entry.add(config, secrets, name, click.echo)
    except HoustonError as error:
        complain(error)
        sys.exit(2)


@main.group()
def audit() -> None:
    """Read the audit trail, and prove that nobody rewrote it."""


@audit.command("export")
@_CONFIG
@_SECRETS
@click.option("--after", default=0, show_default=True, help="Begin behind this entry.")
def audit_export(config: Path, secrets: Path | None, after: int) -> None:
    """Print every entry as a line of JSON."""
    from bot import auditing

    go(auditing.export(config, secrets, after, click.echo))


@audit.command("verify")
@_CONFIG
@_SECRETS
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A copy that was shipped or exported before: the trail must still hold all of it.",
)
@click.option(
    "--head",
    multiple=True,
    metavar="NUMBER:HASH",
    help="Where the trail once ended, as a daily report or !audit said; may be given again.",
)
def audit_verify(
    config: Path, secrets: Path | None, against: Path | None, head: tuple[str, ...]
) -> None:
    """Look whether any entry was changed, removed, moved or cut off. Exit status 1: yes."""
    from bot import auditing

    sys.exit(go(auditing.verify(config, secrets, against, head, click.echo)))


@audit.command("seal")
@_CONFIG
@_SECRETS
def audit_seal(config: Path, secrets: Path | None) -> None:
    """Go on behind the last entry there is, after you found out why the end was another."""
    from bot import auditing

    go(auditing.accept(config, secrets, click.echo))


@main.command("stepup-reset")
@_CONFIG
@_SECRETS
@click.argument("name")
def stepup_reset(config: Path, secrets: Path | None, name: str) -> None:
    """Let NAME of the roster enrol a new device for one-time codes."""
    from bot import resetting

    go(resetting.reset(config, secrets, name, click.echo))


@main.group()
def policy() -> None:
    """Look at a policy file before it holds."""


@policy.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def policy_check(file: Path) -> None:
    """Say what the rules in FILE come to, and what looks wrong. FILE may be a configuration."""
    from bot.bootstrap import catalogue
    from bot.command import Operation
    from bot.policy import Policy
    from bot.policyfile import load_policy, report

    try:
        running = Policy(load_policy(file))
    except HoustonError as error:
        complain(error)
        sys.exit(2)
    known = [name for name, one in sorted(catalogue().items()) if isinstance(one, Operation)]
    for line in report(running, known):
        click.echo(line)


@policy.command("schema")
def policy_schema() -> None:
    """Print the JSON schema of a policy file, as docs/policy.schema.json has it."""
    from bot.policyfile import schema

    click.echo(json.dumps(schema(), indent=2, sort_keys=True))


@main.command()
@click.argument("name", required=False)
@click.option("--runbooks", is_flag=True, help="Print every runbook, as docs/drills.md has them.")
@click.option("--speed", default=4.0, show_default=True, help="Simulated seconds in one second.")
def drill(name: str | None, runbooks: bool, speed: float) -> None:
    """Practise on a simulated fault with the real commands; without NAME, list the drills.

    Exit status 0: it ended verified.
    """
    from bot.drill_terminal import fly
    from bot.drillbook import DRILLS, page
    from bot.logs import quiet

    if runbooks:
        click.echo(page(), nl=False)
    elif name:
        quiet()
        sys.exit(go(fly(name, click.echo, speed=speed)))
    else:
        for one in DRILLS.values():
            click.echo(f"{one.name:26} {one.title}")


@main.command()
@click.option("--config-out", required=True, type=click.Path(path_type=Path))
@click.option("--repo", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--scenario", default="healthy", show_default=True)
@click.option("--speed", default=4.0, show_default=True, help="Simulated seconds in one second.")
def lab(config_out: Path, repo: Path | None, scenario: str, speed: float) -> None:
    """Start only the simulated servers, write a configuration for them, and wait."""
    from bot.demo import serve

    go(serve(config_out, repo=repo, scenario=scenario, speed=speed))


@main.command()
@click.option(
    "--tour",
    is_flag=False,
    flag_value="upgrade",
    type=click.Choice(["upgrade", "reports"]),
    help="Play the upgrade, or each report, without a person and verify it.",
)
@click.option("--port", default=8065, show_default=True, help="Of the chat page.")
@click.option("--scenario", default="healthy", show_default=True)
@click.option("--repo", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--speed", type=float, help="Simulated seconds in one second.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the tour's git remote in this new directory, as remote.git.",
)
def demo(
    *,
    tour: str | None,
    port: int,
    scenario: str,
    repo: Path | None,
    speed: float | None,
    keep: Path | None,
) -> None:
    """Fly Houston in a simulated world, with a chat page to type in."""
    from bot import demo as demos

    if tour:
        speed = speed or demos.TOUR_SPEED
        flown = demos.tour(of=tour, repo=repo, scenario=scenario, speed=speed, keep=keep)
        sys.exit(go(flown))
    go(demos.demo(port=port, repo=repo, scenario=scenario, speed=speed or demos.DEMO_SPEED))


async def _check(config: Path, secrets: Path | None) -> int:
    from bot.check import check as look
    from bot.check import shown
    from bot.connect import account, connect
    from bot.settings import load

    settings = load(config, secrets)
    async with connect(settings) as ports:
        lines = await look(settings, ports, account)
        await ports.store.close()
    for line in shown(lines):
        click.echo(line)
    return 0 if all(line.ok for line in lines) else 1


for command in (backup_store, init, list_commands, list_rights, list_settings, restore_store):
    main.add_command(command)

if __name__ == "__main__":
    main()
