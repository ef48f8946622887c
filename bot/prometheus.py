"""A Prometheus configuration, as its template and its running form say it. Pure.

The running form is written anew by Prometheus, with every default, so texts cannot be compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from bot.errors import Refused
from bot.ports.metrics import Rule, ScrapeConfig
from bot.yamlfile import load

_DEFAULTS = {"action": "replace", "regex": "(.*)", "replacement": "$1", "separator": ";"}


@lru_cache(maxsize=8)
def read_config(text: str) -> ScrapeConfig:
    """Raises Refused when it is no configuration. Kept: the same is asked at each look."""
    loaded = load(text.encode())
    if not isinstance(loaded, Mapping):
        raise Refused("The Prometheus configuration is no mapping.", "Correct its template")
    base = loaded.get("global")
    labels = base.get("external_labels") if isinstance(base, Mapping) else None
    return ScrapeConfig(
        external=_texts(labels),
        remote=tuple(str(write.get("url", "")) for write in _mappings(loaded.get("remote_write"))),
        jobs={
            str(job.get("job_name", "")): (
                _rules(job.get("relabel_configs")),
                _rules(job.get("metric_relabel_configs")),
            )
            for job in _mappings(loaded.get("scrape_configs"))
        },
    )


def drift(template: ScrapeConfig, running: ScrapeConfig) -> list[str]:
    """Where what runs differs from the template, in words; empty when nowhere."""
    return [
        *_label_drift(template.external, running.external),
        *([] if template.remote == running.remote else ["it sends to another address"]),
        *_job_drift(template, running),
    ]


def _label_drift(wanted: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    return [
        f"external label {name}: runs with {_shown(found.get(name))}, the template says "
        f"{_shown(wanted.get(name))}"
        for name in sorted({*wanted, *found})
        if wanted.get(name) != found.get(name)
    ]


def _job_drift(template: ScrapeConfig, running: ScrapeConfig) -> list[str]:
    found = []
    for name in sorted({*template.jobs, *running.jobs}):
        wanted, live = template.jobs.get(name), running.jobs.get(name)
        if live is None:
            found.append(f"job {name} is in the template and does not run")
        elif wanted is None:
            found.append(f"job {name} runs and is not in the template")
        elif wanted != live:
            found.append(f"job {name} runs with other relabelling than the template's")
    return found


def _shown(value: str | None) -> str:
    return "none" if value is None else value


def _mappings(value: object) -> list[Mapping[str, object]]:
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return [entry for entry in entries if isinstance(entry, Mapping)]


def _texts(value: object) -> dict[str, str]:
    return {str(k): _text(v) for k, v in value.items()} if isinstance(value, Mapping) else {}


def _rules(value: object) -> tuple[Rule, ...]:
    return tuple(
        tuple(sorted({**_DEFAULTS, **{str(k): _text(v) for k, v in rule.items()}}.items()))
        for rule in _mappings(value)
    )


def _text(value: object) -> str:
    """As Prometheus writes it: a list in order, a truth in small letters."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(_text(entry) for entry in value)
    return str(value)
