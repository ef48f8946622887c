"""Subcommands that print what Houston is made of: its commands, its settings, what it asks for."""

from __future__ import annotations

import json

import click


@click.command("commands")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for other programs.")
@click.option("--markdown", is_flag=True, help="As docs/commands.md has it.")
def list_commands(as_json: bool, markdown: bool) -> None:
    """List every chat command with its usage."""
    from bot.bootstrap import catalogue
    from bot.handbook import described, page

    known = catalogue()
    if markdown:
        click.echo(page(known), nl=False)
    elif as_json:
        click.echo(json.dumps([described(known[name]) for name in sorted(known)], indent=2))
    else:
        for name in sorted(known):
            click.echo(f"{known[name].usage:32} {known[name].summary}")


@click.command("settings")
def list_settings() -> None:
    """Print every setting, as docs/configuration.md has it."""
    from bot.reference import markdown

    click.echo(markdown(), nl=False)


@click.command("rights")
def list_rights() -> None:
    """Print what Houston asks of the cluster, as chart/files/rights.yaml has it."""
    from bot.rights import manifest

    click.echo(manifest(), nl=False)
