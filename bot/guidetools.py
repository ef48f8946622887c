"""Commands in a guide, as far as a rule can tell: the program, its verb, its names. Pure.

The verbs are those of each program's own command reference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_VERBS = {
    "argocd": """
        account admin app appset cert cluster completion configure context gpg login logout proj
        relogin repo repocreds version""",
    "argocd app": """
        actions add-source confirm-deletion create delete delete-resource diff edit get
        get-resource history list logs manifests patch patch-resource remove-source resources
        rollback set sync terminate-op unset wait""",
    "kubectl": """
        annotate api-resources api-versions apply attach auth autoscale certificate cluster-info
        completion config cordon cp create debug delete describe diff drain edit events exec
        explain expose get kustomize label logs options patch plugin port-forward proxy replace
        rollout run scale set taint top uncordon version wait""",
    "az aks": """
        addon approuting browse check-acr command create delete disable-addons enable-addons
        get-credentials get-upgrades get-versions install-cli kanalyze kollect list machine
        maintenanceconfiguration mesh nodepool oidc-issuer operation operation-abort pod-identity
        rotate-certs scale show snapshot start stop trustedaccess update update-credentials
        upgrade use-dev-spaces wait""",
    "terraform": """
        apply console destroy fmt force-unlock get graph import init login logout metadata
        modules output plan providers query refresh show stacks state taint test untaint
        validate version workspace""",
}
VERBS = {program: frozenset(verbs.split()) for program, verbs in _VERBS.items()}
"""Verbs by the words in front of them; the longest words count."""
_BREAKS = re.compile(r"\s*(?:\|\|?|&&|;|\s#)\s*")
_TAKES = {"-n", "--namespace", "--context", "-l", "--selector", "-c", "-o", "--output", "-g"}
_ELSEWHERE = "<"


@dataclass(frozen=True)
class Spoken:
    """One command. `verb` is empty when nothing stands there; `options` those with a value."""

    text: str
    program: str
    verb: str
    words: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def namespace(self) -> str:
        return self.options.get("-n") or self.options.get("--namespace") or ""


def spoken(line: str) -> list[Spoken]:
    """Each command of the line that is of a program known here."""
    found = (_one(part.strip()) for part in _BREAKS.split(line.removeprefix("$ ")))
    return [each for each in found if each is not None]


def _one(text: str) -> Spoken | None:
    said = text.split()
    programs = sorted(VERBS, key=len, reverse=True)
    program = next((each for each in programs if said[: len(each.split())] == each.split()), None)
    if program is None:
        return None
    words, options = _sorted(said[len(program.split()) :])
    verb, *rest = words or [""]
    if program == "argocd" and verb == "app":
        return None
    return Spoken(text, program, verb, tuple(rest), options)


def _sorted(said: list[str]) -> tuple[list[str], dict[str, str]]:
    words: list[str] = []
    options: dict[str, str] = {}
    left = list(said)
    while left:
        word = left.pop(0)
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            if _ELSEWHERE not in word:
                words.append(word)
        elif equals:
            options[name] = value
        elif word in _TAKES and left:
            options[word] = left.pop(0)
    return words, options
