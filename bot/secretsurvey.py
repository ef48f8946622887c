"""Where every secret stands, from the vault to the pods, and which pods run an old one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.arguments import choose
from bot.cards import duration
from bot.clock import Clock
from bot.custody import Custody
from bot.errors import AdapterError, Denied, Missing, Refused
from bot.oldsecrets import behind, uses
from bot.plaintext import search
from bot.ports.git import Git
from bot.ports.pods import Pod, Pods
from bot.ports.secrets import ExternalSecret, Secret, Secrets
from bot.ports.vault import Vault, VaultSecret
from bot.scope import Scope

_IDS = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_DENIED = "Houston has no right to the Secrets: their keys and who runs an old one are unknown"
_STALLED = 2
"""Intervals without a refresh after which an ExternalSecret is stalled."""
_SOON = timedelta(days=30)


@dataclass(frozen=True)
class Entry:
    """One ExternalSecret with the Secret it writes, None when there is none or it is not seen.

    `denied`: Houston has no right to the Secret, which is how it usually is. `old` are pods that
    still run what the Secret said before.
    """

    external: ExternalSecret
    secret: Secret | None
    unseen: str = ""
    denied: bool = False
    old: tuple[Pod, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.external.namespace}/{self.external.target}"


@dataclass(frozen=True)
class Findings:
    """What is wrong, what could not be seen, and what is only worth a note."""

    wrong: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Survey:
    """Reads all of it."""

    secrets: Secrets
    pods: Pods
    vault: Vault
    git: Git
    custody: Custody
    scope: Scope
    clock: Clock

    async def entries(self) -> list[Entry]:
        """Every ExternalSecret of the namespaces. Raises Missing without the operator."""
        found = await asyncio.gather(
            *(self.secrets.external_secrets(namespace) for namespace in self.scope.namespaces)
        )
        return await asyncio.gather(*(self._entry(es) for some in found for es in some))

    async def entry(self, name: str) -> Entry:
        """The one of that name, written `name` or `namespace/name`. Raises UsageError."""
        by_name = {entry.name: entry for entry in await self.entries()}
        full = [known for known in by_name if known.endswith(f"/{name}")]
        if len(full) > 1:
            raise Refused(f"There are {' and '.join(full)}.", "Name the namespace too")
        if full:
            return by_name[full[0]]
        short = {known.partition("/")[2]: known for known in by_name}
        chosen = choose(name, [*by_name, *short], "secret")
        return by_name[short.get(chosen, chosen)]

    async def _entry(self, external: ExternalSecret) -> Entry:
        try:
            secret = await self.secrets.secret(external.namespace, external.target)
        except Missing:
            return Entry(external, None)
        except AdapterError as error:
            return Entry(external, None, error.message, isinstance(error, Denied))
        return Entry(external, secret, old=tuple(await self._behind(secret)))

    async def _behind(self, secret: Secret) -> list[Pod]:
        return behind([pod async for pod in self.pods.pods(secret.namespace)], secret)

    async def findings(self, entries: Sequence[Entry]) -> Findings:
        """Everything, the way from the vault to the pods; what cannot be seen hides nothing."""
        parts = {
            "The ClusterSecretStore": self._stores(),
            "The Key Vault": self._vault(entries),
            "The ExternalSecrets": self._synced(entries),
            "Secrets made by hand": self._by_hand(entries),
            "The repository": self._in_git(),
        }
        found = await asyncio.gather(*(_part(name, part) for name, part in parts.items()))
        return Findings(
            tuple(text for part in found for text in part.wrong),
            tuple(text for part in found for text in part.unseen),
            tuple(text for part in found for text in part.notes),
        )

    async def _stores(self) -> Findings:
        stores = {store.name: store for store in await self.secrets.stores()}
        store = stores.get(self.custody.store)
        if store is None:
            return Findings((f"there is no ClusterSecretStore {self.custody.store}",))
        if store.ready is None or store.ready.status != "True":
            why = f"{store.ready.reason}: {said(store.ready.message)}" if store.ready else "no word"
            return Findings((f"ClusterSecretStore {store.name} is not ready: {why}",))
        if self.custody.vault and store.vault.rstrip("/") != self.custody.vault:
            return Findings((f"{store.name} reads {store.vault}, not {self.custody.vault}",))
        return Findings()

    async def _vault(self, entries: Sequence[Entry]) -> Findings:
        if not self.custody.vault:
            return Findings(notes=("the Key Vault is not looked at: set secrets.vault",))
        kept, now = await self.values(entries), self.clock.now()
        wrong = tuple(text for name, value in kept.items() if (text := ailing(name, value, now)))
        soon = tuple(
            f"{name} in the Key Vault expires in {duration(value.expires - now)}"
            for name, value in kept.items()
            if value and value.expires and _close(value.expires, now)
        )
        return Findings(wrong, notes=soon)

    async def values(self, entries: Sequence[Entry]) -> dict[str, VaultSecret | None]:
        """What the Key Vault says of every value these are made of, by its name; None: not there.

        Raises AdapterError.
        """
        kept = {secret.name: secret for secret in await self.vault.secrets()}
        wanted = sorted({remote for entry in entries for _, remote in entry.external.remote})
        return {name: kept.get(name) for name in wanted}

    async def _synced(self, entries: Sequence[Entry]) -> Findings:
        now = self.clock.now()
        wrong = [text for entry in entries for text in troubles(entry, self.custody, now)]
        unseen = tuple(
            f"{e.name} could not be looked at: {e.unseen}"
            for e in entries
            if e.unseen and not e.denied
        )
        there = {entry.name for entry in entries}
        wrong += [
            f"{name} has no ExternalSecret" for name in self.custody.required if name not in there
        ]
        notes = [text for entry in entries for text in missing(entry, self.custody, noted=True)]
        if any(entry.denied for entry in entries):
            notes.append(_DENIED)
        return Findings(tuple(wrong), unseen, tuple(notes))

    async def _by_hand(self, entries: Sequence[Entry]) -> Findings:
        """Secrets that pods use and that nothing renews."""
        known = {entry.name for entry in entries}
        wrong = []
        for namespace in self.scope.namespaces:
            pods = [pod async for pod in self.pods.pods(namespace)]
            used = {ref.name for pod in pods for ref in pod.references if ref.kind == "Secret"}
            for name in sorted(used - {*self.custody.otherwise}):
                if f"{namespace}/{name}" in known:
                    continue
                try:
                    secret = await self.secrets.secret(namespace, name)
                except Missing:
                    users = sum(uses(pod, name) for pod in pods)
                    wrong.append(f"{namespace}/{name} is missing, and {users} pods ask for it")
                except Denied:
                    continue  # what cannot be judged for lack of the right is noted once
                else:
                    if secret.owner is None:
                        wrong.append(f"{namespace}/{name} was made by hand: bootstrap-only")
        return Findings(tuple(wrong))

    async def _in_git(self) -> Findings:
        found = await asyncio.gather(*(self.git.files(place) for place in self.custody.searched))
        places = search([file for some in found for file in some], self.custody.placeholders)
        return Findings(tuple(str(place) for place in places))


def ailing(name: str, secret: VaultSecret | None, now: datetime) -> str:
    """Why the vault cannot give this, empty when it can."""
    if secret is None:
        return f"{name} is not in the Key Vault"
    if not secret.enabled:
        return f"{name} is disabled in the Key Vault"
    if secret.expires and secret.expires <= now:
        return f"{name} in the Key Vault expired {duration(now - secret.expires)} ago"
    return ""


def troubles(entry: Entry, custody: Custody, now: datetime) -> list[str]:
    """What is wrong with one ExternalSecret, its Secret and its pods."""
    external, found = entry.external, []
    ready = external.ready
    if ready is None or ready.status != "True":
        why = f"{ready.reason}: {said(ready.message)}" if ready else "the operator says nothing"
        found.append(f"{entry.name} is not synced: {why}")
    elif stale := stalled(external, now):
        found.append(f"{entry.name} {stale}")
    if entry.secret is None and not entry.unseen:
        found.append(f"{entry.name}: there is no such Secret")
    found += missing(entry, custody, noted=False)
    for pod in entry.old:
        found.append(f"{pod.name} still runs what {entry.name} said before its last change")
    return found


def stalled(external: ExternalSecret, now: datetime) -> str:
    """How long it has not been refreshed, when that is too long."""
    if external.interval is None or external.refreshed is None:
        return ""
    age = now - external.refreshed
    if age <= external.interval * _STALLED:
        return ""
    return (
        f"was not refreshed for {duration(age)}, it should be every {duration(external.interval)}"
    )


def missing(entry: Entry, custody: Custody, *, noted: bool) -> list[str]:
    """Keys the Secret must have and has not; those that are only noted, or the others."""
    if entry.secret is None or entry.secret.keys is None:
        return []
    wanted = {*custody.required.get(entry.name, ()), *(key for key, _ in entry.external.remote)}
    absent = sorted(wanted - entry.secret.keys)
    return [f"{entry.name} has no key {k}" for k in absent if (k in custody.advisory) == noted]


def said(message: str) -> str:
    """What the operator says, without ids of tenants and applications, and cut."""
    return _IDS.sub("…", message).split("\n", 1)[0][:160]


def _close(expires: datetime, now: datetime) -> bool:
    return now < expires <= now + _SOON


async def _part(name: str, looking: Awaitable[Findings]) -> Findings:
    try:
        return await looking
    except (AdapterError, Refused) as error:
        return Findings(unseen=(f"{name} could not be looked at: {error.message}",))
