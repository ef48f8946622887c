"""`houston init`: what may be said on its command line; the rest is asked."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from bot.commandline import go
from bot.errors import UsageError

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.option("--config", required=True, type=_FILE, help="The file to write; kept when there.")
@click.option("--secrets", required=True, type=_FOLDER, help="The directory for secret files.")
@click.option("--chat", "chat_url", help="Rocket.Chat's address.")
@click.option("--admin", help="Username of an administrator, who makes Houston's account.")
@click.option("--admin-id", help="The administrator's user id, with a token instead of a password.")
@click.option("--bot", "chat_username", help="Houston's own username.")
@click.option("--rooms", help="Rooms for commands, with commas; one that is missing is made.")
@click.option("--people", help="Usernames who may ask and approve, with commas.")
@click.option("--argocd", "argocd_url", help="Argo CD's address.")
@click.option("--project", "argocd_project", help="Argo CD's project of the application.")
@click.option("--application", "argocd_application", help="The one that deploys Rocket.Chat.")
@click.option("--git", "git_url", help="The repository, when not as Argo CD knows it.")
@click.option("--git-username", help="The account that pushes.")
@click.option("--kubeconfig", "kubernetes_kubeconfig", help="For the cluster of Rocket.Chat.")
@click.option("--context", "kubernetes_context", help="The context in it.")
@click.option("--zone", help="The zone times are shown in.")
@click.option("--secret-of-admin", envvar="HOUSTON_ADMIN_PASSWORD", hidden=True)
@click.option("--token-of-admin", envvar="HOUSTON_ADMIN_TOKEN", hidden=True)
@click.option("--secret-of-bot", envvar="HOUSTON_BOT_PASSWORD", hidden=True)
@click.option("--argocd-token", envvar="HOUSTON_ARGOCD__TOKEN", hidden=True)
@click.option("--git-password", envvar="HOUSTON_GIT__PASSWORD", hidden=True)
def init(config: Path, secrets: Path, **given: str | None) -> None:
    """Set Houston up: its account in Rocket.Chat, a configuration, and a check of all of it.

    What is not given is read from Argo CD, git and the cluster, or asked. Secrets are asked, or
    come from HOUSTON_ADMIN_PASSWORD (or HOUSTON_ADMIN_TOKEN with --admin-id),
    HOUSTON_ARGOCD__TOKEN and HOUSTON_GIT__PASSWORD; they go into files of the directory
    --secrets, never into the configuration. Run it again as often as you like.
    """
    from bot.onboarding import onboard

    said = {key: value for key, value in given.items() if value is not None}
    sys.exit(go(onboard(config, secrets, said, ask=_ask, say=click.echo)))


def _ask(key: str, question: str, default: str | None, secret: bool) -> str:
    """On the terminal; without a default there must be an answer.

    Raises UsageError when nobody is there to answer.
    """
    try:
        answer: str = click.prompt(
            question, default=default, hide_input=secret, show_default=bool(default) and not secret
        )
    except click.Abort:
        raise UsageError(f"{key} is not known.", f"{question}: see `houston init --help`") from None
    return answer.strip()
