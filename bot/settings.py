"""Every setting, typed: one YAML file, then `HOUSTON_…` in the environment, then secret files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.errors import ConfigError
from bot.policy import PolicyData, Section, ZoneName


def _http(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"{url!r} is no http(s) address; write it like https://chat.example.org")
    if parts.username or parts.password:
        raise ValueError("credentials do not belong into an address; use the keys made for them")
    return url.rstrip("/")


class ChatSection(Section):
    """The Rocket.Chat server and Houston's account on it."""

    url: str
    """The server's address, `https://chat.example.org`, with its path when it has one."""
    user_id: str = Field(min_length=1)
    """Houston's own user `_id`."""
    username: str = "houston"
    """Houston's own username: a mention of it takes the place of the prefix."""
    token: SecretStr
    """A personal access token of Houston's account, made with two-factor ignored."""
    rooms: tuple[str, ...] = Field(min_length=1)
    """Names of the rooms in which commands are taken."""
    prefix: str = "!"
    """What a command begins with."""
    stale_after: timedelta = timedelta(minutes=2)
    """A command found later than this is asked about, not run."""
    edit_every: timedelta = timedelta(seconds=2)
    """A card is edited at most once in this time: faster edits are not shown by clients."""

    _url = field_validator("url")(_http)


class StoreSection(Section):
    """Where Houston remembers."""

    url: str = "sqlite:///houston.sqlite"
    """`sqlite:///path` for one process, `postgresql://…` for several."""

    @field_validator("url")
    @classmethod
    def _known(cls, url: str) -> str:
        if url.split(":", 1)[0].split("+", 1)[0] not in {"sqlite", "postgresql"}:
            raise ValueError("use sqlite:///path or postgresql://user@host/name")
        return url


class GitSection(Section):
    """The repository that Argo CD deploys from."""

    url: str
    """Smart HTTP address of the remote."""
    branch: str
    """The branch to push to; it must be the one the Argo CD application follows."""
    username: str = ""
    password: SecretStr = SecretStr("")
    """A token that may push to this branch."""
    committer_name: str = "Houston"
    committer_email: str = "houston@localhost"
    timeout: timedelta = timedelta(seconds=30)

    _url = field_validator("url")(_http)


class ArgoSection(Section):
    """The Argo CD server."""

    url: str
    token: SecretStr
    """Of an account with the capability apiKey, or of a project role."""
    project: str = "default"
    application: str = "aks-rocketchat-helm"
    """The application that deploys Rocket.Chat."""

    _url = field_validator("url")(_http)


class KubernetesSection(Section):
    """The cluster Rocket.Chat runs on."""

    kubeconfig: Path | None = None
    """A kubeconfig file; none: the configuration inside a pod."""
    context: str | None = None
    """The context in it; none: its current one."""


class RocketChatSection(Section):
    """The Rocket.Chat that is operated."""

    namespace: str = "rocketchat"
    release: str = "rocketchat"
    """The Helm release's name: Deployments are `<release>-rocketchat`, `<release>-account` …"""
    values: str = "values.yaml"
    """The values file in the repository."""
    microservice_images: str = "rocketchat/{service}-service"
    """Repository of each microservice's image; `{service}` is its name in kebab case."""


class RegistryEndpoint(Section):
    """Where and how an image registry is reached, when not simply at `https://<host>`."""

    url: str | None = None
    username: str = ""
    password: SecretStr = SecretStr("")


class ReleasesSection(Section):
    """Rocket.Chat's release information."""

    url: str = "https://releases.rocket.chat"

    _url = field_validator("url")(_http)


class LocalSection(Section):
    """The command line as a second door."""

    operator: str = ""
    """Name of the person in the roster that `houston exec` acts as without `--as`."""


class PaceSection(Section):
    """How often Houston looks. Defaults suit production; tests and the demo go faster."""

    poll: timedelta = timedelta(seconds=3)
    """Between two looks at a rollout, a sync or an endpoint."""
    sweep: timedelta = timedelta(seconds=30)
    """Between two reads of a message that collects votes, beside the live stream."""
    resync: timedelta = timedelta(minutes=5)
    """Between two catch-ups on a healthy link."""
    engine: timedelta = timedelta(milliseconds=500)
    """Between two looks of the durable engine into its mailboxes."""


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix="HOUSTON_",
        env_nested_delimiter="__",
        secrets_nested_delimiter="__",
        secrets_dir_missing="ok",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    chat: ChatSection
    store: StoreSection = StoreSection()
    git: GitSection
    argocd: ArgoSection
    kubernetes: KubernetesSection = KubernetesSection()
    rocketchat: RocketChatSection = RocketChatSection()
    registries: dict[str, RegistryEndpoint] = Field(default_factory=dict)
    """Endpoints by registry host; a host that is not here is reached at `https://<host>`."""
    releases: ReleasesSection = ReleasesSection()
    policy: PolicyData = PolicyData()
    local: LocalSection = LocalSection()
    pace: PaceSection = PaceSection()
    zone: ZoneName = "UTC"
    """The zone times are shown in."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over secret files over the YAML file."""
        return env_settings, NestedSecretsSettingsSource(file_secret_settings), init_settings


def load(path: Path, secrets: Path | None = None) -> Settings:
    """Read the configuration file, the environment and the secret files.

    Args:
        path: the YAML file.
        secrets: a directory of files named like `chat__token`, as mounted from a Secret.

    Raises:
        ConfigError: with each wrong key, the reason and the fix.
    """
    content = _read(path)
    try:
        return Settings(_secrets_dir=secrets, **content)
    except ValidationError as error:
        found = [_finding(dict(problem)) for problem in error.errors(include_url=False)]
        raise ConfigError(
            f"{path}: " + "; ".join(found), "Mend these keys and start again"
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(
            f"{path} does not exist", "Name the file with --config; `houston lab` writes one"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "Check the file's rights") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path} is not YAML{where}", "Check the indentation there") from None
    if not isinstance(content, dict):
        raise ConfigError(
            f"{path} holds no settings", "It must have keys like chat, git and argocd"
        )
    return content


def _finding(problem: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in problem["loc"]) or "the file"
    kind = problem["type"]
    if kind == "missing":
        return f"{key} is missing: add it"
    if kind == "extra_forbidden":
        return f"{key}: there is no such key: remove it or correct its name"
    return f"{key}: {str(problem['msg']).removeprefix('Value error, ')}"
