"""The settings of where secrets come from."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bot.custody import Custody, Spot
from bot.section import Section

_REQUIRED = {
    "rocketchat/rocketchat-mongodb-external": ("mongo-uri", "mongo-oplog-uri"),
    "rocketchat/mongodb-admin-password": ("password",),
    "rocketchat/mongodb-rocketchat-password": ("password",),
    "rocketchat/metrics-endpoint-password": ("password",),
    "monitoring/observability-credentials": ("username", "password"),
}
_ANNOTATION = "azure.workload.identity/client-id"


class SecretsSection(Section):
    """Where secrets come from: External Secrets and a Key Vault. Houston never asks for a value."""

    vault: str = ""
    """The Key Vault's address, `https://NAME.vault.azure.net`; empty: it is not looked at."""
    vault_endpoint: str = ""
    """Where Houston reaches the vault, when not at its own address."""
    identity: str = Field("", pattern=r"^[\w.()-]*$")
    """The managed identity that reads the vault; empty: it is not looked at."""
    store: str = "azure-keyvault"
    """The ClusterSecretStore."""
    subject: str = "system:serviceaccount:external-secrets:external-secrets"
    """The service account the identity must trust."""
    audience: str = "api://AzureADTokenExchange"
    """The audience of its tokens."""
    required: dict[str, tuple[str, ...]] = Field(default_factory=lambda: dict(_REQUIRED))
    """Keys that must be in each Secret, by `namespace/name`."""
    advisory: tuple[str, ...] = ("mongo-oplog-uri",)
    """Required keys whose absence is only noted: Rocket.Chat's chart does not read them."""
    otherwise: tuple[str, ...] = ("rocketchat-rocketchat", "rocketchat-nats-connection")
    """Secrets that are not the operator's and should not be: Helm's, or made from git."""
    operator: str = "external-secrets"
    """Namespace and name of the operator's Deployment."""
    operator_application: str = "aks-rocketchat-external-secrets"
    """The Argo CD application that installs the operator."""
    application: str = "aks-rocketchat-secrets"
    """The Argo CD application that deploys the store and the ExternalSecrets."""
    parent_application: str = "app-of-apps"
    """The Argo CD application that deploys the applications."""
    operator_file: str = "GrafanaLocal/argocd/applications/aks-rocketchat-external-secrets.yaml"
    """File in the repository with the operator's application and the identity's client id."""
    store_file: str = "ops/secrets/clustersecretstore-azure-keyvault.yaml"
    """File in the repository with the ClusterSecretStore."""
    searched: tuple[str, ...] = ("ops", "GrafanaLocal", "values.yaml")
    """Files and folders searched for placeholders and credentials in plain text."""
    placeholders: tuple[str, ...] = ("REPLACE_WITH_", "CHANGE_ME")
    """What a value that nobody has filled in begins with."""

    @field_validator("vault", "vault_endpoint")
    @classmethod
    def _secure(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme != "https" or not parts.hostname or "@" in parts.netloc):
            raise ValueError("is no https address: write it like https://NAME.vault.azure.net")
        return url.rstrip("/")

    @property
    def custody(self) -> Custody:
        """What the commands may know of it."""
        store = ("spec", "provider", "azurekv")
        document = ((("kind",), "ClusterSecretStore"),)
        return Custody(
            vault=self.vault,
            store=self.store,
            subject=self.subject,
            audience=self.audience,
            required=self.required,
            advisory=self.advisory,
            otherwise=self.otherwise,
            operator=self.operator,
            operator_application=self.operator_application,
            application=self.application,
            client=Spot(
                self.operator_file,
                ("spec", "source", "helm", "values"),
                self.parent_application,
                ((("kind",), "Application"),),
                ("serviceAccount", "annotations", _ANNOTATION),
            ),
            tenant=Spot(self.store_file, (*store, "tenantId"), self.application, document),
            address=Spot(self.store_file, (*store, "vaultUrl"), self.application, document),
            searched=self.searched,
            placeholders=self.placeholders,
        )
