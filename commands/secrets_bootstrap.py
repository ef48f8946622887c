"""`!secrets bootstrap`, `!secrets correct ITEM`"""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from bot import versions
from bot.cards import Card
from bot.command import command, operation
from bot.custody import Custody, Spot
from bot.gitops import changed, commit, deployed, healthy, settled, sync
from bot.links import card, first_broken
from bot.plan import Actions, Finding, Plan, Reach, Tier
from bot.ports.argocd import ArgoCD
from bot.ports.git import Edit, Git
from bot.secretchain import Bootstrap, by_hand
from bot.target import Target

_GUIDE = "One-time bootstrap"


@command(
    "secrets bootstrap",
    guide=_GUIDE,
    manual=(
        "terraform plan -out=tfplan && terraform apply tfplan",
        "az identity federated-credential create …",
        "argocd app sync aks-rocketchat-external-secrets",
        "argocd app sync aks-rocketchat-secrets",
    ),
    examples=("!secrets bootstrap",),
)
async def bootstrap(
    *,
    made: Bootstrap,
) -> Card:
    """Walk through the five steps from the Key Vault to the pods, and see how far they are."""
    links = await made.links()
    shown = card("Secrets come from the Key Vault, all five steps hold", links)
    worst = first_broken(links)
    lines = by_hand(worst.name, made) if worst else ()
    return replace(shown, block="\n".join(lines), next=shown.next or ("!secrets",))


class Item(StrEnum):
    """What git must name as Azure does."""

    CLIENT_ID = "client-id"
    TENANT_ID = "tenant-id"
    VAULT = "vault"


@operation(
    "secrets correct",
    guide=_GUIDE,
    manual=(
        "edit the operator's application or the ClusterSecretStore",
        "git commit -a && git push",
    ),
    examples=("!secrets correct client-id",),
)
async def correct(
    item: Item,
    *,
    made: Bootstrap,
    git: Git,
    argocd: ArgoCD,
    custody: Custody,
    target: Target,
) -> Plan[Edit]:
    """Show the line that git needs to say what Azure says: the client id, the tenant, the vault.

    It decides where every secret comes from, so it is critical: reviewed in git, or written by
    Houston only where policy names that tier.
    """
    names = await made.names()
    value = next(wanted for name, _, wanted in names if name == item)
    spot = _spot(custody, item)
    edit = await git.edit(spot.path, spot.key, value, document=spot.document, inside=spot.inside)
    edit = changed(edit, f"{item} in {spot.path}")
    home = replace(target, application=spot.application)
    return Plan(
        f"Correct {item} to what Azure says",
        facts=edit,
        target=home.application,
        # Whoever names another vault or identity decides what every secret is: git reviews that.
        tier=Tier.CRITICAL,
        reach=Reach(objects=(f"application/{home.application}", f"file/{edit.path}")),
        diff=edit.diff,
        where=(f"{edit.path} on {git.branch} at {edit.base[:7]}", home.application),
        findings=(
            Finding(f"Azure says {value}; git says {edit.before}"),
            *await settled(argocd, git, home),
        ),
        expected=timedelta(minutes=1),
        versions=await versions.application(argocd, home.application),
    )


@correct.actions
def actions(edit: Edit, *, git: Git, argocd: ArgoCD, custody: Custody, target: Target) -> Actions:
    """Commit, and let Argo CD deploy it."""
    item = next(
        one for one in Item if (s := _spot(custody, one)).path == edit.path and s.key == edit.key
    )
    home = replace(target, application=_spot(custody, item).application)
    pushed = commit(git, edit, f"chore(secrets): Correct {item} to what Azure says")
    return [
        pushed,
        sync(argocd, git, home, pushed),
        deployed(argocd, home, pushed),
        healthy(argocd, home),
    ]


def _spot(custody: Custody, item: Item) -> Spot:
    spots = {
        Item.CLIENT_ID: custody.client,
        Item.TENANT_ID: custody.tenant,
        Item.VAULT: custody.address,
    }
    return spots[item]
