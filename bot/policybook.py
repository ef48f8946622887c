"""Remembers each version of the rules that held, so that what changed can be said in words."""

from __future__ import annotations

import json
from datetime import datetime

from bot.clock import Clock
from bot.policy import Policy, canonical
from bot.policywords import changes
from bot.ports.engine import Json
from bot.ports.store import Documents
from bot.rules import PolicyData
from bot.trail import HOUSTON, Trail

_KIND = "policy"
_KEPT = 10
"""Versions that are remembered: an operation waits for minutes, rules change by the week."""


class PolicyBook:
    """Written to at each start, which is when rules change."""

    def __init__(self, documents: Documents, policy: Policy, clock: Clock, trail: Trail) -> None:
        self._documents = documents
        self._policy = policy
        self._clock = clock
        self._trail = trail

    async def open(self) -> None:
        """Remember the rules that hold from now on, and note in the trail what they change."""
        known = await self._documents.all(_KIND)
        last = max(known.values(), key=lambda body: str(body["loaded"]), default=None)
        rules = json.loads(canonical(self._policy.data))
        loaded = self._clock.now().isoformat()
        await self._documents.put(_KIND, self._policy.version, {"loaded": loaded, "rules": rules})
        for version in sorted(known, key=lambda each: _loaded(known[each]["loaded"]))[:-_KEPT]:
            await self._documents.remove(_KIND, version)
        if last is None or last["rules"] == rules:
            return
        before = PolicyData.model_validate(last["rules"])
        told: list[Json] = [*changes(before, self._policy.data)]
        detail: dict[str, Json] = {
            "before": Policy(before).version,
            "policy": self._policy.version,
            "changes": told,
        }
        await self._trail.note(HOUSTON, "policy.loaded", detail=detail)

    async def since(self, version: str) -> list[str]:
        """What the rules that hold change of that version; none when it is not remembered."""
        known = await self._documents.get(_KIND, version)
        if known is None:
            return []
        return changes(PolicyData.model_validate(known["rules"]), self._policy.data)


def _loaded(value: Json) -> datetime:
    return datetime.fromisoformat(str(value))
