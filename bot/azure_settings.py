"""The settings of the cluster's Azure subscription."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from bot.hosting import Hosting
from bot.section import Section

Name = Annotated[str, Field(pattern=r"^[\w.()-]+$")]
Money = Annotated[float, Field(ge=0)]


class SignIn(StrEnum):
    WORKLOAD_IDENTITY = "workload_identity"
    CLIENT_SECRET = "client_secret"  # noqa: S105 - the name of a way to sign in
    CLI = "cli"


class AzureSection(Section):
    """The cluster that hosts the chat, in Azure. Without it the cluster commands refuse."""

    subscription: Name
    """The subscription's id."""
    resource_group: Name
    """The group of the managed cluster and of the Automation account."""
    cluster: Name
    """The managed cluster's name."""
    identity: SignIn = SignIn.WORKLOAD_IDENTITY
    """How Houston signs in; `cli` acts as whoever is signed in there."""
    tenant_id: str = ""
    """The directory's id; `workload_identity` also takes it from AZURE_TENANT_ID."""
    client_id: str = ""
    """The application's id; `workload_identity` also takes it from AZURE_CLIENT_ID."""
    client_secret: SecretStr = SecretStr("")
    """For `client_secret`."""
    token_file: Path | None = None
    """For `workload_identity`; none: AZURE_FEDERATED_TOKEN_FILE."""
    url: str = "https://management.azure.com"
    """Azure Resource Manager; other clouds have another."""
    authority: str = "https://login.microsoftonline.com"
    """The sign-in server; other clouds have another."""
    ca_file: Path | None = None
    """Certificates to trust in place of the usual ones, behind a proxy that opens TLS."""
    automation_account: str = Field("", pattern=r"^[\w.()-]*$")
    """The Automation account with the schedules; empty: there are none."""
    start_schedule: str = "start-aks-weekday-morning"
    """Name of the schedule that starts the cluster."""
    stop_schedule: str = "stop-aks-weekday-evening"
    """Name of the schedule that stops the cluster."""
    start_runbook: str = "Start-AKS-Cluster"
    """Name of the runbook that starts the cluster."""
    stop_runbook: str = "Stop-AKS-Cluster"
    """Name of the runbook that drains and stops the cluster; `!cluster stop` runs it."""
    change_schedules: bool = False
    """Whether `!cluster schedule start` may change Azure, or only says what to change."""
    hosts_chat: bool = True
    """Whether Rocket.Chat runs on this cluster, and so goes away with it."""
    budget: str = Field("", pattern=r"^[\w.()-]*$")
    """Name of the subscription's monthly budget; empty: none."""
    node_rate: Money = 0.0
    """What one node costs an hour, in the currency of the bill; 0: taken from the bill."""
    fixed_month: Money = 0.0
    """What disks, addresses and balancers cost a month, also while the cluster is off."""
    tfvars: str = "terraform/terraform.tfvars.example"
    """File in the repository whose times are compared with Azure's."""
    terraform: str = "terraform/automation.tf"
    """File in the repository that makes the schedules."""

    @field_validator("url", "authority")
    @classmethod
    def _secure(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
            raise ValueError("is no https address: write it like https://management.azure.com")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _complete(self) -> AzureSection:
        if self.identity is SignIn.CLIENT_SECRET and not all(
            (self.tenant_id, self.client_id, self.client_secret.get_secret_value())
        ):
            raise ValueError("client_secret needs tenant_id, client_id and client_secret")
        return self

    @property
    def hosting(self) -> Hosting:
        """What the commands may know of it."""
        return Hosting(
            group=self.resource_group,
            cluster=self.cluster,
            start_schedule=self.start_schedule,
            stop_schedule=self.stop_schedule,
            start_runbook=self.start_runbook,
            stop_runbook=self.stop_runbook,
            automated=bool(self.automation_account),
            hosts_chat=self.hosts_chat,
            change_schedules=self.change_schedules,
            node_rate=self.node_rate,
            fixed_month=self.fixed_month,
            tfvars=self.tfvars,
            terraform=self.terraform,
        )
