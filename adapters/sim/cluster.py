"""The simulated cluster: what the values file asks for, what runs, and Argo CD in between.

Laws: a commit is noticed by a refresh or within two minutes; then the application is OutOfSync; an
automated sync follows, unless one was asked for; changed Deployments roll out pod by pod; the
monolith with one replica takes chat away while it restarts.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from adapters.sim import objects as derived
from adapters.sim.apiserver import ApiServer
from adapters.sim.controllers import GRACE, Controllers
from adapters.sim.objectstore import ObjectStore
from adapters.sim.podlogs import PodLogs
from adapters.sim.published import IMAGES, RELEASES, listed, released
from adapters.sim.secretsync import SecretSync
from adapters.sim.seed.objects import furnish
from adapters.sim.syncing import Syncing
from adapters.sim.workloads import MONOLITH, Deployment, Pod, asked_for
from bot.ports.argocd import Health, Phase, Sync
from bot.ports.registry import Release

if TYPE_CHECKING:
    from adapters.sim.world import World

_RECONCILE = 120.0
_AUTOMATED = 3.0
_SYNC = 4.0
_RETRY = 5.0


@dataclass
class Cluster:
    """State and laws. Seconds are simulated ones."""

    application: str = "aks-rocketchat-helm"
    namespace: str = "rocketchat"
    values: str = "values.yaml"
    chart: str = "6.27.1"
    automated: bool = True
    follows: str = ""
    mongodb: str = "7.0.14"
    rollout_seconds: float = 20.0
    sync_failures: int = 0
    deadline_seconds: float = 120.0
    window_closed: bool = False
    releases: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(RELEASES))
    images: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(IMAGES))
    removed_tags: set[tuple[str, str]] = field(default_factory=set)
    private_images: set[str] = field(default_factory=set)
    unpullable: set[str] = field(default_factory=set)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    syncs: list[Syncing] = field(default_factory=list)
    sync: Sync = Sync.SYNCED
    revision: str = ""
    noticed: str = ""
    version: int = 1000
    awake: bool = True
    sleeps: int = 0
    objects: ObjectStore = field(default_factory=ObjectStore)
    logs: PodLogs = field(default_factory=PodLogs)

    def __post_init__(self) -> None:
        self.controllers = Controllers(self.objects)
        self.api = ApiServer(self.objects, self.controllers)
        self.secrets = SecretSync(self.objects)

    def bind(self, world: World) -> None:
        """Belong to a world; everything the values file asks for runs already."""
        self._world = world
        self.objects.bind(lambda: self.version, self.next_version, world.clock.now)
        for part in (self.controllers, self.api, self.secrets):
            part.bind(world)
        self.follows = self.follows or world.remote.branch
        self.revision = self.noticed = world.remote.head()
        for wanted in self.wanted(self.revision):
            made = replace(wanted)
            made.settle(self.next_version())
            self.deployments[made.name] = made
        for plural, made_of in derived.DERIVED.items():
            self.objects.derive(plural, partial(made_of, self))
        furnish(self)
        self.chat_follows(self.deployments[MONOLITH])

    def reconcile_for_ever(self) -> None:
        """Begin to look at git every two minutes, as Argo CD does, and at schedules."""
        self._world.begin(self._reconcile())
        self._world.begin(self.controllers.jobs.schedule())

    def deployment(self, name: str) -> Deployment:
        """Raises KeyError."""
        return self.deployments[name]

    @property
    def health(self) -> Health:
        """As Argo CD judges it from the Deployments; those of a stopped cluster it cannot see."""
        if not self.awake:
            return Health.MISSING
        if any(deployment.failed for deployment in self.deployments.values()):
            return Health.DEGRADED
        if any(not deployment.done for deployment in self.deployments.values()):
            return Health.PROGRESSING
        return Health.HEALTHY

    @property
    def busy(self) -> bool:
        return bool(self.syncs) and not self.syncs[-1].finished

    def tag_exists(self, repository: str, tag: str) -> bool:
        """Whether a registry has this image."""
        return tag in (self.tags(repository) or ())

    def tags(self, repository: str) -> list[str] | None:
        """Every tag of an image; None for one nobody published."""
        return listed(repository, self.images, self.releases, self.removed_tags)

    def release(self, version: str) -> Release | None:
        """What is published of a version; `latest` is the newest."""
        return released(version, self.releases)

    def refresh(self) -> None:
        """Argo CD looks at git."""
        head = self._world.remote.head()
        if head == self.noticed or not self.awake:
            return
        self.noticed = head
        self.sync = Sync.OUT_OF_SYNC
        if self.automated:
            self._world.begin(self._sync_by_itself(head))

    @property
    def sync_shown(self) -> Sync:
        """Argo CD cannot compare while the cluster is stopped."""
        return self.sync if self.awake else Sync.UNKNOWN

    def ask_sync(self, operation: str, *, prune: bool = False) -> None:
        """Somebody asks for a sync of what was noticed. Only when not `busy`."""
        self._begin_sync(operation, automated=False, prune=prune)

    def terminate(self) -> None:
        """Somebody stops the running sync. Only when `busy`."""
        self._note(len(self.syncs) - 1, phase=Phase.FAILED, message="Operation terminated",
                   finished=True, ended=self._stamp())  # fmt: skip

    def wanted(self, commit: str) -> list[Deployment]:
        """The Deployments the values file at a commit asks for."""
        return asked_for(self._world.remote.read(self.values, commit))

    async def _reconcile(self) -> None:
        while True:
            await self._world.pause(_RECONCILE)
            self.refresh()

    async def _sync_by_itself(self, head: str) -> None:
        await self._world.pause(_AUTOMATED)
        while self.busy:
            await self._world.pause(1.0)
        if self.revision != head and self.noticed == head and not self._tried(head):
            self._begin_sync("", automated=True, prune=True)

    def _tried(self, head: str) -> bool:
        """A sync that failed is not repeated by itself for the same commit."""
        return any(head in sync.revisions for sync in self.syncs)

    def _begin_sync(self, operation: str, *, automated: bool, prune: bool) -> None:
        started = self._stamp()
        self.syncs.append(
            Syncing(
                Phase.RUNNING,
                "one or more tasks are running",
                (self.chart, self.noticed),
                operation,
                started=started,
                automated=automated,
                prune=prune,
            )
        )
        self._world.begin(self._carry_out(len(self.syncs) - 1))

    async def _carry_out(self, index: int) -> None:
        await self._world.pause(_SYNC)
        if self.syncs[index].finished:
            return
        if not self.awake:
            text = "failed to get cluster info: error synchronizing cache state"
            self._note(index, phase=Phase.ERROR, message=text, finished=True)
            return
        while self.sync_failures:
            self.sync_failures -= 1
            self._note(index, message="one or more objects failed to apply. Retrying attempt #1",
                       ended=self._stamp())  # fmt: skip
            await self._world.pause(_RETRY)
            if self.syncs[index].finished:
                return
            if not self.sync_failures:
                text = "one or more objects failed to apply, reason: admission webhook denied it"
                self._note(index, phase=Phase.FAILED, message=text, finished=True)
                return
        revision = self.syncs[index].revisions[-1]
        self.revision, self.sync = revision, Sync.SYNCED
        self._apply(revision)
        self._note(
            index,
            phase=Phase.SUCCEEDED,
            message="successfully synced (all tasks run)",
            finished=True,
            ended=self._stamp(),
        )

    def _note(self, index: int, **changed: Any) -> None:
        self.syncs[index] = replace(self.syncs[index], **changed)

    def _apply(self, revision: str) -> None:
        for wanted in self.wanted(revision):
            live = self.deployments.setdefault(wanted.name, wanted)
            live.scraped = wanted.scraped
            if (live.image, live.replicas) == (wanted.image, wanted.replicas) and live.pods:
                continue
            live.change(wanted.image, wanted.replicas, self.next_version())
            self._world.begin(self.roll(live, live.generation))

    async def roll(self, live: Deployment, generation: int) -> None:
        """Bring the pods one by one to what the template says; a newer change takes over."""
        now = generation, self.sleeps
        await self._world.pause(1.0)
        live.observed = generation
        if live.image in self.unpullable:
            await self._stuck(live, generation)
            return
        while (live.generation, self.sleeps) == now and (live.surplus or not live.done):
            old = next((pod for pod in live.pods if not live.current(pod)), None)
            if old is not None or live.surplus:
                live.pods.remove(old or live.pods[-1])
                self.chat_follows(live)
            elif len(live.pods) >= live.replicas:
                await self._world.pause(1.0)  # a pod that an older change began is on its way
            if len(live.pods) < live.replicas:
                await self._bring_up(live)
            live.resource_version = self.next_version()

    async def _bring_up(self, live: Deployment) -> None:
        """One more pod; it takes its time, and suffers from what the Deployment suffers from."""
        pod = live.begin_pod(self.next_version(), self._stamp())
        await self._world.pause(self.rollout_seconds)
        pod.trouble = self.controllers.trouble_of(self.namespace, live.name)
        pod.ready, pod.suffers = pod.trouble is None, self._stamp()
        if pod.trouble and pod in live.pods:
            shown = self.objects.get("pods", self.namespace, pod.name)
            self.controllers.suffer(shown, pod.trouble)
        live.resource_version = self.next_version()
        self.chat_follows(live)

    def restart(self, name: str, at: str) -> None:
        """Replace every pod of a Deployment of the release; the same `at` twice is one restart."""
        live = self.deployments[name]
        if live.restarted != at:
            live.restart(at, self.next_version())
            self._world.begin(self.roll(live, live.generation))

    def stop_pod(self, name: str) -> None:
        """Delete a pod of the release; its ReplicaSet makes another one."""
        for live in self.deployments.values():
            for pod in live.pods:
                if pod.name == name and not pod.deleted:
                    pod.deleted, pod.ready = self._stamp(), False
                    self.chat_follows(live)
                    self._world.begin(self._end_pod(live, pod))

    async def _end_pod(self, live: Deployment, pod: Pod) -> None:
        await self._world.pause(GRACE)
        if pod in live.pods:
            live.pods.remove(pod)
            live.resource_version = self.next_version()
        if self.awake and len(live.pods) < live.replicas:
            await self._bring_up(live)

    async def _stuck(self, live: Deployment, generation: int) -> None:
        """The new pod's image cannot be pulled; Kubernetes gives up after the deadline."""
        live.pods.append(Pod(live.pod_name(), live.image, waiting="ImagePullBackOff"))
        await self._world.pause(self.deadline_seconds)
        if live.generation == generation:
            live.failed = True
            live.resource_version = self.next_version()

    def chat_follows(self, live: Deployment) -> None:
        if live.name == MONOLITH:
            ready = next((pod for pod in live.pods if pod.ready), None)
            version = ready.image.rsplit(":", 1)[-1] if ready else None
            self._world.chat.set_up(ready is not None, version)

    def _stamp(self) -> str:
        return self._world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def next_version(self) -> int:
        self.version += 1
        return self.version
