"""How everything stands, part by part: what the daily brief, the weekly report and the handover
say, and what is watched in between."""

from __future__ import annotations

import asyncio
from zoneinfo import ZoneInfo

from bot import fleet, jobfindings, secretsurvey
from bot.cards import counted, day_moment
from bot.clock import Clock
from bot.custody import Custody
from bot.findings import Severity, Trouble
from bot.jobsurvey import Surveyor
from bot.links import first_broken
from bot.parts import Part, part_of
from bot.podview import ailment, workload
from bot.policy import Policy
from bot.policyfile import PolicyFile
from bot.ports.applications import Applications
from bot.ports.argocd import Application, Health, Sync
from bot.ports.cost import Cost
from bot.ports.nodes import Nodes
from bot.ports.pods import Phase, Pods
from bot.ports.store import Store
from bot.scope import Scope
from bot.scraping import Scraping
from bot.standing import Keeper
from bot.stops import Stops
from bot.temporary import Ledger

Entries = asyncio.Future[list[secretsurvey.Entry]]
"""Being read, once for all who want them."""


class Brief:
    """Reads every part at once; one that is away leaves the others standing."""

    def __init__(
        self,
        *,
        applications: Applications,
        pods: Pods,
        nodes: Nodes,
        cost: Cost,
        survey: secretsurvey.Survey,
        scraping: Scraping,
        surveyor: Surveyor,
        stops: Stops,
        store: Store,
        ledger: Ledger,
        policy: Policy,
        keeper: Keeper,
        source: PolicyFile,
        scope: Scope,
        custody: Custody,
        clock: Clock,
        zone: ZoneInfo,
    ) -> None:
        self._applications = applications
        self._pods = pods
        self._nodes = nodes
        self._cost = cost
        self._survey = survey
        self.scraping = scraping
        self._surveyor = surveyor
        self._stops = stops
        self._store = store
        self._ledger = ledger
        self._policy = policy
        self._keeper = keeper
        self._source = source
        self._scope = scope
        self._custody = custody
        self._clock = clock
        self._zone = zone

    async def parts(self) -> list[Part]:
        """Every part but those the configuration leaves out, or that sleep with the cluster."""
        watched = [] if await self._stops.asleep() else await self.watched()
        cost = await part_of("cost", self._cost_part())
        first, *others = await self.standing()
        return [part for part in (first, cost, *watched, *others) if part is not None]

    async def standing(self) -> list[Part]:
        """The parts that people make: power, temporary states, operations, who is on call."""
        found = await asyncio.gather(
            part_of("power", self._power()),
            part_of("temporary", self._temporary()),
            part_of("operations", self._operations()),
            part_of("on call", self._on_call()),
            part_of("policy", self._pending()),
        )
        return [part for part in found if part is not None]

    async def watched(self) -> list[Part]:
        """The parts in which something can break by itself."""
        entries = asyncio.ensure_future(self._survey.entries())
        found = await asyncio.gather(
            part_of("applications", self._applications_part()),
            part_of("pods", self._pods_part()),
            part_of("nodes", self._nodes_part()),
            part_of(jobfindings.TOPIC, self._jobs()),
            part_of("secrets", self._secrets(entries)),
            part_of("vault", self._vault(entries)),
            part_of("labels", self.labels()),
        )
        return [part for part in found if part is not None]

    async def _power(self) -> Part | None:
        power = await self._stops.power()
        if power is None:
            return None
        said = power.cluster.power if power.cluster.settled else power.cluster.provisioning
        text = (
            f"{power.cluster.name} is {str(said).lower()}, {counted(power.cluster.nodes, 'node')}"
        )
        if power.next_stop and not power.cluster.off:
            text += f", stops {day_moment(power.next_stop, self._zone)}"
        if power.next_start and power.cluster.off:
            text += f", starts {day_moment(power.next_start, self._zone)}"
        if not power.cluster.broken:
            return Part("power", text)
        worst = Trouble("power/broken", Severity.CRITICAL, text, ("!cluster status",))
        return Part("power", text, False, (worst,))

    async def _cost_part(self) -> Part | None:
        spent, budget = await self._cost.month(), await self._cost.budget()
        text = f"{spent.total:.2f} {spent.currency} this month"
        if budget is None:
            return Part("cost", text)
        text += f"; budget {budget.spent:.0f} of {budget.amount:.0f} {budget.currency}"
        over = budget.spent > budget.amount
        if not over and (budget.forecast or 0) <= budget.amount:
            return Part("cost", text)
        said = "is spent" if over else f"will be passed: {budget.forecast:.0f} are forecast"
        level = Severity.CRITICAL if over else Severity.WARNING
        found = Trouble("cost/budget", level, f"the budget {said}", ("!cluster cost",))
        return Part("cost", text, False, (found,))

    async def _applications_part(self) -> Part:
        found = await fleet.seen(self._applications)
        wrong = [each for each in found if not each.well or each.conditions]
        troubles = tuple(
            Trouble(
                f"applications/{each.name}",
                Severity.CRITICAL if each.health is Health.DEGRADED else Severity.WARNING,
                f"{each.name}: {fleet.trouble(each)}",
                _steps(each),
            )
            for each in wrong
        )
        text = f"{len(found) - len(wrong)} of {len(found)} Synced and Healthy"
        return Part("applications", text, not wrong, troubles)

    async def _pods_part(self) -> Part:
        now, count, ended = self._clock.now(), 0, 0
        sick: dict[str, Trouble] = {}
        for namespace in self._scope.namespaces:
            async for pod in self._pods.pods(namespace):
                count += 1
                # What a stop of the cluster leaves behind has ended: it waits to be cleaned up.
                ended += pod.phase is Phase.FAILED
                if not pod.phase.terminal and (why := ailment(pod, now)):
                    name = workload(pod)
                    id = f"pods/{name}"
                    text = f"{name}: {pod.name} {why}"
                    sick.setdefault(id, Trouble(id, Severity.WARNING, text, ("!diagnose",)))
        text = f"{counted(count, 'pod')}, {len(sick) or 'none'} not well"
        text += f", {ended} left behind: !cleanup preview" if ended else ""
        return Part("pods", text, not sick, tuple(sick.values()))

    async def _nodes_part(self) -> Part:
        found = await self._nodes.nodes()
        troubles = tuple(
            Trouble(
                f"nodes/{node.name}",
                Severity.CRITICAL,
                f"{node.name} {', '.join(node.pressures) or 'is not ready'}",
                ("!nodes", "!cleanup preview"),
            )
            for node in found
            if node.pressures or not node.ready
        )
        text = f"{len(found) - len(troubles)} of {len(found)} ready and without pressure"
        return Part("nodes", text, not troubles, troubles)

    async def _jobs(self) -> Part:
        survey = await self._surveyor.survey()
        found = jobfindings.troubles(survey.found, self._clock.now(), self._zone)
        wrong = {each.id.split("/")[1] for each in found if each.severity > Severity.NOTE}
        text = f"{len(survey.found) - len(wrong)} of {len(survey.found)} CronJobs well"
        return Part(jobfindings.TOPIC, text, not wrong, tuple(found))

    async def _secrets(self, reading: Entries) -> Part:
        entries, now = await reading, self._clock.now()
        told = {each.name: secretsurvey.troubles(each, self._custody, now) for each in entries}
        troubles = tuple(
            Trouble(
                f"secrets/{name}",
                Severity.WARNING,
                texts[0],
                ("!secrets", f"!secrets refresh {name}"),
            )
            for name, texts in told.items()
            if texts
        )
        text = f"{len(entries) - len(troubles)} of {len(entries)} in order"
        return Part("secrets", text, not troubles, troubles)

    async def _vault(self, reading: Entries) -> Part | None:
        """The values the secrets are made of: one that expired is gone at the next refresh."""
        if not self._custody.vault:
            return None
        values, now = await self._survey.values(await reading), self._clock.now()
        told = {name: secretsurvey.ailing(name, value, now) for name, value in values.items()}
        troubles = tuple(
            Trouble(f"vault/{name}", Severity.WARNING, text, ("!secrets",))
            for name, text in told.items()
            if text
        )
        text = f"{len(values) - len(troubles)} of {counted(len(values), 'value')} in order"
        return Part("vault", text, not troubles, troubles)

    async def labels(self) -> Part:
        """Whether Rocket.Chat's metrics reach the dashboard."""
        broken = first_broken(await self.scraping.links())
        if broken is None:
            return Part("labels", "Rocket.Chat's metrics reach the dashboard")
        text = f"{broken.name}: {broken.text}"
        if broken.ok is None:
            return Part("labels", text, None)
        lines = ("!metrics check", *((broken.next,) if broken.next else ()))
        lost = Trouble("labels/lost", Severity.WARNING, f"metrics are lost at {text}", lines)
        return Part("labels", text, False, (lost,))

    async def _temporary(self) -> Part:
        states = await self._ledger.all()
        stuck = [each for each in states if each.trouble]
        troubles = tuple(
            Trouble(
                f"temporary/{each.code.lower()}",
                Severity.WARNING,
                f"{each.title} could not be taken back",
                ("!temporary",),
            )
            for each in stuck
        )
        shown = "; ".join(f"{s.title} until {day_moment(s.expires, self._zone)}" for s in states)
        return Part("temporary", shown or "nothing", not stuck, troubles)

    async def _operations(self) -> Part:
        found = await self._store.operations.open()
        shown = "; ".join(f"{each.code} {each.title} is {each.state}" for each in found)
        return Part("operations", shown or "none is open")

    async def _on_call(self) -> Part:
        await self._keeper.refresh()
        now = self._clock.now()
        names = [each.name for each in self._policy.people if self._policy.on_call(each, now)]
        if names:
            return Part("on call", ", ".join(names))
        gap = Trouble("on call/nobody", Severity.WARNING, "nobody is on call", ("!oncall take 2h",))
        return Part("on call", "nobody", False, (gap,))

    async def _pending(self) -> Part | None:
        """Rules on disk that do not hold yet: somebody has to know, and to restart."""
        found = await self._source.pending(self._policy)
        if found is None:
            return None
        level = Severity.CRITICAL if found.wrong else Severity.WARNING
        waits = Trouble("policy/pending", level, found.text, ("!policy",))
        return Part("policy", found.text, False, (waits,))


def _steps(application: Application) -> tuple[str, ...]:
    """What to type of an application that is not well."""
    name = application.name
    sync = (f"!app sync {name}",) if application.sync is Sync.OUT_OF_SYNC else ()
    return (f"!app {name}", *sync, "!diagnose")
