"""What a command of somebody else's may use: everything here, and nothing else of Houston.

docs/extending.md shows a whole one. Names stay as they are within a major version.
"""

from bot.arguments import Between, Option, Rest, Says, choose
from bot.cards import Card, Mark, bar, code, counted, day_moment, duration, moment, plain, table
from bot.clock import Clock
from bot.command import Redirect, command, operation
from bot.errors import (
    AdapterError,
    Already,
    CheckFailed,
    Conflict,
    Denied,
    HoustonError,
    Invalid,
    Limited,
    Missing,
    Moved,
    Refused,
    Unavailable,
    UnknownOutcome,
    UsageError,
)
from bot.gitops import changed, commit, deployed, healthy, numeric, reach, rolled_out, settled, sync
from bot.plan import Action, Actions, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.applications import Applications
from bot.ports.argocd import ArgoCD
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.cost import Cost
from bot.ports.git import Edit, Git
from bot.ports.history import History
from bot.ports.jobs import Jobs
from bot.ports.kubernetes import Kubernetes
from bot.ports.metrics import Metrics
from bot.ports.nodes import Nodes
from bot.ports.pods import Pods
from bot.ports.registry import Registry, Releases
from bot.ports.resources import Resources
from bot.ports.secrets import Secrets
from bot.ports.vault import Identities, Vault
from bot.request import Request
from bot.roles import Role
from bot.scope import Scope
from bot.target import Target

__all__ = [
    "Action",
    "Actions",
    "AdapterError",
    "Already",
    "Applications",
    "ArgoCD",
    "Automation",
    "Azure",
    "Between",
    "Card",
    "Check",
    "CheckFailed",
    "Clock",
    "Conflict",
    "Cost",
    "Denied",
    "Edit",
    "Finding",
    "Git",
    "History",
    "HoustonError",
    "Identities",
    "Invalid",
    "Jobs",
    "Kubernetes",
    "Limited",
    "Mark",
    "Metrics",
    "Missing",
    "Moved",
    "Nodes",
    "Option",
    "Plan",
    "Pods",
    "Reach",
    "Redirect",
    "Refused",
    "Registry",
    "Releases",
    "Request",
    "Resources",
    "Rest",
    "Role",
    "Run",
    "Says",
    "Scope",
    "Secrets",
    "Sight",
    "Step",
    "Target",
    "Tier",
    "Unavailable",
    "UnknownOutcome",
    "UsageError",
    "Vault",
    "bar",
    "changed",
    "choose",
    "code",
    "command",
    "commit",
    "counted",
    "day_moment",
    "deployed",
    "duration",
    "healthy",
    "moment",
    "numeric",
    "operation",
    "plain",
    "reach",
    "rolled_out",
    "settled",
    "sync",
    "table",
]
