"""The Key Vault and its reader's identity over HTTPS. Only lists and metadata are asked for."""

from __future__ import annotations

from adapters.arm import Arm
from adapters.vault_read import each, read_federation, read_identity, read_issuer, read_secret
from bot.ports.vault import Federation, ReadingIdentity, VaultSecret

VAULT_SCOPE = "https://vault.azure.net/.default"
_VAULT = "7.5"
_IDENTITY = "2023-01-31"
_CLUSTER = "2024-05-01"


class KeyVault:
    """One vault.

    Args:
        arm: a client of the vault's own address, with `VAULT_SCOPE`.
    """

    def __init__(self, arm: Arm) -> None:
        self._arm = arm

    async def secrets(self) -> list[VaultSecret]:
        """See the port."""
        found = await self._arm.items("/secrets", _VAULT)
        return sorted(each(found, read_secret), key=lambda secret: secret.name)


class ArmIdentities:
    """The user-assigned identity and the cluster whose service account it trusts."""

    def __init__(
        self, arm: Arm, *, subscription: str, group: str, cluster: str, identity: str
    ) -> None:
        self._arm = arm
        base = f"/subscriptions/{subscription}/resourceGroups/{group}/providers"
        self._path = f"{base}/Microsoft.ManagedIdentity/userAssignedIdentities/{identity}"
        self._cluster = f"{base}/Microsoft.ContainerService/managedClusters/{cluster}"

    async def identity(self) -> ReadingIdentity:
        """See the port."""
        return each([(await self._arm.get(self._path, _IDENTITY)).body], read_identity)[0]

    async def federations(self) -> list[Federation]:
        """See the port."""
        path = f"{self._path}/federatedIdentityCredentials"
        found = await self._arm.items(path, _IDENTITY)
        return sorted(each(found, read_federation), key=lambda federation: federation.name)

    async def issuer(self) -> str:
        """See the port."""
        found = (await self._arm.get(self._cluster, _CLUSTER)).body
        return each([found], read_issuer)[0]
