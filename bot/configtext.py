"""A first configuration as a commented file, without a secret in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Member:
    """Somebody who may ask and approve, by the chat's own id."""

    id: str
    name: str
    email: str


@dataclass(frozen=True)
class CronLine:
    """A CronJob that was found."""

    namespace: str
    name: str
    schedule: str


@dataclass(frozen=True)
class Seen:
    """The cluster. `namespaces` are those beside Rocket.Chat's own that are worth looking after.

    `image_prune` is the CronJob whose template cleans up images, empty when there is none.
    """

    namespace: str
    release: str
    namespaces: tuple[str, ...]
    cron_jobs: tuple[CronLine, ...]
    image_prune: str


@dataclass(frozen=True)
class Found:
    """What was said and what was found. `store` is the database's address.

    `kubeconfig` is empty inside the cluster itself.
    """

    chat_url: str
    user_id: str
    username: str
    rooms: tuple[str, ...]
    git_url: str
    branch: str
    git_username: str
    argocd_url: str
    application: str
    project: str
    values: str
    guide: str
    kubeconfig: str
    context: str
    seen: Seen
    people: tuple[Member, ...]
    store: str
    zone: str


def configuration(found: Found) -> str:
    """The file's text."""
    parts = (_chat, _git, _argocd, _kubernetes, _policy, _rest)
    return "\n".join(part(found) for part in parts)


def _q(text: str) -> str:
    """A text as YAML takes it, whatever is in it: JSON is YAML."""
    return json.dumps(text, ensure_ascii=False)


def _list(items: Sequence[str]) -> str:
    return f"[{', '.join(map(_q, items))}]"


def _chat(found: Found) -> str:
    return f"""\
# Houston's configuration, written by `houston init`. docs/configuration.md has every key.
# No secret stands here: chat.token, git.password and argocd.token are files of the directory
# given with --secrets, or HOUSTON_CHAT__TOKEN and the like in the environment.

chat:
  url: {_q(found.chat_url)}
  # Houston's own account; it has the roles user and bot.
  user_id: {_q(found.user_id)}
  username: {_q(found.username)}
  # Commands are taken in these rooms only. Houston is a moderator of them, so that it may answer
  # where only moderators may write.
  rooms: {_list(found.rooms)}
"""


def _git(found: Found) -> str:
    return f"""\
# The repository Argo CD deploys from. Every change of Houston is a commit on this branch.
git:
  url: {_q(found.git_url)}
  branch: {_q(found.branch)}
  username: {_q(found.git_username)}
"""


def _argocd(found: Found) -> str:
    guide = f"""
# The operations guide that `!guide check` holds against the facts.
guide:
  path: {_q(found.guide)}
"""
    return f"""\
argocd:
  url: {_q(found.argocd_url)}
  project: {_q(found.project)}
  # The application that deploys Rocket.Chat.
  application: {_q(found.application)}

rocketchat:
  namespace: {_q(found.seen.namespace)}
  # Deployments are called <release>-rocketchat, <release>-account and so on.
  release: {_q(found.seen.release)}
  # The file in which !upgrade and !scale change one line.
  values: {_q(found.values)}
{guide if found.guide else ""}"""


def _kubernetes(found: Found) -> str:
    context = f"  context: {_q(found.context)}\n" if found.context else ""
    where = f"  kubeconfig: {_q(found.kubeconfig)}\n" if found.kubeconfig else ""
    none = "  # No kubeconfig: Houston uses the account of the pod it runs in.\n"
    seen = "".join(
        f"  #   {one.namespace}/{one.name}: {one.schedule}\n" for one in found.seen.cron_jobs
    )
    jobs = f"  # CronJobs found in them:\n{seen}" if seen else ""
    prune = f"  image_prune: {_q(found.seen.image_prune)}\n" if found.seen.image_prune else ""
    upkeep = f"""
maintenance:
  # The CronJob whose template `!prune images` runs.
{prune}"""
    return f"""\
kubernetes:
{where or none}{context}  # Looked after beside Rocket.Chat's own; nothing is changed elsewhere.
{jobs}  namespaces: {_list(found.seen.namespaces)}
{upkeep if prune else ""}"""


def _policy(found: Found) -> str:
    people = "".join(
        f"""
    - id: {_q(one.id)}
      name: {_q(one.name)}
      email: {_q(one.email)}
      roles: [operator, approver]
      on_call: [{{zone: {_q(found.zone)}}}]"""
        for one in found.people
    )
    return f"""\
# Who may ask and who approves. Ids are the chat's own, because names can be changed there.
# on_call without days and hours is always; write them, or see docs/configuration.md for rotations
# and for calendars of PagerDuty, Opsgenie and Grafana. What needs how many votes is in `tiers`.
policy:
  people:{people or " []"}
"""


def _rest(found: Found) -> str:
    return f"""\
# Where Houston remembers: one file for one process, postgresql:// for several.
store:
  url: {_q(found.store)}

zone: {_q(found.zone)}

# What follows is off until it is filled in; docs/azure.md and docs/configuration.md say how.
# azure:        # !cluster: start, stop, hours and costs of the cluster the chat lives on
#   subscription: ...
#   resource_group: ...
#   cluster: ...
# metrics:      # !metrics check, !report labels
#   url: https://grafana.example.org
# secrets:      # !secrets: which Key Vault they come from
#   vault: https://example.vault.azure.net
"""
