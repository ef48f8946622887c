"""What the simulated Argo CD refuses, with its own words, whoever carries the request."""

from __future__ import annotations

from adapters.sim.argo_fleet import Front
from adapters.sim.argo_records import Managed
from adapters.sim.world import World

BUSY = "another operation is already in progress"


class Refusal(Exception):
    """Argo CD's no: HTTP status, gRPC code and text."""

    def __init__(self, status: int, code: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text


class NotArgoCD(Exception):
    """Something that stands before Argo CD answers in its place."""

    def __init__(self, front: Front) -> None:
        super().__init__(front)
        self.front = front


def reached(world: World) -> None:
    """Raises NotArgoCD."""
    if world.argo.front is not Front.NOTHING:
        raise NotArgoCD(world.argo.front)


def known(world: World) -> None:
    """Raises Refusal for the token, NotArgoCD."""
    reached(world)
    if world.argo.token:
        raise Refusal(401, 16, str(world.argo.token))


def seen(world: World, name: str, *, project: bool = True) -> Managed:
    """The application. Raises Refusal, NotArgoCD."""
    known(world)
    found = world.argo.find(name)
    if "get" not in world.argo.rights or (found is None and not project):
        raise Refusal(403, 7, "permission denied")
    if found is None:
        raise Refusal(404, 5, f'applications.argoproj.io "{name}" not found')
    return found


def permitted(world: World, name: str, *, project: bool = True) -> Managed:
    """The application, which Houston may sync. Raises Refusal, NotArgoCD."""
    found = seen(world, name, project=project)
    if "sync" not in world.argo.rights:
        who = f"sub: {world.argo.account}, iat: 2026-01-26T10:00:00Z"
        text = f"permission denied: applications, sync, default/{name}, {who}"
        raise Refusal(403, 7, text)
    return found


def sync(world: World, name: str, operation: str, *, prune: bool, project: bool = True) -> Managed:
    """Begin a sync. Raises Refusal, NotArgoCD."""
    found = permitted(world, name, project=project)
    if found.window_closed:
        raise Refusal(403, 7, "cannot sync: blocked by sync window")
    if _busy(found):
        raise Refusal(400, 9, BUSY)
    found.ask_sync(operation, prune=prune, by=world.argo.account)
    return found


def terminate(world: World, name: str, *, project: bool = True) -> None:
    """Stop the running sync. Raises Refusal, NotArgoCD."""
    found = permitted(world, name, project=project)
    if not _busy(found):
        raise Refusal(400, 3, "Unable to terminate operation. No operation is in progress")
    found.terminate()


def _busy(found: Managed) -> bool:
    return found.run is not None and not found.run.finished
