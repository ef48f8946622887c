"""A configuration for the simulated world."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from adapters.sim.custody import VAULT
from bot.settings import Settings

START = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
ALWAYS = [{"zone": "Europe/London"}]
PEOPLE = [
    ("uAna", "Ana Ferreira", ["operator", "approver"], ALWAYS),
    ("uBo", "Bo Lindqvist", ["operator", "approver"], ALWAYS),
    ("uCleo", "Cleo Marsh", ["approver"], []),
    ("uDee", "Dee Okafor", ["approver"], ALWAYS),
]

SECRETS = {
    "vault": VAULT,
    "identity": "aks-fernhill-eso-identity",
    "operator_file": "argocd/applications/external-secrets.yaml",
    "store_file": "ops/secrets/clustersecretstore.yaml",
    "searched": ["ops", "argocd", "values.yaml"],
}
"""Where the simulated world has its secrets from."""
LABELS = {
    "tenant_id": "aks-fernhill",
    "namespace": "rocketchat",
    "site_url": "https://chat.fernhill.example",
    "workspace": "production",
    "domain": "chat.fernhill.example",
}
"""What the dashboard of the simulated world filters by."""

GRAFANA = {"dashboard": "ops/manifests/dashboard-jobs.json"}
TRACING = {
    "manifest": "ops/manifests/tracegen.yaml",
    "annotation": "fernhill.example/tracegen-rev",
}
"""What the simulated world's repository calls its traces' Job and its dashboard."""


def settings(**changed: Any) -> Settings:
    """A configuration for the simulated world."""
    people = [
        {"id": id, "name": name, "email": f"{id}@x.example", "roles": roles, "on_call": on_call}
        for id, name, roles, on_call in PEOPLE
    ]
    content: dict[str, Any] = {
        "chat": {
            "url": "http://chat.invalid",
            "user_id": "uHouston",
            "token": "not-a-secret",
            "rooms": ["ops"],
        },
        "git": {"url": "http://git.invalid/ops.git", "branch": "master"},
        "argocd": {"url": "http://argocd.invalid", "token": "not-a-secret-either"},
        "azure": {
            "subscription": "s",
            "resource_group": "rg-fernhill",
            "cluster": "aks-fernhill",
            "automation_account": "aa-aks-fernhill",
            "change_schedules": True,
        },
        "metrics": {"url": "http://metrics.invalid", "labels": LABELS},
        "secrets": SECRETS,
        "grafana": {"url": "http://grafana.invalid", "token": "not-a-secret-here", **GRAFANA},
        "tracing": TRACING,
        "guide": {"nightly": None},
        "policy": {"people": people},
        "pace": {"engine": 10},
        "reports": {"watch_every": None},
        "zone": "Europe/London",
    }
    return Settings(**{**content, **changed})
