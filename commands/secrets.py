"""`!secrets`, `!secrets refresh NAME`"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.cards import Card, Mark, duration, plain, table
from bot.clock import Clock
from bot.command import command, operation
from bot.errors import CheckFailed, Missing, Refused
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.secrets import ExternalSecret, Secrets
from bot.secretsurvey import Entry, Survey, said

_GUIDE = "GitOps-first Secrets"


@command(
    "secrets",
    guide=_GUIDE,
    manual=(
        "kubectl get clustersecretstore",
        "kubectl get externalsecret -A",
        "kubectl -n rocketchat get secret rocketchat-mongodb-external",
        "az keyvault secret list --vault-name NAME --query '[].name'",
    ),
    examples=("!secrets",),
)
async def secrets_(
    *,
    survey: Survey,
    clock: Clock,
) -> Card:
    """Show where each secret stands, from the Key Vault to the pods: names and ages, no values."""
    try:
        entries = await survey.entries()
    except Missing:
        raise Refused(
            "The External Secrets operator is not installed.", "Type `!secrets bootstrap`"
        ) from None
    found = await survey.findings(entries)
    rows = [_row(entry, clock.now()) for entry in entries]
    return Card(
        Mark.WARNING if found.wrong or found.unseen else Mark.OK,
        plain((*found.wrong, *found.unseen, _well(entries))[0]),
        (
            *(f"✘ {plain(text)}" for text in found.wrong[1:]),
            *(f"? {plain(text)}" for text in found.unseen[0 if found.wrong else 1 :]),
            *(plain(text) for text in found.notes),
        ),
        block=table([["SECRET", "SYNCED", "REFRESHED", "CHANGED", "OLD PODS"], *rows]),
        next=_next(entries, bool(found.wrong)),
    )


def _well(entries: list[Entry]) -> str:
    denied = any(entry.denied for entry in entries)
    return f"{len(entries)} secrets {'are synced' if denied else 'are well'}"


def _row(entry: Entry, now: datetime) -> list[str]:
    ready, refreshed = entry.external.ready, entry.external.refreshed
    return [
        entry.name,
        ready.reason if ready else "?",
        f"{duration(now - refreshed)} ago" if refreshed else "never",
        f"{duration(now - entry.secret.changed)} ago" if entry.secret else "?",
        str(len(entry.old)),
    ]


def _next(entries: list[Entry], wrong: bool) -> tuple[str, ...]:
    old = next((entry for entry in entries if entry.old), None)
    if old:
        return (f"!secrets propagate {old.name}",)
    return ("!secrets bootstrap",) if wrong else ("!secrets refresh NAME",)


@dataclass(frozen=True)
class Refresh:
    """Which ExternalSecret. When it was last refreshed moves by itself and is no part of it."""

    namespace: str
    name: str


@operation(
    "secrets refresh",
    guide=_GUIDE,
    manual=(
        "kubectl -n NAMESPACE annotate externalsecret NAME force-sync=$(date +%s) --overwrite",
    ),
    examples=("!secrets refresh rocketchat-mongodb-external",),
    unbound={
        Bound.COMMIT: "git is neither read nor changed",
        Bound.DIFF: "what changes are values, which nobody may see",
    },
)
async def refresh(
    name: str,
    *,
    survey: Survey,
) -> Plan[Refresh]:
    """Let the operator read a secret from the Key Vault again, and wait until it has."""
    entry = await survey.entry(name)
    external = entry.external
    return Plan(
        f"Read {entry.name} from the Key Vault again",
        facts=Refresh(external.namespace, external.name),
        target=f"externalsecret/{external.namespace}/{external.name}",
        tier=Tier.LOW,
        where=(f"ExternalSecret {external.name} in {external.namespace}",),
        findings=(
            Finding("values are read by the operator, Houston never sees them"),
            Finding("pods go on with what they have until !secrets propagate"),
        ),
        expected=timedelta(seconds=15),
        reach=Reach(namespaces=(external.namespace,), objects=(f"externalsecret/{external.name}",)),
        versions=_version(external),
    )


def _version(found: ExternalSecret) -> dict[str, str]:
    """What is read from where, and into what it is written."""
    thing = f"externalsecret/{found.name}"
    return {
        f"{thing} store": found.store,
        f"{thing} writes": found.target,
        f"{thing} keys": ", ".join(f"{key} from {remote}" for key, remote in found.remote),
    }


@refresh.actions
def refresh_actions(facts: Refresh, *, secrets: Secrets, clock: Clock) -> Actions:
    """Note the time once, so that a Houston that was killed asks for the same refresh again."""

    async def note(run: Run) -> str:
        del run
        last = (await _external(secrets, facts)).refreshed
        if last and clock.now().replace(microsecond=0) <= last:
            # The operator writes whole seconds: one refresh must differ from the other.
            await asyncio.sleep(1.0)
        return clock.now().replace(microsecond=0).isoformat()

    begun = Step("Note the time", note)

    async def ask(run: Run) -> str:
        await secrets.refresh(facts.namespace, facts.name, datetime.fromisoformat(run[begun]))
        return "asked"

    async def look(run: Run) -> Sight:
        found = await _external(secrets, facts)
        ready = found.ready
        if ready and ready.status != "True" and _since(ready.since, run[begun]):
            raise CheckFailed(f"External Secrets: {ready.reason}: {said(ready.message)}")
        done = _since(found.refreshed, run[begun])
        return Sight(done, f"refreshed {found.refreshed:%H:%M:%S %Z}" if found.refreshed else "")

    return [begun, Step("Ask for a refresh", ask), Check("refreshed", look, timedelta(minutes=3))]


def _since(at: datetime | None, begun: str) -> bool:
    return at is not None and at >= datetime.fromisoformat(begun)


async def _external(secrets: Secrets, facts: Refresh) -> ExternalSecret:
    for found in await secrets.external_secrets(facts.namespace):
        if found.name == facts.name:
            return found
    raise CheckFailed(f"The ExternalSecret {facts.name} is gone.")
