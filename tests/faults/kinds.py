"""The rows and columns of the fault matrix."""

from __future__ import annotations

from enum import StrEnum


class System(StrEnum):
    """What Houston depends on. The machine is its own: disk, store and clock."""

    CHAT = "chat"
    GIT = "git"
    ARGOCD = "Argo CD"
    KUBERNETES = "Kubernetes"
    AZURE = "Azure"
    METRICS = "Grafana"
    STORE = "store"


class Fault(StrEnum):
    """How it can fail."""

    REFUSED = "refused"
    DNS = "DNS failure"
    TLS = "TLS failure"
    SLOW = "slow"
    HALF_OPEN = "half-open"
    RESET = "reset after processing"
    S401 = "401"
    S403 = "403"
    S404 = "404"
    S409 = "409"
    S429 = "429"
    S500 = "500"
    S502 = "502"
    S503 = "503"
    HTML = "HTML for JSON"
    TRUNCATED = "truncated body"
    CLOCK_AHEAD = "clock +1 h"
    CLOCK_BACK = "clock −1 h"
    DISK_FULL = "disk full"
    LOCKED = "store locked"
    CORRUPTED = "store corrupted"

    @property
    def of_machine(self) -> bool:
        """Whether it befalls Houston's own machine, and no system over the network."""
        return self in {
            Fault.CLOCK_AHEAD,
            Fault.CLOCK_BACK,
            Fault.DISK_FULL,
            Fault.LOCKED,
            Fault.CORRUPTED,
        }


class Moment(StrEnum):
    """When it begins."""

    PLANNING = "planning"
    VOTES = "votes"
    GATE = "gate"
    STEP_1 = "step 1"
    STEP_2 = "step 2"
    VERIFICATION = "verification"
    REPORTING = "reporting"


LINES = {
    System.AZURE: "!cluster extend 2h",
    System.METRICS: "!metrics restart-agent",
}
"""The operation that asks the most of a system."""
USUAL = "!scale presence 2"
ONE_STEP = {System.AZURE, System.METRICS}
"""Whose operation has no second step."""


def inapplicable(system: System, fault: Fault, moment: Moment) -> str:
    """Why there is no such thing; empty when there is."""
    if moment is Moment.STEP_2 and system in ONE_STEP:
        return f"`{LINES[system]}` has one step"
    if system is System.STORE and not fault.of_machine:
        return "the store is a file of this process: there is no connection, and nobody to answer"
    if system is not System.STORE and fault.of_machine:
        return "it befalls Houston's own machine and all systems at once: see the store"
    return ""
