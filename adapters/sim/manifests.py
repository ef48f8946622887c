"""What git asks for: the manifests of a folder, of a kustomization, and of the charts in use."""

from __future__ import annotations

import posixpath
from typing import Any

import yaml

from adapters.sim.remote import Remote
from bot.errors import Missing

Manifest = dict[str, Any]
Key = tuple[str, str, str, str]
"""Group, kind, namespace and name."""

_KUSTOMIZATION = "kustomization.yaml"
_CLUSTER_WIDE = {
    "ClusterIssuer", "ClusterRole", "ClusterRoleBinding", "ClusterSecretStore",
    "CustomResourceDefinition", "IngressClass", "Namespace", "PersistentVolume", "StorageClass",
}  # fmt: skip
_CHARTS = {
    "traefik": (("apps/v1", "Deployment", ""), ("v1", "Service", ""),
                ("networking.k8s.io/v1", "IngressClass", "")),
    "jenkins": (("apps/v1", "StatefulSet", ""), ("v1", "Service", ""),
                ("v1", "ServiceAccount", "")),
    "external-secrets": (("apps/v1", "Deployment", ""), ("apps/v1", "Deployment", "-webhook"),
                         ("v1", "ServiceAccount", "")),
    "mongodb-kubernetes": (("apps/v1", "Deployment", ""), ("v1", "ServiceAccount", "")),
}  # fmt: skip
_WORKLOADS = {"Deployment", "StatefulSet"}


def key_of(manifest: Manifest) -> Key:
    """What an object is known by."""
    metadata = manifest["metadata"]
    group = manifest["apiVersion"].rpartition("/")[0]
    return group, manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def applications(remote: Remote, commit: str) -> list[Manifest]:
    """Every Argo CD Application the repository holds, by name; of two alike the first."""
    found: dict[str, Manifest] = {}
    for path in remote.paths(commit):
        if not path.endswith((".yaml", ".yml")) or b"argoproj.io" not in (
            content := remote.read(path, commit)
        ):
            continue
        for document in _documents(content):
            if document.get("kind") == "Application":
                found.setdefault(document["metadata"]["name"], document)
    return [found[name] for name in sorted(found)]


def of_folder(remote: Remote, commit: str, folder: str, namespace: str) -> dict[Key, Manifest]:
    """What kustomize makes of the folder, or Argo CD of its plain files. Raises Missing."""
    kept = set(remote.paths(commit))
    found: dict[Key, Manifest] = {}
    for path in _files(remote, commit, folder.strip("/"), kept):
        for document in _documents(remote.read(path, commit)):
            made = _placed(document, namespace)
            found[key_of(made)] = made
    return found


def of_chart(chart: str, version: str, release: str, namespace: str) -> dict[Key, Manifest]:
    """The main objects of a chart in use; of an unknown one a single Deployment."""
    found: dict[Key, Manifest] = {}
    for api, kind, ending in _CHARTS.get(chart, (("apps/v1", "Deployment", ""),)):
        made: Manifest = {
            "apiVersion": api,
            "kind": kind,
            "metadata": {
                "name": f"{release}{ending}",
                "labels": {"helm.sh/chart": f"{chart}-{version}"},
            },
        }
        if kind in _WORKLOADS:
            container = {"name": chart, "image": f"{chart}:{version}"}
            made["spec"] = {"replicas": 1, "template": {"spec": {"containers": [container]}}}
        made = _placed(made, namespace)
        found[key_of(made)] = made
    return found


def _files(remote: Remote, commit: str, folder: str, kept: set[str]) -> list[str]:
    main = posixpath.join(folder, _KUSTOMIZATION)
    if main not in kept:
        below = f"{folder}/"
        plain = [p for p in kept if p.startswith(below) and "/" not in p[len(below) :]]
        if not plain:
            raise Missing("Argo CD", f"{folder}: app path does not exist")
        return sorted(path for path in plain if path.endswith((".yaml", ".yml")))
    (content,) = _documents(remote.read(main, commit))
    found: list[str] = []
    for entry in content.get("resources") or ():
        path = posixpath.normpath(posixpath.join(folder, entry))
        if path in kept:
            found.append(path)
        elif any(other.startswith(f"{path}/") for other in kept):
            found += _files(remote, commit, path, kept)
        else:
            raise Missing("Argo CD", f"kustomize build failed: {path}: no such file or directory")
    return found


def _documents(content: bytes) -> list[Manifest]:
    try:
        found = list(yaml.load_all(content, Loader=yaml.CSafeLoader))
    except yaml.YAMLError:
        return []
    return [document for document in found if isinstance(document, dict)]


def _placed(document: Manifest, namespace: str) -> Manifest:
    """In its namespace, or in the application's when it names none."""
    metadata = dict(document["metadata"])
    if document["kind"] not in _CLUSTER_WIDE:
        metadata.setdefault("namespace", namespace)
    return {**document, "metadata": metadata}
