"""The five steps by which secrets come from a Key Vault, each with its live state."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot import embedded
from bot.custody import Custody, Spot
from bot.errors import Refused
from bot.hosting import Hosting
from bot.links import Link, seen
from bot.podview import workload
from bot.ports.argocd import ArgoCD
from bot.ports.git import Git
from bot.ports.vault import Federation, Identities
from bot.secretsurvey import Survey, ailing, troubles

STEPS = (
    "Key Vault and identity",
    "values in the Key Vault",
    "federation of the identity",
    "names in git",
    "operator and secrets",
)


@dataclass(frozen=True)
class Bootstrap:
    """Everything the steps are looked at with."""

    survey: Survey
    identities: Identities
    argocd: ArgoCD
    hosting: Hosting

    @property
    def custody(self) -> Custody:
        return self.survey.custody

    @property
    def git(self) -> Git:
        return self.survey.git

    async def links(self) -> list[Link]:
        """Every step, in order."""
        looks = (
            self._provisioned(),
            self._filled(),
            self._trusted(),
            self._named(),
            self._synced(),
        )
        pairs = zip(STEPS, looks, strict=True)
        return await asyncio.gather(*(seen(name, look) for name, look in pairs))

    async def _provisioned(self) -> Link:
        kept, reader = await asyncio.gather(self.survey.vault.secrets(), self.identities.identity())
        text = f"{self.custody.vault} with {len(kept)} names, {reader.name} exists"
        return Link(STEPS[0], True, text)

    async def _filled(self) -> Link:
        kept = {secret.name: secret for secret in await self.survey.vault.secrets()}
        wanted = {r for e in await self.survey.entries() for _, r in e.external.remote}
        now = self.survey.clock.now()
        wrong = [text for name in sorted(wanted) if (text := ailing(name, kept.get(name), now))]
        if wrong:
            fix = "A person sets the value and applies Terraform; Houston never does"
            return Link(STEPS[1], False, "; ".join(wrong), fix)
        return Link(STEPS[1], True, f"all {len(wanted)} that are asked for are there and enabled")

    async def _trusted(self) -> Link:
        issuer, found = await asyncio.gather(
            self.identities.issuer(), self.identities.federations()
        )
        if not issuer:
            return Link(STEPS[2], False, "the cluster has no OIDC issuer", "Turn it on in AKS")
        reasons = {one.name: self._distrust(one, issuer) for one in found}
        if good := next((name for name, why in reasons.items() if not why), None):
            return Link(STEPS[2], True, f"{good} trusts this cluster's {self.custody.subject}")
        if any(one.subject is None for one in found):
            return Link(STEPS[2], None, "an expression names the subject; it cannot be judged")
        why = "; ".join(f"{name}: {text}" for name, text in reasons.items())
        fix = "A person creates it in the Cloud Shell"
        return Link(STEPS[2], False, why or "the identity trusts nobody", fix)

    def _distrust(self, found: Federation, issuer: str) -> str:
        """Why this credential does not let the operator in, empty when it does."""
        if found.subject != self.custody.subject:
            return f"its subject is {found.subject}, not {self.custody.subject}"
        if found.issuer != issuer:
            alike = found.issuer.rstrip("/").lower() == issuer.rstrip("/").lower()
            if alike:
                return "its issuer differs from the cluster's by a slash at the end, or in case"
            return "its issuer is another cluster's; this cluster was made anew"
        if self.custody.audience not in found.audiences:
            return f"its audience is not {self.custody.audience}"
        return ""

    async def _named(self) -> Link:
        wrong = [
            f"{item} is {written or 'empty'}, Azure says {wanted}"
            for item, written, wanted in await self.names()
            if written.rstrip("/") != wanted.rstrip("/")
        ]
        if wrong:
            item = wrong[0].split(" ", 1)[0]
            fix = "One line in git corrects it"
            return Link(STEPS[3], False, "; ".join(wrong), fix, f"!secrets correct {item}")
        return Link(STEPS[3], True, "client id, tenant and vault in git are Azure's")

    async def names(self) -> list[tuple[str, str, str]]:
        """Each name in git: what it is called, what stands there, what Azure has."""
        reader = await self.identities.identity()
        wanted = {
            "client-id": (self.custody.client, reader.client),
            "tenant-id": (self.custody.tenant, reader.tenant),
            "vault": (self.custody.address, self.custody.vault),
        }
        return [
            (item, await self._written(spot), value)
            for item, (spot, value) in wanted.items()
            if value
        ]

    async def _written(self, spot: Spot) -> str:
        content = (await self.git.read(spot.path)).content
        try:
            return embedded.read(content, spot.key, spot.inside, dict(spot.document) or None)
        except Refused as error:
            raise Refused(f"{spot.path}: {error.message}", error.hint) from None

    async def _synced(self) -> Link:
        for name in (self.custody.operator_application, self.custody.application):
            found = await self.argocd.application(name)
            if not found.well:
                text = f"{name} is {found.sync} and {found.health}"
                return Link(STEPS[4], False, text, "Sync it", f"!app {name}")
        if ill := await self._operator():
            return Link(STEPS[4], False, ill, "Its log says why", f"!logs {self.custody.operator}")
        entries, now = await self.survey.entries(), self.survey.clock.now()
        wrong = [text for e in entries for text in troubles(e, self.custody, now) if not e.old]
        if wrong:
            return Link(STEPS[4], False, "; ".join(wrong), "`!secrets` has the rest", "!secrets")
        return Link(STEPS[4], True, f"the operator is ready, {len(entries)} secrets are synced")

    async def _operator(self) -> str:
        """What is wrong with the operator's own pods, empty when they are ready."""
        name = self.custody.operator
        mine = [pod async for pod in self.survey.pods.pods(name) if workload(pod) == name]
        ready = sum(pod.ready for pod in mine)
        return "" if mine and ready == len(mine) else f"{ready} of {len(mine)} pods of it are ready"


def by_hand(step: str, bootstrap: Bootstrap) -> tuple[str, ...]:
    """The commands of a step that only a person may run; empty where there are none."""
    hosting, custody = bootstrap.hosting, bootstrap.custody
    if step == STEPS[0]:
        return (
            "cd terraform && terraform init",
            "terraform plan -out=tfplan",
            "terraform apply tfplan",
            "terraform output key_vault_uri eso_identity_client_id azure_tenant_id",
        )
    if step == STEPS[1]:
        return (
            "cd terraform && cp -n terraform.tfvars.example terraform.tfvars",
            "# fill in the values there; the file is never committed",
            "terraform plan -out=tfplan && terraform apply tfplan",
        )
    if step == STEPS[2]:
        return (
            f"ISSUER=$(az aks show -g {hosting.group} -n {hosting.cluster} "
            "--query oidcIssuerProfile.issuerUrl -o tsv)",
            "az identity federated-credential create --name eso-workload-identity \\",
            f'  --identity-name IDENTITY --resource-group {hosting.group} --issuer "$ISSUER" \\',
            f"  --subject {custody.subject} --audience {custody.audience}",
        )
    return ()
