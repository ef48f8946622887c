"""`!alerts recommend`"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.alerting import Advice, Place, recommended
from bot.cards import duration
from bot.command import operation
from bot.dashboards import chosen
from bot.errors import Already, HoustonError, Missing, Refused, Unconfigured
from bot.foldering import made_folder
from bot.jobhealth import JobRules
from bot.jobsurvey import Surveyor
from bot.panelling import Panelling
from bot.pipeline import Pipeline
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.grafana import AlertRule, Grafana
from bot.ports.metrics import Metrics


@dataclass(frozen=True)
class Alerts:
    """The rules to be made or changed."""

    folder: str
    rules: tuple[AlertRule, ...]


@operation(
    "alerts recommend",
    guide="Monitoring Maintenance Jobs",
    manual=(
        "Grafana, Alerting, Alert rules, New alert rule, once for each CronJob",
        "set the limit longer than the cluster is off, and no data to Normal",
    ),
    examples=("!alerts recommend",),
    unbound={Bound.COMMIT: "the rules come from the configuration and the CronJobs, not from git"},
)
async def recommend(
    *,
    surveyor: Surveyor,
    rules: JobRules,
    grafana: Grafana,
    metrics: Metrics,
    pipeline: Pipeline,
    panelling: Panelling,
) -> Plan[Alerts]:
    """Make the recommended alerts on jobs, with limits that fit the hours the cluster is on."""
    survey = await surveyor.survey(partly=True)
    source = chosen(await grafana.data_sources(), panelling.source)
    labels = {name: pipeline.labels[name] for name in pipeline.external}
    place = Place(panelling.folder, panelling.group, source.uid, labels)
    advice = recommended(survey.found, rules, place)
    wanted = [rule for each in advice for rule in each.rules]
    if not wanted:
        raise _nothing(advice)
    before = [await _known(grafana, rule) for rule in wanted]
    pairs = [(old, new) for old, new in zip(before, wanted, strict=True) if old != new]
    if not pairs:
        raise Already("Grafana has every recommended alert.", f"See its folder {panelling.title}")
    return Plan(
        f"{len(pairs)} of {len(wanted)} recommended alerts",
        facts=Alerts(panelling.folder, tuple(new for _, new in pairs)),
        target=f"alerts/{panelling.group}",
        tier=Tier.MEDIUM,
        reach=Reach(objects=(f"alerts/{panelling.group}",)),
        diff="\n".join(line for old, new in pairs for line in _lines(old, new)),
        where=(f"folder {panelling.folder}, group {panelling.group}", source.name),
        findings=(
            *(each.finding for each in advice),
            *([Finding(f"the cluster's hours: {survey.blind}", None)] if survey.blind else []),
            *await _fed(metrics, advice),
            Finding("without data no rule fires: the cluster may be off"),
        ),
        expected=timedelta(seconds=20),
        versions={f"alert/{new.uid}": _version(old) for old, new in pairs},
    )


@recommend.actions
def actions(facts: Alerts, *, grafana: Grafana, panelling: Panelling) -> Actions:
    """Make the folder, each rule, and read them back."""

    def put(rule: AlertRule) -> Step[str]:
        async def act(run: Run) -> str:
            del run
            await grafana.put_rule(rule)
            return rule.uid

        return Step(rule.title, act)

    async def look(run: Run) -> Sight:
        del run
        right = [await _known(grafana, rule) == rule for rule in facts.rules]
        return Sight(all(right), f"{sum(right)} of {len(right)} are so")

    return [
        made_folder(grafana, facts.folder, panelling.title),
        *map(put, facts.rules),
        Check("Grafana has the rules as planned", look, within=timedelta(minutes=1)),
    ]


def _nothing(advice: Sequence[Advice]) -> Refused:
    """Why there is no alert to make."""
    said = "; ".join(each.finding.text for each in advice)
    return Refused(
        f"There is no alert to recommend: {said or 'no CronJob has a limit'}.",
        "reports.run_limits in the configuration has the limits by name",
    )


async def _fed(metrics: Metrics, advice: Sequence[Advice]) -> list[Finding]:
    """Whether the hub has what the rules look at: a rule without data stays silent."""
    found = []
    for each in (one for one in advice if one.series):
        try:
            series = await metrics.query(each.series)
        except Unconfigured:
            return []
        except HoustonError as error:
            return [Finding(f"whether the hub has the series is not seen: {error.message}", None)]
        if not series:
            text = f"the hub has no {each.series}: until it has, its alerts stay silent"
            found.append(Finding(text, None))
    return found


async def _known(grafana: Grafana, rule: AlertRule) -> AlertRule | None:
    try:
        return await grafana.rule(rule.uid)
    except Missing:
        return None


def _version(rule: AlertRule | None) -> str:
    """The whole rule as it is, for comparing."""
    return "not there" if rule is None else f"{_said(rule)}, when {rule.expression}"


def _lines(old: AlertRule | None, new: AlertRule) -> list[str]:
    """As a diff reads."""
    said = [f"+ {_said(new)}"]
    return [f"- {_said(old)}", *said] if old else said


def _said(rule: AlertRule) -> str:
    return f"{rule.title}: above {rule.above:g} for {duration(rule.lasts)}"
