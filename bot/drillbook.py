"""Every drill with its runbook, and the page that prints them: `houston drill --runbooks`."""

from __future__ import annotations

from collections.abc import Sequence

from bot.arguments import suggestions
from bot.cards import code
from bot.drill import CODE, Drill, Move
from bot.errors import UsageError

_VOTE = Move(
    f"!drill approve {CODE}", "a simulated colleague; a real one reacts or types it without “drill”"
)
_SECOND = Move(f"!drill approve {CODE}", "the second colleague: this is of the tier high")

_DRILLS = (
    Drill(
        "mongo-missing-configmap",
        "MongoDB does not start, and nobody can log in",
        guide="Incident Recovery: MongoDB Stuck (Missing ConfigMap)",
        symptom="People are thrown out of Rocket.Chat and cannot log in. Somebody cleaned up the "
        "manifests this morning.",
        moves=(
            Move("!status", "several services are not available"),
            Move("!diagnose", "one cause explains them all: a ConfigMap is missing"),
            Move("!mongo recover", "read the plan: what comes back, from which commit"),
            _VOTE,
            _SECOND,
        ),
        diagnosis=("rocketchat-mongodb-fix-clustermonitor-role-configmap is missing",),
        mending=("mongo recover",),
    ),
    Drill(
        "grafana-no-data",
        "The Rocket.Chat dashboard in Grafana shows no data",
        guide='Incident: Grafana "Rocket.Chat Metrics" Dashboard shows N/A / No data',
        symptom="Every panel of the dashboard says “No data”. Rocket.Chat itself is well.",
        moves=(
            Move("!metrics check", "the first broken link of the metrics' way"),
            Move("!metrics restart-agent", "the agent reads its template when it starts"),
            _VOTE,
        ),
        diagnosis=("running configuration: it is not the template's",),
        mending=("metrics restart-agent",),
    ),
    Drill(
        "tracing-404",
        "Traces do not reach Tempo",
        guide="Validate Tracing End-to-End (Tracegen → OTel Collector → Tempo)",
        symptom="The Service dropdown of Tempo is empty. Somebody moved the hub's address in the "
        "collector's configuration yesterday.",
        moves=(
            Move("!trace test", "traces made on purpose, followed on their way"),
            _VOTE,
            Move("!logs otel-collector --grep 404", "what the collector itself says of it"),
            Move("!drill byhand", "its exporter's endpoint is the base URL again, by a commit"),
            Move("!trace test", "they must arrive now"),
            _VOTE,
        ),
        diagnosis=("the hub answers 404",),
        looking=("trace test",),
        by_hand="The endpoint of the collector's exporter was corrected in git",
        proof=("it is verified",),
    ),
    Drill(
        "disk-pressure",
        "Pods are evicted because a node's disk is full",
        guide="Image Pruning (Weekly)",
        symptom="Some services answer no more, and pods are Evicted.",
        moves=(
            Move("!diagnose", "the node is under DiskPressure"),
            Move("!nodes", "which one, and how many pods it carries"),
            Move("!prune images", "the weekly job, now"),
            _VOTE,
            Move("!nodes", "the pressure is gone"),
            Move("!cleanup run", "the evicted pods go, and new ones come"),
            _VOTE,
        ),
        diagnosis=("DiskPressure",),
        mending=("prune images", "cleanup run"),
    ),
    Drill(
        "cluster-stopped",
        "The cluster is stopped, and Rocket.Chat with it",
        guide="Manual Cluster Control",
        symptom="Rocket.Chat cannot be reached at all. While its chat is away, the drill takes "
        "your lines as `houston exec` would.",
        moves=(
            Move("!cluster status", "it is stopped, since when, and when it would start"),
            Move("!cluster start", "of the tier low: it begins at once, and waits for the chat"),
        ),
        diagnosis=("is stopped", "is off"),
        mending=("cluster start",),
    ),
    Drill(
        "upgrade-failed",
        "An upgrade was rolled out, and one service does not come up",
        guide="How to Upgrade",
        symptom="A colleague changed the version by hand an hour ago and went home. Presence does "
        "not work since.",
        moves=(
            Move("!status", "the application is Degraded: one Deployment is late"),
            Move("!diagnose", "an image that cannot be pulled"),
            Move("!upgrade 7.12.2 --downgrade", "back to the version before, within its major"),
            _VOTE,
            _SECOND,
        ),
        diagnosis=("presence-service:7.13.2 cannot be pulled",),
        mending=("upgrade",),
    ),
    Drill(
        "argocd-token-expired",
        "Argo CD refuses Houston's token",
        guide="Troubleshooting Login Issues",
        symptom="Every plan ends with a refusal of Argo CD.",
        moves=(
            Move("!apps", "the refusal, and how a new token is made"),
            Move("!drill byhand", "whoever may makes the token and puts it where Houston reads it"),
            Move("!apps", "the applications are there again"),
        ),
        diagnosis=("token has expired",),
        by_hand="A new token of Argo CD was put into `argocd.token`",
        proof=("applications",),
    ),
)

DRILLS: dict[str, Drill] = {drill.name: drill for drill in _DRILLS}
"""Every drill by its name."""


def named(name: str) -> Drill:
    """The drill. Raises UsageError that names the nearest ones."""
    found = DRILLS.get(name.lower())
    if found is not None:
        return found
    near = suggestions(name.lower()[:40], [*DRILLS])
    hint = f"Did you mean {' or '.join(code(one) for one in near)}?" if near else ""
    raise UsageError(f"There is no drill {code(name[:40])}.", hint or "`!drill list` has them")


_INTRODUCTION = """\
# Drills

<!-- Made by `houston drill --runbooks > docs/drills.md`; edit bot/drillbook.py. -->

A drill is a fault in a simulated world, flown with the real commands. In #ops:

    !drill list
    !drill start mongo-missing-configmap
    !drill stop

or at a terminal, without any configuration: `houston drill mongo-missing-configmap`.

## What is real in it, and what is not

- `!drill start` makes a second Houston over a simulated cluster, repository, Argo CD, Azure and
  chat, all in memory. No client that could write to a real system is made for it: there is nothing
  to be careful with. It goes four times as fast as the real thing.
- The thread below `!drill start` is the drill. **Whatever is typed in that thread goes to the
  drill, and nothing typed anywhere else does.** When the drill is over the thread stays closed: a
  command there is refused, never run for real. Only `!drill …` is answered by the real Houston.
- Commands of installed packages are not there: nobody knows what clients those bring along.
- Every card of a drill begins with **DRILL**. The codes of its plans are known in its thread only.
- Everybody of the roster has their own roles in the drill, and is on call. People vote with
  reactions or `!approve CODE`, as ever. Who flies alone types `!drill approve CODE`: a simulated
  colleague approves; once more, and the second one does. In a drill the word `CODE` stands for the
  newest plan's code.
- What has to be done outside of Houston is done by `!drill byhand`.
- The audit trail notes the start, each line, what the drill's own trail says, and the end, all as
  `drill.…`.
- One drill runs at a time, for two hours at most. It lives in the memory of the Houston that
  started it: when that one stops, the drill is over, and the next Houston says so in its thread.

## The score

Four times are taken: **detection**, the first command that looks; **diagnosis**, the first card
that names the right cause; **decision**, when what mends it was approved; **verified**, when the
world is well again and a card has shown it. The sheet is posted in the thread and its first line in
the room; `!drill scores` shows the last ones.

## Runbooks

Each drill can be flown by these lines alone, in this order.
"""


def page(drills: Sequence[Drill] = _DRILLS) -> str:
    """`docs/drills.md`."""
    return "\n".join([_INTRODUCTION, *(_section(drill) for drill in drills)])


def _section(drill: Drill) -> str:
    moves = [f"{n}. `{move.line}`: {move.why}" for n, move in enumerate(drill.moves, start=1)]
    by_hand = ["", f"By hand: {drill.by_hand}."] if drill.by_hand else []
    return "\n".join(
        [
            f"### {drill.name}",
            "",
            f"*{drill.title}.* {drill.symptom}",
            "",
            f"Guide: {drill.guide}",
            *by_hand,
            "",
            *moves,
            "",
        ]
    )
