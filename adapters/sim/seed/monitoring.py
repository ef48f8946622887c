"""The simulated cluster's first monitoring and maintenance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.sim.seed.shapes import MONITORING, Object, made, workload

if TYPE_CHECKING:
    from adapters.sim.cluster import Cluster

_PRUNE = "for i in 1 2 3; do crictl rmi --prune && break; done"


def monitoring(cluster: Cluster) -> None:
    """Agents, collectors, exporters, and the CronJobs that keep the cluster clean."""
    _agents(cluster)
    _exporters(cluster)
    _cron_jobs(cluster)


def _agents(cluster: Cluster) -> None:
    config = {"name": "config", "configMap": {"name": "prometheus-agent-config"}}
    credentials = {"name": "credentials", "secret": {"secretName": "observability-credentials"}}
    settle = cluster.controllers.settle
    settle(
        workload(
            "Deployment",
            MONITORING,
            "prometheus-agent",
            "prometheus",
            "prom/prometheus:v3.8.1",
            labels={"app": "prometheus-agent"},
            spec={
                "volumes": [config, credentials],
                "initContainers": [{"name": "config-init", "image": "alpine:3.20"}],
            },
        )
    )
    collector = {"name": "config", "configMap": {"name": "otel-collector-config"}}
    settle(
        workload(
            "Deployment",
            MONITORING,
            "otel-collector",
            "otel-collector",
            "otel/opentelemetry-collector-contrib:0.142.0",
            labels={"app": "otel-collector"},
            spec={"volumes": [collector]},
        )
    )


def _exporters(cluster: Cluster) -> None:
    settle = cluster.controllers.settle
    settle(
        workload(
            "Deployment",
            MONITORING,
            "kube-state-metrics",
            "kube-state-metrics",
            "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0",
        )
    )
    for name, image in (
        ("promtail", "grafana/promtail:3.5.5"),
        ("node-exporter", "prom/node-exporter:v1.9.1"),
    ):
        settle(workload("DaemonSet", MONITORING, name, name, image, labels={"app": name}))
    cluster.objects.put(
        made("v1", "ConfigMap", MONITORING, "otel-collector-config", data={"file": ""})
    )


def _cron_jobs(cluster: Cluster) -> None:
    for name, schedule, zone, keeps, labels, image, command in (
        ("k3s-image-prune", "0 3 * * 0", None, (1, 1), {}, "alpine:3.20", _PRUNE),
        (
            "aks-stale-pod-cleanup",
            "0 9 * * *",
            "UTC",
            (3, 2),
            {"app": "stale-pod-cleanup"},
            "alpine/k8s:1.31.4",
            "kubectl delete pods -A --field-selector=status.phase=Failed",
        ),
    ):
        pod = {
            "restartPolicy": "Never",
            "containers": [{"name": name, "image": image, "command": ["sh", "-c", command]}],
        }
        job = {"backoffLimit": 1, "template": {"metadata": {"labels": labels}, "spec": pod}}
        spec: Object = {
            "schedule": schedule,
            "concurrencyPolicy": "Forbid",
            "suspend": False,
            "successfulJobsHistoryLimit": keeps[0],
            "failedJobsHistoryLimit": keeps[1],
            "jobTemplate": {"spec": job},
        }
        if zone:
            spec["timeZone"] = zone
        cluster.objects.put(made("batch/v1", "CronJob", MONITORING, name, spec=spec, status={}))
