"""What an approval rests on beside the facts and the diff, by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.plan import Plan
from bot.policy import Decision, Policy


def basis(
    line: str,
    plan: Plan[Any],
    decision: Decision,
    policy: Policy,
    *,
    power: str,
    requester: str,
    expires: datetime,
) -> dict[str, str]:
    """All of it in words, so that what moves can be shown from what to what.

    Args:
        line: the command with its arguments, in its normal form.
        power: of the cluster, in a word.
        requester: the account id.
    """
    return {
        **plan.versions,
        "command": line,
        "target": plan.target,
        "tier": str(decision.tier),
        "approvals": f"{decision.approvals} or {decision.with_code} with a code",
        "approvers": " ".join(decision.only),
        "power": power,
        "policy": policy.version,
        "roster": policy.roster,
        "requester": requester,
        "expires": expires.isoformat(),
    }
