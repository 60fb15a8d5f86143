"""The part of kustomize that our manifests use, so that they are tested as they are applied, also without kubectl."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.test_processes import DEPLOY

KUBERNETES = DEPLOY / "kubernetes"
Manifest = dict[str, Any]
# By which field the entries of a list are told apart when a patch is laid over it; other lists are replaced.
_KEYS = {"containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath"}


def documents(path: Path) -> list[Manifest]:
    """Return the manifests of a file."""
    return list(yaml.safe_load_all(path.read_text()))


def rendered(folder: Path) -> list[Manifest]:
    """Return what `kubectl kustomize FOLDER` prints, but for names with digests and fields of the namespace."""
    return _built(folder, [])


def _built(folder: Path, found: list[Manifest]) -> list[Manifest]:
    rules = yaml.safe_load((folder / "kustomization.yaml").read_text())
    for resource in rules.get("resources", []):
        path = (folder / resource).resolve()
        found = _built(path, found) if path.is_dir() else [*found, *documents(path)]
    for generator in rules.get("configMapGenerator", []):
        lines = [line for file in generator.get("envs", []) for line in (folder / file).read_text().splitlines()]
        lines += generator.get("literals", [])
        data = dict(line.split("=", 1) for line in lines if line and line[0] != "#")
        if generator.get("behavior") == "merge":
            one(found, "ConfigMap", generator["name"])["data"].update(data)
        else:
            found.append(
                {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]}, "data": data}
            )
    for patch in rules.get("patches", []):
        _patch(folder, patch, found)
    for component in rules.get("components", []):
        found = _built((folder / component).resolve(), found)
    images = {image["name"]: image["newTag"] for image in rules.get("images", [])}
    for container in (container for manifest in found for container in containers(manifest)):
        if container["image"] in images:
            container["image"] += f":{images[container['image']]}"
    return found


def one(found: list[Manifest], kind: str, name: str) -> Manifest:
    """Return the one manifest of this kind and name."""
    (manifest,) = [each for each in found if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return manifest


def pod(manifest: Manifest) -> Manifest:
    """Return the description of the pods that a manifest starts; empty where it starts none."""
    spec: Manifest = manifest.get("spec", {}).get("template", {}).get("spec", {})
    return spec


def containers(manifest: Manifest) -> list[Manifest]:
    """Return every container of a manifest, those that run first included."""
    return [*pod(manifest).get("initContainers", []), *pod(manifest).get("containers", [])]


def _patch(folder: Path, patch: Manifest, found: list[Manifest]) -> None:
    content = yaml.safe_load(patch["patch"] if "patch" in patch else (folder / patch["path"]).read_text())
    target = patch.get("target") or {"kind": content["kind"], "name": content["metadata"]["name"]}
    chosen = [
        manifest
        for manifest in found
        if manifest["kind"] == target["kind"] and re.fullmatch(target.get("name", ".*"), manifest["metadata"]["name"])
    ]
    assert chosen, target
    for manifest in chosen:
        if isinstance(content, dict):
            manifest["spec"] = _laid_over(manifest["spec"], content["spec"], "spec")
        else:
            for operation in content:
                _operate(manifest, operation)


def _laid_over(below: Any, above: Any, field: str) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: _laid_over(below.get(key), value, key) for key, value in above.items()}
    if isinstance(below, list) and field in _KEYS:
        key = _KEYS[field]
        new = {entry[key]: entry for entry in above}
        old = {entry[key]: entry for entry in below}
        return [_laid_over(old.get(name), new.get(name, old.get(name)), field) for name in {**new, **old}]
    return copy.deepcopy(above)


def _operate(manifest: Manifest, operation: Manifest) -> None:
    *way, last = [int(part) if part.isdigit() else part for part in operation["path"].split("/")[1:]]
    place: Any = manifest
    for part in way:
        place = place[part]
    if operation["op"] == "remove":
        del place[last]
    else:
        assert (operation["op"], last) == ("add", "-")
        place.append(operation["value"])
