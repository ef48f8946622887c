"""`!dashboard import`"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from bot.arguments import Option, Says
from bot.command import operation
from bot.dashboards import chosen, difference, prepared, says
from bot.errors import Already, Missing
from bot.foldering import made_folder
from bot.panelling import Panelling
from bot.plan import Actions, Bound, Check, Finding, Plan, Reach, Run, Sight, Step, Tier
from bot.ports.git import File, Git
from bot.ports.grafana import Dashboard, DataSource, Grafana


@dataclass(frozen=True)
class Import:
    """Which file of which commit goes where. `version` is the one it is written over, 0 for a new
    dashboard."""

    path: str
    commit: str
    uid: str
    title: str
    source: DataSource
    folder: str
    version: int


@operation(
    "dashboard import",
    guide="Monitoring Maintenance Jobs",
    manual=(
        "Grafana, Dashboards, New, Import, Upload JSON file",
        "choose ops/manifests/grafana-dashboard-maintenance-jobs.json",
        "choose the Prometheus data source in the dashboard's variable, and save",
    ),
    examples=("!dashboard import", "!dashboard import --source Mimir"),
    unbound={Bound.OBJECTS: "the version it is written over is a fact"},
)
async def take_in(
    source: Annotated[str, Says("NAME"), Option()] = "",
    *,
    git: Git,
    grafana: Grafana,
    panelling: Panelling,
) -> Plan[Import]:
    """Bring the dashboard of the maintenance jobs from git into Grafana, with its data source."""
    taken = chosen(await grafana.data_sources(), panelling.source, source)
    file = await git.read(panelling.dashboard)
    wanted = prepared(file.content, taken)
    known = await _known(grafana, str(wanted["uid"]))
    if known and says(known.content, wanted):
        raise Already(f"Grafana has {wanted['title']} as git has it.", f"See {known.address}")
    facts = _facts(file, wanted, taken, known, panelling)
    return Plan(
        f"{'Update' if known else 'Import'} the dashboard {facts.title}",
        facts=facts,
        target=f"dashboard/{facts.uid}",
        tier=Tier.MEDIUM,
        reach=Reach(objects=(f"dashboard/{facts.uid}",)),
        diff=difference(known.content if known else None, wanted),
        where=(
            f"{file.path} on {git.branch} at {file.commit[:7]}",
            f"folder {facts.folder or 'root'}",
        ),
        findings=(
            Finding(f"its panels ask the data source {taken.name}"),
            _before(known),
        ),
        expected=timedelta(seconds=10),
    )


def _facts(
    file: File,
    wanted: Mapping[str, Any],
    source: DataSource,
    known: Dashboard | None,
    panelling: Panelling,
) -> Import:
    return Import(
        path=file.path,
        commit=file.commit,
        uid=str(wanted["uid"]),
        title=str(wanted["title"]),
        source=source,
        folder=known.folder if known else panelling.folder,
        version=known.version if known else 0,
    )


def _before(known: Dashboard | None) -> Finding:
    if known is None:
        return Finding("there is no dashboard of that uid yet")
    text = f"what was changed in Grafana since version {known.version} is lost; its history has it"
    return Finding(text)


@take_in.actions
def actions(facts: Import, *, git: Git, grafana: Grafana, panelling: Panelling) -> Actions:
    """Make the folder, write the dashboard over the version that was seen, and read it back."""

    async def wanted() -> dict[str, Any]:
        return prepared((await git.read(facts.path, facts.commit)).content, facts.source)

    async def save(run: Run) -> str:
        content, known = await wanted(), await _known(grafana, facts.uid)
        if known and says(known.content, content):
            return "it was so already"
        made = Dashboard(facts.uid, facts.folder, facts.version, content)
        await grafana.save(made, f"{facts.path} at {facts.commit[:7]}, operation {run.id}")
        return f"version {facts.version + 1}"

    async def look(run: Run) -> Sight:
        del run
        known = await grafana.dashboard(facts.uid)
        return Sight(says(known.content, await wanted()), known.address)

    return [
        made_folder(grafana, facts.folder, panelling.title),
        Step(f"Write {facts.title}", save),
        Check("Grafana has it as git has it", look, within=timedelta(minutes=1)),
    ]


async def _known(grafana: Grafana, uid: str) -> Dashboard | None:
    try:
        return await grafana.dashboard(uid)
    except Missing:
        return None
