"""The step by which a folder is there in Grafana."""

from __future__ import annotations

from bot.errors import Conflict, Missing
from bot.plan import Run, Step
from bot.ports.grafana import Grafana


def made_folder(grafana: Grafana, folder: str, title: str) -> Step[str]:
    """Make the folder of that uid when it is not there; the root always is. Gives its title."""

    async def act(run: Run) -> str:
        del run
        if not folder:
            return "the root"
        try:
            return await grafana.folder(folder)
        except Missing:
            try:
                await grafana.make_folder(folder, title)
            except Conflict:  # somebody made it meanwhile
                return await grafana.folder(folder)
        return title

    return Step("See its folder", act)
