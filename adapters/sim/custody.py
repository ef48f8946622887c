"""The simulated Key Vault's outside and the identity that reads it: names, dates and trust."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from adapters.sim.power import SUBSCRIPTION, ArmRefusal

if TYPE_CHECKING:
    from adapters.sim.remote import Remote
    from adapters.sim.world import World

SUBJECT = "system:serviceaccount:external-secrets:external-secrets"
AUDIENCE = "api://AzureADTokenExchange"
VAULT = "https://kv-fernhill.vault.example"
_MADE = datetime(2026, 1, 5, 16, tzinfo=UTC)


def files(remote: Remote) -> dict[str, str]:
    """Where a repository names the operator's identity and its vault, by the setting for it."""
    found: dict[str, str] = {}
    for path in sorted(remote.paths(), reverse=True):
        if not path.endswith((".yaml", ".yml")):
            continue
        content = remote.read(path).replace(b"\r", b"")
        if b"azure.workload.identity/client-id" in content and b"chart: external-sec" in content:
            found["operator_file"] = path
        if b"\nkind: ClusterSecretStore\n" in content:
            found["store_file"] = path
    return found


@dataclass
class Custody:
    """State. The values themselves are the operator's, in `cluster.secrets`.

    `disabled` and `expires` are by the secret's name. `refusal` is why the vault gives nothing:
    `ForbiddenByRbac` or `ForbiddenByFirewall`, empty when it does. `gone` takes the identity away.
    """

    identity: str = "aks-fernhill-eso-identity"
    client: str = "5ad1e000-0000-4000-8000-0000000000e5"
    tenant: str = "00000000-0000-0000-0000-00000000f00d"
    issuer: str = "https://uksouth.oic.prod-aks.example/f00d/0001/"
    federations: list[dict[str, Any]] = field(default_factory=list)
    disabled: set[str] = field(default_factory=set)
    expires: dict[str, datetime] = field(default_factory=dict)
    refusal: str = ""
    gone: bool = False

    def __post_init__(self) -> None:
        self.federations = [
            _federation("fernhill-jenkins-fic", self.issuer, "system:serviceaccount:jenkins:ci"),
            _federation("aks-fernhill-eso-fic", self.issuer, SUBJECT),
        ]

    def bind(self, world: World) -> None:
        self._world = world

    @property
    def path(self) -> str:
        """Where Azure has the identity."""
        return (
            f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{self._world.power.group}"
            f"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{self.identity}"
        )

    def secrets(self) -> list[dict[str, Any]]:
        """The vault's list, without values. Raises ArmRefusal."""
        if self.refusal:
            raise ArmRefusal(403, self.refusal, "Caller is not authorized to perform action")
        return [self._secret(name) for name in sorted(self._world.cluster.secrets.vault)]

    def shown(self) -> dict[str, Any]:
        """The identity. Raises ArmRefusal."""
        self._there()
        properties = {"clientId": self.client, "tenantId": self.tenant, "principalId": "p"}
        return {"name": self.identity, "properties": properties}

    def trusted(self) -> list[dict[str, Any]]:
        """Its federated credentials. Raises ArmRefusal."""
        self._there()
        return self.federations

    def trust(self, **properties: Any) -> None:
        """Change the operator's federated credential."""
        self.federations[1]["properties"] |= properties

    def _there(self) -> None:
        if self.gone:
            raise ArmRefusal(404, "ResourceNotFound", f"{self.identity} was not found.")

    def _secret(self, name: str) -> dict[str, Any]:
        attributes: dict[str, Any] = {
            "enabled": name not in self.disabled,
            "created": int(_MADE.timestamp()),
            "updated": int(_MADE.timestamp()),
        }
        if name in self.expires:
            attributes["exp"] = int(self.expires[name].timestamp())
        return {"id": f"{VAULT}/secrets/{name}", "attributes": attributes}


def _federation(name: str, issuer: str, subject: str) -> dict[str, Any]:
    return {
        "name": name,
        "properties": {"issuer": issuer, "subject": subject, "audiences": [AUDIENCE]},
    }
