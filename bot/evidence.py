"""Evidence before destruction: what a pod was like, kept before anything is done to it."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

import yaml

from bot.cards import text_file
from bot.clock import Clock
from bot.errors import AdapterError, Missing, Refused
from bot.plan import Run, Step
from bot.podview import ailment, hurting
from bot.ports.chat import File
from bot.ports.engine import Json
from bot.ports.pods import Pod, Pods
from bot.ports.resources import Kind, Resources
from bot.ports.store import Documents, Store
from bot.redact import Redactor

KIND = "evidence"
_TAIL = 400
_LIMIT = 200_000
"""Bytes of each part of a bundle."""
_EVENTS = 50


@dataclass(frozen=True)
class Evidence:
    """Keeps bundles: state, events, logs of this and the previous instance, manifest; redacted."""

    pods: Pods
    resources: Resources
    store: Store
    redactor: Redactor
    clock: Clock

    def keep(self, *pods: tuple[str, str]) -> Step[str]:
        """The step that keeps a bundle of each pod, given by namespace and name."""

        async def act(run: Run) -> str:
            kept = [await self.bundle(run.id, *pod) for pod in pods]
            return (
                f"{sum(kept)} kept: !evidence shows them" if any(kept) else "nothing left to keep"
            )

        return Step("Keep evidence", act)

    async def bundle(self, operation: str, namespace: str, name: str) -> bool:
        """Keep one pod's bundle, once; false when it is gone already."""
        key = f"{operation}/{namespace}/{name}"
        if await self._documents.get(KIND, key):
            return True
        try:
            pod = await self.pods.pod(namespace, name)
        except Missing:
            return False
        parts = {
            "state": self._state(pod),
            "events": await self._part(self._events(pod)),
            "manifest": await self._part(self._manifest(pod)),
            **await self._logs(pod),
        }
        body: dict[str, Json] = {"at": self.clock.now().isoformat(), "pod": name}
        body["parts"] = {part: self._clean(text) for part, text in parts.items() if text}
        await self._documents.add(KIND, key, body)
        return True

    @property
    def _documents(self) -> Documents:
        return self.store.documents

    def _state(self, pod: Pod) -> str:
        why = ailment(pod, self.clock.now()) or "well"
        lines = [f"{pod.namespace}/{pod.name} {pod.phase} {pod.status}: {why}", pod.message]
        for container in pod.containers:
            lines.append(
                f"{container.name}: {container.activity} {container.reason} {container.message}, "
                f"{container.restarts} restarts, {container.image} {container.image_id}"
            )
            if container.last:
                lines.append(f"  last: {container.last.reason} {container.last.exit_code}")
        return "\n".join(line for line in lines if line)

    async def _events(self, pod: Pod) -> str:
        found = [event async for event in self.pods.events(pod.namespace, uid=pod.uid)]
        found.sort(key=lambda event: event.last)
        return "\n".join(
            f"{event.last:%Y-%m-%dT%H:%M:%SZ} {event.reason} x{event.count}: {event.message}"
            for event in found[-_EVENTS:]
        )

    async def _manifest(self, pod: Pod) -> str:
        text = await self.resources.manifest(Kind.POD, pod.namespace, pod.name)
        return without_values(text)

    async def _logs(self, pod: Pod) -> dict[str, str]:
        """Of every container; of the previous instance of the one that ails."""
        found = {}
        for container in pod.containers:
            log = self.pods.logs(pod.namespace, pod.name, container=container.name, tail=_TAIL)
            found[f"log {container.name}"] = await self._part(log)
        hurt = hurting(pod)
        if hurt is not None and hurt.last is not None:
            log = self.pods.logs(
                pod.namespace, pod.name, container=hurt.name, previous=True, tail=_TAIL
            )
            found[f"previous log {hurt.name}"] = await self._part(log)
        return found

    async def _part(self, reading: Awaitable[str]) -> str:
        """The text, or why there is none: a part that cannot be had does not lose the others."""
        try:
            return await reading
        except AdapterError as error:
            return f"({error.message})"

    def _clean(self, text: str) -> str:
        return self.redactor.clean(text.encode()[-_LIMIT:].decode("utf-8", "replace"))


def without_values(manifest: str) -> str:
    """The manifest without the literal values of variables and without what kubectl once applied.

    Raises Refused when it is no YAML.
    """
    try:
        found = yaml.safe_load(manifest)
    except yaml.YAMLError:
        raise Refused("The manifest is no YAML.", "It is not kept") from None
    notes = (found.get("metadata") or {}).get("annotations") or {}
    notes.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    spec = found.get("spec") or {}
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        for variable in container.get("env") or ():
            if "value" in variable:
                variable["value"] = "[redacted]"
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True)


async def bundles(documents: Documents, operation: str) -> list[File]:
    """What was kept for an operation, a text file for each pod."""
    found = []
    for key, body in (await documents.all(KIND)).items():
        if not key.startswith(f"{operation}/"):
            continue
        parts = body["parts"]
        text = f"{body['pod']}, kept {body['at']}\n"
        if isinstance(parts, dict):
            text += "".join(f"\n=== {part}\n{said}\n" for part, said in parts.items())
        found.append(text_file(f"{body['pod']}.txt", text))
    return found
