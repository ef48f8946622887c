"""A configuration that is right, for tests to spoil."""

from __future__ import annotations

from typing import Any

SECRET = "hunter2-do-not-repeat"
PERSON = {"id": "uAna", "name": "Ana", "email": "ana@x.example"}
GOOD: dict[str, Any] = {
    "chat": {
        "url": "https://chat.example.org/",
        "user_id": "uHouston",
        "token": SECRET,
        "rooms": ["ops"],
    },
    "git": {"url": "https://git.example.org/ops.git", "branch": "master", "password": SECRET},
    "argocd": {"url": "https://argocd.example.org", "token": SECRET},
}
