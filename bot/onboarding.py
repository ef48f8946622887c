"""`houston init`: from nothing to a configuration that passes the check.

It names adapters because there is no configuration yet to connect them by.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import tzlocal

from adapters.accounts import Login, Made, Wanted, provide, rooms
from bot.check import check, shown
from bot.configfile import read
from bot.configtext import Found, Member, Seen, configuration
from bot.connect import account, connect
from bot.errors import ConfigError
from bot.interview import Ask, Interview
from bot.sections import http
from bot.settings import load
from bot.surveying import Deployed, Repository, cluster, deployed, repository

Say = Callable[[str], Any]

_KEPT = {
    "chat_url": ("chat", "url"),
    "chat_username": ("chat", "username"),
    "rooms": ("chat", "rooms"),
    "chat_user_id": ("chat", "user_id"),
}
"""Answers that an earlier configuration gives."""
_PROJECT = "default"
_SECRETS = ("chat__token", "argocd__token", "git__password")


async def onboard(config: Path, secrets: Path, given: dict[str, str], *, ask: Ask, say: Say) -> int:
    """Set up what is not there, write what is not written, and check; gives the exit status.

    Raises UserError and AdapterError with what is to be done; what was made stays and is found
    by the next run.
    """
    interview = Interview({**_earlier(config), **_files(secrets), **given}, ask)
    setup = _Setup(config, secrets, interview, say)
    made = await setup.chat()
    await setup.configuration(made)
    return await _check(config, secrets, say)


class _Setup:
    """One run."""

    def __init__(self, config: Path, secrets: Path, interview: Interview, say: Say) -> None:
        self._config = config
        self._secrets = secrets
        self._said = interview
        self._say = say
        self._url = _address(interview.take("chat_url", "Rocket.Chat's address"))

    async def chat(self) -> Made | None:
        """The account and its rooms; None where they are there and no administrator is here."""
        said = self._said
        there = bool(said.known("chat_token") and said.known("chat_user_id"))
        question = "Username of a Rocket.Chat administrator"
        if there:
            question += ", or nothing to leave it as it is"
        if not (said.known("admin_id") or said.take("admin", question, "" if there else None)):
            self._say("· Rocket.Chat is left as it is")
            return None
        admin = _login(said)
        username = said.take("chat_username", "Houston's username", "houston")
        if not said.known("rooms"):
            self._say(f"· Rocket.Chat has {', '.join(await rooms(self._url, admin))}")
        wanted = Wanted(
            username=username,
            email=f"{username}@{urlsplit(self._url).hostname}",
            rooms=said.several("rooms", "Rooms for commands", "ops"),
            people=said.several("people", "Usernames who may ask and approve"),
            token=said.known("chat_token"),
            password=said.known("secret_of_bot"),
        )
        made = await provide(self._url, admin, wanted)
        self._keep("chat__token", made.token)
        for each in made.done or ("nothing: Rocket.Chat has all of it",):
            self._say(f"{'+' if made.done else '·'} {each}")
        return made

    async def configuration(self, made: Made | None) -> None:
        """Write it, unless it is there."""
        if self._config.exists():
            self._say(f"· kept {self._config} as it is; remove it to have it written anew")
            return
        found = await self._found(made)
        self._config.parent.mkdir(parents=True, exist_ok=True)
        self._config.write_text(configuration(found), "utf-8")
        self._say(f"+ wrote {self._config}")

    async def _found(self, made: Made | None) -> Found:
        """Everything the configuration needs."""
        said = self._said
        known, url, application = await self._argocd()
        git = await _git(known, application, said)
        self._say(f"· {git.branch} has the values file {git.values}")
        self._keep("git__password", said.known("git_password"))
        kubeconfig, seen = await self._cluster()
        users = made.people if made else ()
        return Found(
            chat_url=self._url,
            user_id=made.user_id if made else said.known("chat_user_id"),
            username=said.known("chat_username"),
            rooms=said.several("rooms", "Rooms for commands", "ops"),
            git_url=git.url,
            branch=git.branch,
            git_username=said.known("git_username"),
            argocd_url=url,
            application=application,
            project=said.known("argocd_project") or _PROJECT,
            values=git.values,
            guide=git.guide,
            kubeconfig=kubeconfig,
            context=said.known("kubernetes_context"),
            seen=seen,
            people=tuple(Member(p.id, p.name, p.email or f"{p.id}@localhost") for p in users),
            store=f"sqlite:///{self._config.resolve().parent / 'houston.sqlite'}",
            zone=said.take("zone", "The zone for times", tzlocal.get_localzone_name()),
        )

    async def _argocd(self) -> tuple[Deployed, str, str]:
        said = self._said
        url = _address(said.take("argocd_url", "Argo CD's address"))
        token = said.secret("argocd_token", "Argo CD's token")
        known = await deployed(url, token, said.known("argocd_project") or _PROJECT)
        self._say(f"· Argo CD has {', '.join(known.names)}")
        self._keep("argocd__token", token)
        question = "Which deploys Rocket.Chat"
        chosen = said.choose("argocd_application", question, known.names, known.likely)
        return known, url, chosen

    async def _cluster(self) -> tuple[str, Seen]:
        question = "The kubeconfig for its cluster, or nothing inside it"
        path = self._said.take("kubernetes_kubeconfig", question, "")
        kubeconfig = str(Path(path).resolve()) if path else ""
        seen = await cluster(kubeconfig, self._said.known("kubernetes_context"))
        self._say(f"· Rocket.Chat is {seen.release} in {seen.namespace}")
        self._say(f"· {len(seen.cron_jobs)} CronJobs in {', '.join(seen.namespaces)}")
        return kubeconfig, seen

    def _keep(self, name: str, value: str) -> None:
        """Write a secret for its owner only. Raises ConfigError when it cannot be written."""
        path = self._secrets / name
        try:
            self._secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
            if path.is_file() and path.read_text("utf-8") == value:
                return
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with os.fdopen(os.open(path, flags, 0o600), "w") as file:
                file.write(value)
        except OSError as error:
            raise ConfigError(
                f"{path} cannot be written: {error.strerror}", "Check --secrets"
            ) from None


def _login(interview: Interview) -> Login:
    if user_id := interview.known("admin_id"):
        token = interview.secret("token_of_admin", "The administrator's personal access token")
        return Login(user_id=user_id, token=token)
    password = interview.secret("secret_of_admin", "The administrator's password")
    return Login(interview.known("admin"), password)


async def _git(known: Deployed, application: str, interview: Interview) -> Repository:
    source = known.sources.get(application)
    url = _address(
        interview.take("git_url", "The repository's address", source.repository if source else None)
    )
    branch = source.target_revision if source else ""
    branch = interview.take("git_branch", "The branch it follows", branch or None)
    username = interview.take("git_username", "The account that pushes", "houston")
    password = interview.secret("git_password", "A token that may push")
    return await repository(url, branch, username, password)


async def _check(config: Path, secrets: Path, say: Say) -> int:
    settings = load(config, secrets)
    async with connect(settings) as ports:
        lines = await check(settings, ports, account)
        await ports.store.close()
    for line in shown(lines):
        say(line)
    good = all(line.ok for line in lines)
    if good:
        say(f"Next: houston run --config {config} --secrets {secrets}")
    return 0 if good else 1


def _earlier(config: Path) -> dict[str, str]:
    """What an earlier run wrote. Raises ConfigError."""
    content = read(config) if config.exists() else {}
    found: dict[str, str] = {}
    for key, (section, name) in _KEPT.items():
        value = (content.get(section) or {}).get(name)
        if value:
            found[key] = ",".join(value) if isinstance(value, list) else str(value)
    return found


def _files(secrets: Path) -> dict[str, str]:
    """Secrets that are there already, by the keys of answers."""
    return {
        name.replace("__", "_"): path.read_text("utf-8").strip()
        for name in _SECRETS
        if (path := secrets / name).is_file()
    }


def _address(url: str) -> str:
    """Raises ConfigError for what is no http(s) address."""
    try:
        return http(url)
    except ValueError as error:
        raise ConfigError(f"this address: {error}") from None
