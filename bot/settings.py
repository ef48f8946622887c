"""Every setting, typed: one YAML file, then `HOUSTON_…` in the environment, then secret files."""

from __future__ import annotations

import re
from datetime import timedelta
from os import environ  # noqa: TID251 - this is that place
from pathlib import Path

from pydantic import Field, PrivateAttr, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from bot.azure_settings import AzureSection
from bot.configfile import finding, read
from bot.errors import ConfigError
from bot.grafana_settings import GrafanaSection, TracingSection
from bot.metrics_settings import MetricsSection
from bot.operators import DoorSection
from bot.policyfile import take_in
from bot.report_settings import ReportsSection
from bot.retention import RetentionSection
from bot.rota import CalendarSection
from bot.rules import PolicyData
from bot.schedule import ScheduleSection
from bot.secrets_settings import SecretsSection
from bot.section import Section, ZoneName
from bot.sections import (
    AnnounceSection,
    ConsoleSection,
    Duration,
    GuideSection,
    HealthSection,
    KubernetesSection,
    MaintenanceSection,
    MongoDBSection,
    RocketChatSection,
    Secret,
    TelemetrySection,
    http,
)
from bot.stepup import StepUpSection
from bot.trail import AuditSection
from bot.upstream_settings import ChartsEndpoint, RegistryEndpoint, ReleasesSection


class ChatSection(Section):
    """The Rocket.Chat server and Houston's account on it."""

    url: str
    """The server's address, `https://chat.example.org`, with its path when it has one."""
    user_id: str = Field(min_length=1)
    """Houston's own user `_id`."""
    username: str = "houston"
    """Houston's own username: a mention of it takes the place of the prefix."""
    token: Secret
    """A personal access token of Houston's account, made with two-factor ignored."""
    rooms: tuple[str, ...] = Field(min_length=1)
    """Names of the rooms in which commands are taken."""
    prefix: str = Field("!", pattern=r"^[^\w\s@`]{1,3}$")
    """What a command begins with."""
    stale_after: Duration = timedelta(minutes=2)
    """A command found later than this is asked about, not run."""
    edit_every: Duration = timedelta(seconds=2)
    """A card is edited at most once in this time: faster edits are not shown by clients."""

    per_person: int = Field(30, ge=1)
    """How many commands of one person are answered in a minute."""
    per_room: int = Field(120, ge=1)
    """How many commands in one room are answered in a minute."""

    _url = field_validator("url")(http)

    @field_validator("rooms")
    @classmethod
    def _names(cls, rooms: tuple[str, ...]) -> tuple[str, ...]:
        if any(not room.strip() or room.startswith("#") for room in rooms):
            raise ValueError("a room's name is not empty and has no # in front: write just ops")
        return rooms


class StoreSection(Section):
    """Where Houston remembers."""

    url: str = "sqlite:///houston.sqlite"
    """`sqlite:///path` for one process, `postgresql://…` for several."""
    lease: Duration = timedelta(seconds=10)
    """For how long a replica that hangs or is cut off keeps the lead, on PostgreSQL."""

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
    branch: str = Field(min_length=1)
    """The branch to push to; it must be the one the Argo CD application follows."""
    username: str = ""
    """The account's name; some hosts take any."""
    password: SecretStr = SecretStr("")
    """A token that may push to this branch."""
    committer_name: str = "Houston"
    """Committer of every commit; its author is who asked for it."""
    committer_email: str = "houston@localhost"
    """The committer's address."""
    timeout: Duration = timedelta(seconds=30)
    """How long one answer of the remote may take."""

    _url = field_validator("url")(http)


class ArgoSection(Section):
    """The Argo CD server."""

    url: str
    """The server's address, `https://argocd.example.org`."""
    token: Secret
    """Of an account with the capability apiKey, or of a project role."""
    project: str = "default"
    """The project of the application."""
    application: str = "aks-rocketchat-helm"
    """The application that deploys Rocket.Chat."""

    _url = field_validator("url")(http)


class PaceSection(Section):
    """How often Houston looks. Defaults suit production; tests and the demo go faster."""

    poll: Duration = timedelta(seconds=3)
    """Between two looks at a rollout, a sync or an endpoint."""
    sweep: Duration = timedelta(seconds=30)
    """Between two reads of a message that collects votes, beside the live stream."""
    probe: Duration = timedelta(seconds=30)
    """A room of which the live stream says nothing for this long is read; longer for over 15."""
    resync: Duration = timedelta(minutes=5)
    """Between two reads of a room of which the live stream does say something."""
    look: Duration = timedelta(seconds=20)
    """The longest pause between two looks at what is due: schedules, temporary states, queued
    commands, posts on their way."""
    engine: Duration = timedelta(milliseconds=500)
    """Between two looks of the durable engine into its mailboxes."""


class Settings(BaseSettings):
    """The whole configuration."""

    model_config = SettingsConfigDict(
        env_prefix="HOUSTON_",
        env_nested_delimiter="__",
        secrets_prefix="",
        secrets_nested_delimiter="__",
        secrets_dir_missing="ok",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    chat: ChatSection
    store: StoreSection = StoreSection()
    git: GitSection
    argocd: ArgoSection
    kubernetes: KubernetesSection = KubernetesSection()
    mongodb: MongoDBSection = MongoDBSection()
    maintenance: MaintenanceSection = MaintenanceSection()
    rocketchat: RocketChatSection = RocketChatSection()
    guide: GuideSection = GuideSection()
    registries: dict[str, RegistryEndpoint] = Field(default_factory=dict)
    """Endpoints by registry host; a host that is not here is reached at `https://<host>`."""
    charts: dict[str, ChartsEndpoint] = Field(default_factory=dict)
    """Endpoints by the host of a repository of Helm charts; a host that is not here is reached at
    the address that Argo CD has."""
    releases: ReleasesSection = ReleasesSection()
    azure: AzureSection | None = None
    metrics: MetricsSection | None = None
    grafana: GrafanaSection | None = None
    tracing: TracingSection = TracingSection()
    secrets: SecretsSection = SecretsSection()
    policy: PolicyData = PolicyData()
    policy_file: Path | None = None
    """A file that holds the rules instead, so that git reviews them; relative to this one."""
    calendars: tuple[CalendarSection, ...] = ()
    """Rotas of PagerDuty, Opsgenie, Grafana and others that say who is on call."""
    schedules: tuple[ScheduleSection, ...] = ()
    """What Houston does by itself, beside what is added in chat."""
    reports: ReportsSection = ReportsSection()
    retention: RetentionSection = RetentionSection()
    door: DoorSection = DoorSection()
    announce: AnnounceSection = AnnounceSection()
    telemetry: TelemetrySection | None = None
    """Traces of operations by OpenTelemetry; nothing is recorded without it."""
    health: HealthSection | None = None
    console: ConsoleSection | None = None
    audit: AuditSection = AuditSection()
    step_up: StepUpSection = StepUpSection()
    pace: PaceSection = PaceSection()
    zone: ZoneName = "UTC"
    """The zone times are shown in."""
    _read_from: tuple[Path, Path | None] | None = PrivateAttr(None)

    def on_disk(self) -> Settings:
        """What a restart would read now; the same where it was read from no file.

        Raises ConfigError.
        """
        return load(*self._read_from) if self._read_from else self

    def files(self) -> tuple[Path, ...]:
        """The files it was read from, with the folders of secrets; none where from no file."""
        if self._read_from is None:
            return ()
        path, secrets = self._read_from
        mounted = (secrets, *sorted(secrets.rglob("*"))) if secrets else ()
        return (path, *((self.policy_file,) if self.policy_file else ()), *mounted)

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
    content = read(path)
    found = [f"{name}: no section has that name: correct or unset it" for name in _strays()]
    unknown = sorted(str(key) for key in content if key not in Settings.model_fields)
    found += [f"{key}: there is no such key: remove it or correct its name" for key in unknown]
    if secrets is not None and not secrets.is_dir():
        found.append(f"--secrets: {secrets} is no directory: name the one that is mounted")
    known = {key: value for key, value in content.items() if key not in unknown}
    found += take_in(known, path)
    try:
        settings = Settings(_secrets_dir=secrets, **known)
    except ValidationError as error:
        found += [finding(dict(problem)) for problem in error.errors(include_url=False)]
    except SettingsError as error:
        section = re.search(r'field "(\w+)"', str(error))  # nothing else: a value may follow
        name = f"HOUSTON_{section[1].upper()}" if section else "HOUSTON_"
        found.append(f"{name}…: a list or a mapping there is no JSON: correct or unset it")
    else:
        if not found:
            settings._read_from = path, secrets  # noqa: SLF001  # its own maker
            return settings
    raise ConfigError(f"{path}: " + "; ".join(found), "Mend these keys and start again")


def given_token() -> str:
    """The operator's token that the environment holds for `houston exec`; empty when none."""
    return environ.get("HOUSTON_TOKEN", "")


def _strays() -> list[str]:
    """Variables that look like a setting and belong to no section: misspelled, most likely.

    Others that begin so are left alone: Kubernetes makes `HOUSTON_PORT` for a service `houston`.
    """
    return sorted(
        name
        for name in environ
        if name.upper().startswith("HOUSTON_")
        and "__" in name
        and name[8:].split("__", 1)[0].lower() not in Settings.model_fields
    )
