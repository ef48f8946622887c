"""Takes the place of a port whose system is not in the configuration."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import NoReturn, cast

from bot.clock import Clock
from bot.drill import Drill, Stage, Stages
from bot.errors import Refused, Unconfigured
from bot.ports.automation import Automation
from bot.ports.azure import Azure
from bot.ports.cost import Cost
from bot.ports.grafana import Grafana
from bot.ports.traces import Traces
from bot.ports.vault import Identities, Vault
from bot.roster import Person


class Absent:
    """Every method refuses and says which keys to add.

    Args:
        system: its name as people know it.
        keys: the settings that would bring it.
    """

    def __init__(self, system: str, keys: str) -> None:
        self._refusal = f"{system} is not in Houston's configuration."
        self._hint = f"Add {keys} to it"

    def __getattr__(self, name: str) -> Callable[..., Awaitable[NoReturn]]:
        if name.startswith("_"):
            raise AttributeError(name)

        async def refuse(*_: object, **__: object) -> NoReturn:
            raise Unconfigured(self._refusal, self._hint)

        return refuse


def no_azure() -> tuple[Azure, Automation, Cost]:
    """The Azure ports of a Houston that has no cluster there."""
    absent = Absent("Azure", "`azure.subscription`, `azure.resource_group` and `azure.cluster`")
    return cast(Azure, absent), cast(Automation, absent), cast(Cost, absent)


def no_grafana() -> tuple[Grafana, Traces]:
    """The ports of a Houston that knows no Grafana."""
    absent = Absent("Grafana", "`grafana.url` and `grafana.token`")
    return cast(Grafana, absent), cast(Traces, absent)


def no_vault() -> Vault:
    """The port of a Houston that does not look at a Key Vault."""
    return cast(Vault, Absent("The Key Vault", "`secrets.vault` and the section `azure`"))


def no_identities() -> Identities:
    """The port of a Houston that does not look at the vault's reader."""
    absent = Absent("The identity that reads the vault", "`secrets.identity` and `azure`")
    return cast(Identities, absent)


def no_automation() -> Automation:
    """The port of a cluster without schedules."""
    return cast(Automation, Absent("Azure Automation", "`azure.automation_account`"))


class _NoStages:
    async def open(self, drill: Drill, people: Sequence[Person], clock: Clock) -> Stage:
        """See the protocol."""
        del drill, people, clock
        raise Refused("This is a drill; there is none inside of it.", "`!drill stop` ends it")


def no_stages() -> Stages:
    """For the Houston of a drill."""
    return _NoStages()
