"""The alerts on maintenance jobs a guide recommends, with limits the cluster's hours allow. Pure.

Series are those of kube-state-metrics. While the cluster is off it sends none; a rule without data
is silent, and after a start it waits as long as a run may be late.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.jobhealth import JobHealth, JobRules
from bot.joblint import Outlook
from bot.plan import Finding
from bot.ports.grafana import AlertRule

SUCCESS = "kube_cronjob_status_last_successful_time"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Place:
    """Where the rules go, and by which labels the hub tells this cluster's series from others."""

    folder: str
    group: str
    source: str
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Advice:
    """What is said of one CronJob, and the rules for it. `series` is what they need at the hub."""

    finding: Finding
    rules: tuple[AlertRule, ...] = ()
    series: str = ""


def recommended(found: Sequence[JobHealth], rules: JobRules, place: Place) -> list[Advice]:
    """For each CronJob that has a limit."""
    names = Counter(each.name for each in found)
    return [
        _advice(each, rules, place, names[each.name] > 1)
        for each in found
        if each.limit is not None
    ]


def _advice(each: JobHealth, rules: JobRules, place: Place, doubtful: bool) -> Advice:
    limit, look = each.limit or timedelta(0), each.outlook
    shown = f"{limit / _HOUR:g} h"
    if doubtful:
        return _left_out(each, "its name is there in two namespaces")
    if each.job.suspended:
        return _left_out(each, "it is suspended")
    if look is None:
        return _left_out(each, f"its times cannot be foreseen ({each.words})")
    if look.runs == 0:
        return _left_out(each, "by its schedule and the cluster's hours it can never run")
    right = _right(limit, look, rules.grace)
    text = f"{each.name}: {shown} fits, no pause between two runs is as long"
    if right != limit:
        text = (
            f"{each.name}: {shown} would fire {len(look.alarms)} times a year though all is well; "
            f"{right / _HOUR:g} h is right for the cluster's hours"
        )
    late, failed = _late(each, right, rules, place), _failing(each, rules, place)
    kept = each.job.keeps[1]
    if kept < rules.failures:
        text += f"; it keeps {kept} failed Job, so that many is an alarm already"
    return Advice(Finding(text), (late, failed), _series(each, place))


def _left_out(each: JobHealth, why: str) -> Advice:
    return Advice(Finding(f"{each.name}: no alert, {why}"))


def _right(limit: timedelta, look: Outlook, grace: timedelta) -> timedelta:
    """The limit, or the longest pause that is well and what a run may be late, in whole hours."""
    if not look.alarms:
        return limit
    longest = max(end - begin for begin, end in look.alarms) + limit
    return math.ceil((longest + grace) / _HOUR) * _HOUR


def _late(each: JobHealth, limit: timedelta, rules: JobRules, place: Place) -> AlertRule:
    title = f"{each.name} has not succeeded for {limit / _HOUR:g} h"
    expression = f"time() - max by (cronjob) ({_series(each, place)})"
    return AlertRule(
        uid=_uid(each, "late"),
        title=title,
        expression=expression,
        above=limit.total_seconds(),
        **_common(each, rules, place),
    )


def _failing(each: JobHealth, rules: JobRules, place: Place) -> AlertRule:
    times = max(1, min(rules.failures, each.job.keeps[1]))
    title = f"{each.name} failed {times} times in a row" if times > 1 else f"{each.name} failed"
    owned = _selected("kube_job_owner", place, owner_kind="CronJob", owner_name=each.name)
    owner = f"on (namespace, job_name) group_left (owner_name) {owned}"
    ill = f"max by (namespace, job_name) ({_selected('kube_job_status_failed', place)}) > 0"
    began = f"{_selected('kube_job_status_start_time', place)} * {owner}"
    success = (
        f'label_replace(max by (cronjob) ({_series(each, place)}), "owner_name", "$1", "cronjob", '
        '"(.*)")'
    )
    text = (
        f"count by (owner_name) (({ill}) * {owner} unless on (namespace, job_name) "
        f"({began} <= on (owner_name) group_left () {success}))"
    )
    return AlertRule(
        uid=_uid(each, "failing"),
        title=title,
        expression=text,
        above=times - 0.5,
        **_common(each, rules, place),
    )


def _common(each: JobHealth, rules: JobRules, place: Place) -> dict[str, Any]:
    return {
        "folder": place.folder,
        "group": place.group,
        "source": place.source,
        "lasts": rules.grace,
        "summary": f"{each.name} runs {each.words}",
        "labels": {"severity": "warning", "component": "maintenance"},
    }


def _uid(each: JobHealth, kind: str) -> str:
    """Its own for ever: at most 40 letters, digits and dashes."""
    mark = hashlib.sha256(f"{each.job.namespace}/{each.name}/{kind}".encode()).hexdigest()[:8]
    return f"{re.sub(r'[^a-z0-9-]', '-', each.name)[:20]}-{kind}-{mark}"


def _series(each: JobHealth, place: Place) -> str:
    return _selected(SUCCESS, place, cronjob=each.name)


def _selected(metric: str, place: Place, **labels: str) -> str:
    """A selector of this cluster's series."""
    pairs = {**labels, **place.labels}.items()
    return f"{metric}{{{','.join(f'{key}=' + json.dumps(value) for key, value in pairs)}}}"
