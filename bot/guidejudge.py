"""Each claim of an operations guide held against the facts, with the evidence. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from bot import guideclaims as c
from bot import guidetimes as times
from bot.guideclaims import Claim
from bot.guidefacts import Facts, Verdict, address
from bot.guidetools import VERBS

_ID = re.compile(r"^[0-9a-f]{7,40}$")


def judge(found: list[Claim], facts: Facts) -> list[Verdict]:
    """A verdict for each claim, in their order."""
    return [_RULES[type(claim)](claim, facts) for claim in found]


def _branch(claim: c.Branch, facts: Facts) -> Verdict:
    said = f"push to {claim.name}"
    strays = [] if claim.name == facts.branch else [f"git.branch is {facts.branch}"]
    if facts.default not in {"", claim.name}:
        strays.append(f"the remote's default branch is {facts.default}")
    followed = _branches((facts.followed or {}).items())
    strays += [f"{app} follows {b}" for app, b in followed.items() if b != claim.name]
    declared = _branches(
        (each.path, each.branch)
        for each in facts.declared.followed
        if not facts.addresses or address(each.repository) in facts.addresses
    )
    strays += [f"{path} says {b}" for path, b in declared.items() if b != claim.name]
    if strays:
        return Verdict(claim, False, said, _few(strays))
    seen = f"; {len(followed)} live applications follow it" if followed else ""
    text = f"git.branch and {len(declared)} applications in the repository say so{seen}"
    return Verdict(claim, True, said, text)


def _branches(followed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Those that follow a branch by its name: HEAD is whatever the host calls its default, and a
    commit is none."""
    return {by: name for by, name in followed if name not in {"", "HEAD"} and not _ID.match(name)}


def _label(claim: c.Label, facts: Facts) -> Verdict:
    said = f"label {claim.name}" + ("" if claim.value is None else f'="{claim.value}"')
    sources = [
        (f"{facts.template} adds", facts.external.get(claim.name)),
        ("metrics.labels expects", facts.labels.get(claim.name)),
    ]
    known = [(where, value) for where, value in sources if value is not None]
    if not known:
        made = claim.name in facts.relabelled
        text = f"{facts.template or 'the template'} {'makes' if made else 'does not add'} it"
        blind = not facts.template and not made
        return Verdict(claim, None if blind else made, said, text)
    text = "; ".join(f'{where} {claim.name}="{value}"' for where, value in known)
    ok = claim.value is None or all(value in {claim.value, ""} for _, value in known)
    return Verdict(claim, ok, said, text)


def _context(claim: c.Context, facts: Facts) -> Verdict:
    said = f"kubectl --context {claim.name}"
    if claim.namespace and claim.namespace not in facts.workloads:
        return Verdict(claim, None, said, f"{claim.namespace} is on no cluster Houston looks at")
    if facts.context:
        ok = claim.name == facts.context
        return Verdict(claim, ok, said, f"kubernetes.context is {facts.context}")
    if claim.name == facts.cluster:
        return Verdict(claim, True, said, "the cluster is called so")
    named = f"; the cluster is called {facts.cluster}" if facts.cluster else ""
    return Verdict(claim, None, said, f"kubernetes.context is not configured{named}")


def _service(claim: c.Service, facts: Facts) -> Verdict:
    names = [part.name for part in facts.parts]
    said = f"{claim.name} is scaled in the values file"
    return Verdict(claim, claim.name in names, said, f"the values file scales {', '.join(names)}")


def _workload(claim: c.Workload, facts: Facts) -> Verdict:
    said = f"{claim.kind or 'workload'} {claim.name}"
    namespace = claim.namespace or facts.namespace
    live = facts.workloads.get(namespace)
    if live is None:
        return Verdict(claim, None, said, facts.why(namespace))
    kinds = sorted(kind for kind, name in live if name == claim.name)
    if kinds and claim.kind in {"", *kinds}:
        return Verdict(claim, True, said, f"there is a {kinds[0]} in {namespace}")
    evidence = [f"{namespace} has none of that name"]
    if namespace == facts.namespace and claim.kind != "StatefulSet":
        scaled = ", ".join(part.deployment for part in facts.parts)
        evidence.append(f"the values file makes {scaled}")
    return Verdict(claim, False, said, "; ".join(evidence))


def _config_map(claim: c.ConfigMap, facts: Facts) -> Verdict:
    said = f"ConfigMap {claim.name}"
    namespace = claim.namespace or facts.namespace
    live = facts.config_maps.get((namespace, claim.name))
    if live is None:
        return Verdict(claim, None, said, facts.why(namespace))
    declared = ("ConfigMap", claim.name) in facts.declared.objects
    where = "declared in the repository" if declared else "declared by no file"
    return Verdict(claim, live, said, f"{'there' if live else 'not there'}, {where}")


def _app(claim: c.App, facts: Facts) -> Verdict:
    said = f"application {claim.name}"
    live, declared = facts.applications, claim.name in facts.declared.applications
    if live is not None:
        word = "has" if claim.name in live else "does not have"
        return Verdict(claim, claim.name in live, said, f"Argo CD {word} it")
    return Verdict(claim, declared or None, said, facts.why("applications"))


def _verb(claim: c.Verb, facts: Facts) -> Verdict:
    del facts
    said, known = f"{claim.program} {claim.verb}", VERBS[claim.program]
    if claim.verb in known:
        return Verdict(claim, True, said, "there is such a command")
    near = sorted(known)
    return Verdict(claim, False, said, f"there is no such command; there are {', '.join(near)}")


def _path(claim: c.Path, facts: Facts) -> Verdict:
    path = claim.path
    if _there(path, facts.paths):
        return Verdict(claim, True, path, "it is in the repository")
    if _there(f"{path}.example", facts.paths):
        return Verdict(claim, True, path, f"in no clone; {path}.example is its pattern")
    return Verdict(claim, False, path, f"it is not in the repository on {facts.branch}")


def _total(claim: c.Total, facts: Facts) -> Verdict:
    del facts
    total = claim.sum
    if way := total.right:
        return Verdict(claim, True, total.said, way)
    made = (
        f"{way} = {low:.4g}" + (f"–{high:.4g}" if high > low else "")
        for way, low, high in total.made
    )
    return Verdict(claim, False, total.said, "; ".join(made))


_RULES: dict[type[Claim], Callable[[Any, Facts], Verdict]] = {
    c.Branch: _branch,
    c.Hour: times.hour,
    c.Weekend: times.weekend,
    c.Runs: times.runs,
    c.Alert: times.alert,
    c.JobName: times.job_name,
    c.Label: _label,
    c.Context: _context,
    c.Service: _service,
    c.Workload: _workload,
    c.ConfigMap: _config_map,
    c.App: _app,
    c.Verb: _verb,
    c.Path: _path,
    c.Total: _total,
}


def _there(path: str, paths: frozenset[str]) -> bool:
    if path.endswith("/"):
        return any(f"/{each}".find(f"/{path}") >= 0 for each in paths)
    if "/" in path:
        return path in paths
    return any(each == path or each.endswith(f"/{path}") for each in paths)


def _few(parts: list[str], most: int = 3) -> str:
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return "; ".join(parts[:most]) + more
