"""`houston backup` and `houston restore`: copies of an embedded store."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from bot.commandline import go

_CONFIG = click.option(
    "--config", required=True, type=click.Path(path_type=Path), help="The configuration file."
)
_SECRETS = click.option(
    "--secrets",
    type=click.Path(path_type=Path, file_okay=False),
    help="A directory of mounted secret files, named like chat__token.",
)
_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command("backup")
@_CONFIG
@_SECRETS
@_FILE
def backup_store(config: Path, secrets: Path | None, file: Path) -> None:
    """Copy the store into FILE, also while Houston runs. Whoever reads FILE reads the store."""
    go(_back_up(config, secrets, file))


@click.command("restore")
@_CONFIG
@_SECRETS
@_FILE
def restore_store(config: Path, secrets: Path | None, file: Path) -> None:
    """Put FILE in the store's place, while no Houston runs. What was there is kept beside it."""
    go(_restore(config, secrets, file))


async def _back_up(config: Path, secrets: Path | None, file: Path) -> None:
    from adapters.backup import back_up, embedded
    from bot.settings import load

    store = embedded(load(config, secrets).store.url)
    await asyncio.to_thread(back_up, store, file)
    click.echo(f"✔ {store} is copied to {file}")


async def _restore(config: Path, secrets: Path | None, file: Path) -> None:
    from adapters.backup import embedded, restore
    from adapters.fence import Fence
    from adapters.leadership import leadership
    from bot.settings import load

    settings = load(config, secrets)
    store = embedded(settings.store.url)
    lead = leadership(settings.store.url, Fence(), settings.store.lease)
    await lead.take()
    try:
        kept = await asyncio.to_thread(restore, file, store)
    finally:
        await lead.leave()
    click.echo(f"✔ {file} is the store now, at {store}")
    if kept is not None:
        click.echo(f"  What was there is {kept}")
