"""Commands of installed packages: which are taken, which are refused at the start, and why."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import houston
from bot.bootstrap import catalogue
from bot.command import Operation
from bot.errors import ConfigError, Refused
from bot.extensions import CHANGES, Looking, versions
from bot.ports.argocd import ArgoCD
from bot.roles import Role

Install = Callable[[str], None]
DECLARED = """
from dataclasses import dataclass
from houston import *

@dataclass(frozen=True)
class Facts:
    value: str

@operation("{name}", manual=("by hand",){extra})
async def made(*, {needs}) -> Plan[Facts]:
    '''{help}'''
    ...
"""
ACTS = """
@made.actions
def actions(facts: Facts, *, argocd: ArgoCD, git: Git, target: Target) -> Actions:
    {body}
"""
CHECKED = ACTS.format(body="return [healthy(argocd, target)]")
READING = """
from houston import *

@command("{name}"{manual})
async def read(*, {needs}) -> Card:
    '''{help}'''
    ...
"""


def operation(
    name: str = "tune",
    *,
    needs: str = "git: Git",
    help: str = "Tune it.",
    extra: str = "",
    acts: str = CHECKED,
) -> str:
    return DECLARED.format(name=name, needs=needs, help=help, extra=extra) + acts


def reading(
    name: str = "tuned",
    *,
    needs: str = "git: Git",
    help: str = "Say how it is tuned.",
    manual: str = ", manual=('look',)",
) -> str:
    return READING.format(name=name, needs=needs, help=help, manual=manual)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package of one module, as pip leaves it behind."""

    def put(source: str) -> None:
        about = tmp_path / "acme_tuning-1.2.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tuning\nVersion: 1.2\n")
        (about / "entry_points.txt").write_text("[houston.commands]\ntune = acme_tuning\n")
        (tmp_path / "acme_tuning.py").write_text(source, "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))

    yield put
    sys.modules.pop("acme_tuning", None)


def test_a_package_s_command_is_a_command_like_any_other(install: Install) -> None:
    install(operation() + reading().replace("from houston import *", ""))
    known = catalogue()

    assert isinstance(known["tune"], Operation)
    assert known["tune"].usage == "!tune"
    assert known["tuned"].summary == "Say how it is tuned."
    assert versions() == {"acme-tuning": "1.2"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (operation("upgrade"), "!upgrade is there already"),
        (operation("scale presence"), "would take words that `!scale` understands"),
        (operation(help=""), "!tune has no help"),
        (operation(help="no sentence"), "!tune has no help"),
        (reading(manual=""), "does not say how to do the same by hand"),
        (operation(acts=""), "changes something without actions"),
        (operation(acts=ACTS.format(body="return []")), "is never verified"),
        (operation(extra=", role=Role.ANYONE"), "anyone may ask for it"),
        (operation().replace("-> Plan[Facts]", "-> Card"), "must return Plan"),
        ("import adapters.rocketchat\n" + operation(), "imports adapters.rocketchat"),
        ("from bot.router import Router\n" + operation(), "imports bot.router"),
        ("import commands\n" + operation(), "imports commands"),
        ("def f():\n    from bot import app\n" + operation(), "imports bot"),
        ("1/0\n", "ZeroDivisionError"),
        ("x = 1\n", "declares no command"),
    ],
)
def test_an_unsafe_declaration_stops_the_start_with_the_reason(
    install: Install, source: str, said: str
) -> None:
    install(source)
    with pytest.raises(ConfigError) as refused:
        catalogue()

    assert "the extension acme-tuning 1.2" in refused.value.message
    assert said in refused.value.message
    assert "uninstall" in refused.value.hint


def test_houston_s_inside_is_not_given(install: Install) -> None:
    store = "import sys\nStore = sys.modules['bot.ports.store'].Store\n"
    install(store + reading(needs="store: Store"))
    with pytest.raises(ConfigError, match="needs store: Store, which is Houston's inside"):
        catalogue()


def test_a_helper_that_gives_the_check_is_seen(install: Install) -> None:
    helper = "\ndef ends(argocd, target) -> Check:\n    return healthy(argocd, target)\n"
    install(operation(acts=helper + ACTS.format(body="return [ends(argocd, target)]")))

    assert catalogue()["tune"].role is Role.OPERATOR


READS = {
    "ArgoCD": {"application", "refresh", "version"},
    "Applications": {"applications", "detail", "changes", "revision", "account"},
    "Automation": {"schedules", "links", "jobs", "job"},
    "Azure": {"cluster", "followed"},
    "Git": {"head", "default", "read", "files", "edit", "between"},
    "History": {"lost", "since"},
    "Jobs": {"cron_jobs", "cron_job", "jobs", "job", "logs"},
    "Pods": {"pods", "pod", "logs", "events"},
    "Resources": {
        *("config_map", "claims", "stateful_sets", "services", "mongodb", "manifest"),
    },
    "Secrets": {"secret", "secrets", "external_secrets", "stores"},
}
"""What only reads, of the ports that can change something."""
ONLY_READ = {
    "Clock",
    "Cost",
    "Identities",
    "Kubernetes",
    "Metrics",
    "Nodes",
    "Registry",
    "Releases",
    "Vault",
}


def test_each_method_of_a_public_port_is_known_to_read_or_to_change() -> None:
    ports = {name: kind for name, kind in vars(houston).items() if is_protocol(kind)}
    methods = {
        name: {m for m in vars(kind) if not m.startswith("_")} for name, kind in ports.items()
    }
    changing = {kind.__name__: set(names) for kind, names in CHANGES.items()}

    assert set(ports) == set(READS) | ONLY_READ
    for name, reads in READS.items():
        known = reads | changing[name]
        assert methods[name] - {"branch"} == known, f"say of {name} what reads and what changes"


def is_protocol(kind: object) -> bool:
    return isinstance(kind, type) and bool(getattr(kind, "_is_protocol", False))


def test_nothing_is_changed_before_the_approval() -> None:
    class Real:
        async def sync(self) -> None: ...
        async def application(self) -> str:
            return "read"

    port = Looking(Real(), ArgoCD)

    assert port.application
    with pytest.raises(Refused, match=r"ArgoCD\.sync before anybody approved"):
        _ = port.sync
