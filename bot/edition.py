"""Which Houston this is: the program, its rules and its configuration, for the audit trail."""

from __future__ import annotations

import hashlib
import json

from bot.extensions import versions
from bot.policy import Policy
from bot.ports.engine import Json
from bot.program import VERSION
from bot.settings import Settings


def edition(settings: Settings, policy: Policy) -> dict[str, Json]:
    """What runs: the program, what was installed beside it, and hashes of the rules and of the
    whole configuration, in which secrets are stars."""
    dumped = json.dumps(settings.model_dump(mode="json"), sort_keys=True, default=sorted)
    return {
        "version": VERSION,
        "extensions": dict(versions()),
        "policy": policy.version,
        "configuration": hashlib.sha256(dumped.encode()).hexdigest()[:12],
    }
