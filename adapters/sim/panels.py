"""The simulated Grafana: data sources, folders, dashboards and alert rules, in its own JSON.

Laws: a dashboard is saved over the version its writer knows; folders and rules are made once; what
was provisioned from files takes no change.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from adapters.sim.remote import Remote

if TYPE_CHECKING:
    from adapters.sim.world import World

Json = dict[str, Any]
METRICS, TRACES = "mimir", "tempo"
"""The uids of the data sources."""
SOURCES: tuple[Json, ...] = (
    {"id": 3, "uid": "loki", "name": "Logs", "type": "loki", "isDefault": False},
    {"id": 1, "uid": METRICS, "name": "Mimir", "type": "prometheus", "isDefault": True},
    {"id": 2, "uid": TRACES, "name": "Tempo", "type": "tempo", "isDefault": False},
)
VERSION = "12.3.1"
_DENIED = "You'll need additional permissions to perform this action. Permissions needed: "


def board_of(remote: Remote) -> dict[str, str]:
    """Which file is the dashboard of the jobs, as a setting."""
    for path in remote.paths():
        if path.endswith(".json") and b"kube_cronjob" in remote.read(path):
            return {"dashboard": path}
    return {}


class GrafanaRefusal(Exception):
    """Grafana refuses, with a status and a body."""

    def __init__(self, status: int, message: str, /, **more: str) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = {"message": message, **more}


class Panels:
    """State and laws.

    `lacking` are the permissions the token does not have, such as `datasources:read`. `provisioned`
    are uids of dashboards that come from files.
    """

    def __init__(self) -> None:
        self.sources = [dict(source) for source in SOURCES]
        self.folders: dict[str, str] = {}
        self.boards: dict[str, tuple[Json, str]] = {}
        self.rules: dict[str, Json] = {}
        self.lacking: set[str] = set()
        self.provisioned: set[str] = set()

    def bind(self, world: World) -> None:
        self._world = world

    def listed(self) -> list[Json]:
        """`GET /api/datasources`."""
        self._allowed("datasources:read")
        return copy.deepcopy(self.sources)

    def source(self, uid: str) -> Json:
        """The data source a proxied call goes to."""
        self._allowed("datasources:query")
        found = next((each for each in self.sources if each["uid"] == uid), None)
        if found is None:
            raise GrafanaRefusal(404, "Unable to load datasource metadata")
        return found

    def board(self, uid: str) -> Json:
        """`GET /api/dashboards/uid/:uid`."""
        self._allowed("dashboards:read")
        if uid not in self.boards:
            raise GrafanaRefusal(404, "Dashboard not found")
        content, folder = self.boards[uid]
        slug = content["title"].lower().replace(" ", "-")
        meta = {"url": f"/d/{uid}/{slug}", "slug": slug, "folderUid": folder}
        return {"dashboard": copy.deepcopy(content), "meta": meta}

    def save(self, body: Json) -> Json:
        """`POST /api/dashboards/db`."""
        self._allowed("dashboards:write")
        content, folder = copy.deepcopy(body["dashboard"]), str(body.get("folderUid") or "")
        uid = str(content.get("uid") or "")
        if not uid or not content.get("title"):
            raise GrafanaRefusal(400, "Dashboard title cannot be empty")
        if uid in self.provisioned:
            raise GrafanaRefusal(400, "Cannot save provisioned dashboard")
        if folder and folder not in self.folders:
            raise GrafanaRefusal(404, "folder not found")
        known = self.boards.get(uid)
        version = known[0]["version"] if known else 0
        if version != int(content.get("version") or 0) and not body.get("overwrite"):
            text = "The dashboard has been changed by someone else"
            raise GrafanaRefusal(412, text, status="version-mismatch")
        content |= {"version": version + 1, "id": len(self.boards) + 1}
        self.boards[uid] = (content, folder)
        return {"uid": uid, "status": "success", "version": version + 1}

    def folder(self, uid: str) -> Json:
        """`GET /api/folders/:uid`."""
        self._allowed("folders:read")
        if uid not in self.folders:
            raise GrafanaRefusal(404, "folder not found", status="not-found")
        return {"uid": uid, "title": self.folders[uid]}

    def make_folder(self, body: Json) -> Json:
        """`POST /api/folders`."""
        self._allowed("folders:create")
        if body["uid"] in self.folders:
            text = "a folder with the same UID already exists"
            raise GrafanaRefusal(412, text, status="version-mismatch")
        self.folders[body["uid"]] = body["title"]
        return dict(body)

    def rule(self, uid: str) -> Json:
        """`GET /api/v1/provisioning/alert-rules/:uid`."""
        self._allowed("alert.provisioning:read")
        if uid not in self.rules:
            raise GrafanaRefusal(404, "alert rule not found")
        return copy.deepcopy(self.rules[uid])

    def put_rule(self, body: Json, uid: str = "") -> Json:
        """`POST …/alert-rules`, with a uid `PUT …/alert-rules/:uid`."""
        self._allowed("alert.provisioning:write")
        if uid and uid not in self.rules:
            raise GrafanaRefusal(404, "alert rule not found")
        if not uid and body["uid"] in self.rules:
            raise GrafanaRefusal(409, "alert rule UID under organization conflict")
        if body["folderUID"] not in self.folders:
            raise GrafanaRefusal(404, "folder not found")
        seconds = int(body["for"].removesuffix("s"))
        length = f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"
        self.rules[uid or body["uid"]] = {**copy.deepcopy(body), "for": length}
        return copy.deepcopy(body)

    def _allowed(self, permission: str) -> None:
        if permission in self.lacking:
            raise GrafanaRefusal(403, _DENIED + permission, title="Access denied")
