"""Prometheus configurations: what of them matters, and where two of them differ."""

from __future__ import annotations

import pytest

from bot.errors import Refused
from bot.prometheus import drift, read_config

TEMPLATE = """
global:
  external_labels: {tenant_id: a, shard: 1}
remote_write:
  - url: https://hub.example/write
    basic_auth: {username: "${U}", password: "${P}"}
scrape_configs:
  - job_name: services
    relabel_configs:
      - {source_labels: [__x, __y], action: keep, regex: true}
    metric_relabel_configs:
      - {source_labels: [kubernetes_namespace], target_label: namespace}
"""
RUNNING = """
global:
  scrape_timeout: 10s
  external_labels:
    shard: "1"
    tenant_id: a
remote_write:
- url: https://hub.example/write
  remote_timeout: 30s
  basic_auth:
    username: someone
    password: <secret>
scrape_configs:
- job_name: services
  honor_timestamps: true
  relabel_configs:
  - source_labels: [__x, __y]
    separator: ;
    regex: "true"
    replacement: $1
    action: keep
  metric_relabel_configs:
  - source_labels: [kubernetes_namespace]
    separator: ;
    regex: (.*)
    target_label: namespace
    replacement: $1
    action: replace
"""


def test_defaults_and_credentials_are_no_difference() -> None:
    running = read_config(RUNNING)

    assert drift(read_config(TEMPLATE), running) == []
    assert "someone" not in repr(running)
    assert "<secret>" not in repr(running)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("tenant_id: a", "tenant_id: b", "tenant_id: runs with a, the template says b"),
        ("tenant_id: a,", "", "tenant_id: runs with a, the template says none"),
        ("shard: 1", "shard: 1, domain: d", "domain: runs with none, the template says d"),
        ("hub.example", "other.example", "sends to another address"),
        ("job_name: services", "job_name: pods", "pods is in the template and does not run"),
        ("regex: true", "regex: false", "services runs with other relabelling"),
        ("target_label: namespace", "target_label: ns", "services runs with other relabelling"),
    ],
)
def test_each_difference_is_said(old: str, new: str, said: str) -> None:
    assert old in TEMPLATE
    found = drift(read_config(TEMPLATE.replace(old, new)), read_config(RUNNING))

    assert said in found[0]


def test_what_is_no_configuration_is_refused() -> None:
    with pytest.raises(Refused, match="no mapping"):
        read_config("")
    with pytest.raises(Refused, match="no valid YAML"):
        read_config("a: [")
    assert read_config("global: text\nscrape_configs: none").jobs == {}
