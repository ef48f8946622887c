"""Claims are taken out of a guide by the form of its words, wherever they stand."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from bot import guideclaims as c
from bot.guide import lines
from bot.guideclaims import Claim, claims
from bot.power import Days

AT = next(iter(lines("x")))


def said(text: str) -> list[Claim]:
    return claims(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Commit and push to the `trunk` branch", c.Branch(AT, "trunk")),
        ("**Commit + push** to `release/1`.", c.Branch(AT, "release/1")),
        ("- **Stop Time**: 11:30 PM on weekdays", c.Hour(AT, False, time(23, 30))),
        ("The cluster auto-starts at 8:05", c.Hour(AT, True, time(8, 5))),
        ('```\nshutdown_time = "22:00"\n```', c.Hour(AT, False, time(22))),
        ("Weekends: all is off", c.Weekend(AT)),
        (
            "The `tidy` CronJob runs every Tuesday and Friday at 12:15 AM UTC",
            c.Runs(AT, "tidy", time(0, 15), Days.read("tue,fri"), "UTC"),
        ),
        ("Alert if `tidy` has not run in more than 9 days", c.Alert(AT, "tidy", timedelta(days=9))),
        ('carry `zone="eu"`', c.Label(AT, "zone", "eu")),
        ("filters on labels like `zone`", c.Label(AT, "zone", None)),
        ("change the `replicas` of the service, say `webDav`", c.Service(AT, "webDav")),
        ("see [this](docs/more.md)", c.Path(AT, "docs/more.md")),
        ("manifests are in `ops/more/`", c.Path(AT, "ops/more/")),
        ("```bash\nargocd app sync one --prune\n```", c.App(AT, "one")),
        ("```\nargocd app polish one\n```", c.Verb(AT, "argocd app", "polish")),
        ("run `kubectl --context far get pods`", c.Context(AT, "far", "")),
        (
            "```\nkubectl -n chat \\\n  logs deploy/web | grep -i x\n```",
            c.Workload(AT, "Deployment", "web", "chat"),
        ),
        ("```\nkubectl delete pod db-0 -n chat\n```", c.Workload(AT, "StatefulSet", "db", "chat")),
        (
            "```\nkubectl delete pod -n chat -l app.kubernetes.io/name=chat-hub\n```",
            c.Workload(AT, "", "chat-hub", "chat"),
        ),
        ("```\nkubectl get configmap init -n chat\n```", c.ConfigMap(AT, "init", "chat")),
        (
            "```\nkubectl -n x create job --from=cronjob/tidy now-$(date +%s)\n```",
            c.JobName(AT, "tidy"),
        ),
    ],
)
def test_a_form_of_words_is_a_claim(text: str, expected: Claim) -> None:
    assert expected in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "Be careful.",
        "Previous schedule (08:30-23:00)",
        "Look at https://example.org/a/values.yaml",
        "```bash\n# kubectl polish everything\n```",
        "```\nkubectl get pod <pod-name> | less\n```",
        "The value stands in `/etc/prometheus/prometheus.yml`",
    ],
)
def test_what_is_no_claim_is_left_alone(text: str) -> None:
    assert [each for each in said(text) if not isinstance(each, c.Verb)] == []


def test_a_place_left_open_is_no_command() -> None:
    assert said("Type `kubectl ... -n chat` or `az aks [VERB]`, or `argocd app`.") == []


def test_what_is_said_twice_is_one_claim_at_its_first_line() -> None:
    (only,) = said("# A\n\nPush to `trunk`.\n\n## B\n\nPush to `trunk`.\n")

    assert (only.line.number, only.line.section) == (3, "A")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("~7 hours/day × 5 weekdays = ~35 hours/week", True),
        ("8 hours/day x 5 days = 35 hours/week", False),
        ("35 hours/week = ~150 hours/month", True),
        ("35 hours/week = 140 hours/month", False),
        ("Hours (22:00-06:00): 40 hours/week", True),
        ("Hours (08:00-18:00): ~60 hours/week", False),
        ("runs at 9:00 AM (30 minutes after the start at 8:30)", True),
        ("runs at 9:00 AM (45 minutes after the start at 8:30)", False),
    ],
)
def test_a_sum_is_made_anew(text: str, right: bool) -> None:
    (total,) = [each for each in said(text) if isinstance(each, c.Total)]

    assert bool(total.sum.right) is right


def test_savings_are_made_of_the_two_lines_above() -> None:
    text = "(08:00-18:00): 50 hours/week ≈ £100\n(08:00-13:00): 25 hours/week ≈ £40-50\n"
    found = said(text + "~50% reduction, saving £40-50\n")
    totals = {each.sum.said: bool(each.sum.right) for each in found if isinstance(each, c.Total)}

    assert totals["50 % less"] is True
    assert totals["saves 40–50 a month"] is False
