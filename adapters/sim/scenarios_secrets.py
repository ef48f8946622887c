"""Worlds in which secrets do not arrive: one for each thing that can be wrong on their way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from adapters.sim.custody import files
from adapters.sim.remote import Remote
from adapters.sim.secretsync import secret
from adapters.sim.seed import seed
from adapters.sim.seed.shapes import SINCE
from adapters.sim.world import World
from adapters.sim.worlds import Scenario, healthy
from bot import embedded
from bot.clock import Clock

NAME = "rocketchat-mongodb-external"
URI = f"{NAME}-mongo-uri"
STORE = "ops/secrets/clustersecretstore.yaml"
OPERATOR = "argocd/applications/external-secrets.yaml"
_OTHER = "00000000-0000-0000-0000-0000000000ff"


def _with(name: str, about: str, wrong: Callable[[World], None]) -> Scenario:
    """A healthy world in which one thing is wrong."""

    def make(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
        made = healthy(clock, remote=remote, speed=speed)
        wrong(made)
        return made

    make.__name__, make.__doc__ = name, about
    return make


def _in_git(name: str, about: str, which: str, change: Callable[[bytes], bytes]) -> Scenario:
    """A healthy world whose repository has this file, or the one of this setting, changed."""

    def make(clock: Clock, *, remote: Remote | None = None, speed: float = 1.0) -> World:
        found = remote or Remote.in_memory(*seed())
        path = files(found).get(which, which)
        found.push(path, change(found.read(path)), about)
        return healthy(clock, remote=found, speed=speed)

    make.__name__, make.__doc__ = name, about
    return make


def _external(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.cluster.objects.get(
        "externalsecrets", world.cluster.namespace, NAME
    )
    return found


def _is_gone_from_the_vault(world: World) -> None:
    del world.cluster.secrets.vault[URI]
    world.cluster.secrets.sync(_external(world))


def _is_stalled(world: World) -> None:
    found = _external(world)
    at = world.clock.now() - timedelta(hours=5)
    found["status"]["refreshTime"] = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    world.cluster.objects.put(found)


def _lacks_a_key(world: World) -> None:
    found = world.cluster.objects.get("secrets", world.cluster.namespace, NAME)
    del found["metadata"]["managedFields"][0]["fieldsV1"]["f:data"]["f:mongo-uri"]
    world.cluster.objects.put(found)


def _has_changed(world: World) -> None:
    world.cluster.secrets.vault[URI] = "another value"
    world.cluster.secrets.sync(_external(world))


def _is_disabled(world: World) -> None:
    world.custody.disabled = {URI}


def _has_expired(world: World) -> None:
    world.custody.expires = {URI: world.clock.now() - timedelta(days=2)}


def _store_is_not_ready(world: World) -> None:
    found = world.cluster.objects.get("clustersecretstores", "", "azure-keyvault")
    found["status"]["conditions"][0] |= {
        "status": "False",
        "reason": "InvalidProviderConfig",
        "message": f"AADSTS700213: no federated credential in tenant {_OTHER}",
    }
    world.cluster.objects.put(found)


def _made_by_hand(world: World) -> None:
    objects, namespace = world.cluster.objects, world.cluster.namespace
    objects.put(secret(namespace, "smtp-password", {"password": "value"}, SINCE, "kubectl"))
    pod = next(
        pod
        for pod in objects.select("pods", namespace)
        if pod["metadata"]["name"].startswith("rocketchat-nats-box")
    )
    reference = {"secretKeyRef": {"name": "smtp-password", "key": "password"}}
    pod["spec"]["containers"][0]["env"] = [{"name": "PASSWORD", "valueFrom": reference}]
    objects.put(pod)


def _vault_is_closed(world: World) -> None:
    world.custody.refusal = "ForbiddenByRbac"


def _identity_is_gone(world: World) -> None:
    world.custody.gone = True


def _cluster_is_new(world: World) -> None:
    world.custody.issuer = "https://uksouth.oic.prod-aks.example/f00d/0002/"


def _slash_is_missing(world: World) -> None:
    world.custody.trust(issuer=world.custody.issuer.rstrip("/"))


def _operator_is_not_ready(world: World) -> None:
    pod = next(
        pod
        for pod in world.cluster.objects.select("pods", "external-secrets")
        if "webhook" not in pod["metadata"]["name"]
    )
    pod["status"]["containerStatuses"][0]["ready"] = False
    pod["status"]["conditions"][1]["status"] = "False"
    world.cluster.objects.put(pod)


def _other_client(content: bytes) -> bytes:
    return embedded.replace(
        content,
        ("spec", "source", "helm", "values"),
        _OTHER,
        ("serviceAccount", "annotations", "azure.workload.identity/client-id"),
    )


def _unfilled(content: bytes) -> bytes:
    key = ("spec", "provider", "azurekv", "tenantId")
    return embedded.replace(content, key, "REPLACE_WITH_TENANT_ID")


def _in_plain_text(content: bytes) -> bytes:
    return content.replace(b"  port: 587", b"  port: 587\r\n  password: hunter2hunter2")


SECRETS_SCENARIOS: tuple[Scenario, ...] = (
    _with("secret_not_in_vault", "A value is gone from the Key Vault.", _is_gone_from_the_vault),
    _with("secret_stalled", "A secret has not been refreshed for hours.", _is_stalled),
    _with("secret_lacks_key", "A Secret lacks a key that Rocket.Chat needs.", _lacks_a_key),
    _with("secret_changed", "A value has changed; the pods run the old one.", _has_changed),
    _with("vault_secret_disabled", "A value is disabled in the Key Vault.", _is_disabled),
    _with("vault_secret_expired", "A value in the Key Vault has expired.", _has_expired),
    _with("secret_store_broken", "The operator cannot sign in.", _store_is_not_ready),
    _with("secret_by_hand", "A pod uses a Secret made by hand.", _made_by_hand),
    _in_git("placeholder_in_git", "Nobody has filled in the tenant.", "store_file", _unfilled),
    _in_git("credential_in_git", "A password stands in the values.", "values.yaml", _in_plain_text),
    _with("vault_closed", "Houston may not list the Key Vault.", _vault_is_closed),
    _with("vault_reader_gone", "The identity that reads the vault is gone.", _identity_is_gone),
    _with("cluster_made_anew", "The cluster has another issuer than before.", _cluster_is_new),
    _with("issuer_without_slash", "The trusted issuer lacks its slash.", _slash_is_missing),
    _in_git("client_id_wrong", "Git names another identity.", "operator_file", _other_client),
    _with("secrets_operator_down", "The operator's pod is not ready.", _operator_is_not_ready),
)
