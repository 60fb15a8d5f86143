"""Named knowledge bases of this installation: one file a version, never overwritten, under ``LLMASOS_VAR``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from clinical_assist.differential import calibration
from clinical_assist.knowledge import reading
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.types import Knowledge

STARTER = "starter"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def load(name: str, version: str = "") -> Knowledge:
    """Return a base by name, its newest version unless one is named. Raises KnowledgeError."""
    if name == STARTER:
        return reading.starter()
    held = versions(name)
    if not held:
        known = ", ".join(names())
        raise KnowledgeError(f"There is no knowledge base {name!r}. There are: {known}.")
    if version and version not in held:
        raise KnowledgeError(f"Knowledge base {name!r} has no version {version!r}; it has {', '.join(held)}.")
    return reading.read_document(_folder(name) / f"{version or held[-1]}.json")


def names() -> list[str]:
    """Names of all bases, the one that comes with the application first."""
    root = _root()
    imported = sorted(path.name for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    return [STARTER, *imported]


def versions(name: str) -> list[str]:
    """Versions of an imported base, oldest first."""
    folder = _folder(name)
    return [str(number) for number in sorted(int(path.stem) for path in folder.glob("*.json"))]


def save(document: Mapping[str, Any]) -> Knowledge:
    """Check a document, calibrate it on simulated cases and keep it as the next version of its name.

    The same content again makes no new version.

    Raises:
        KnowledgeError: if it is not consistent, or its name is taken by the base of the application.
    """
    name = str(document["name"])
    if name == STARTER:
        raise KnowledgeError(f"{STARTER!r} is the base that comes with the application: choose another name.")
    held = versions(name)
    if held and reading.build({**document, "version": held[-1]}).digest == load(name).digest:
        return load(name)
    version = str(int(held[-1]) + 1) if held else "1"
    checked = reading.build({**document, "version": version})
    fitted = {**reading.as_document(checked), "calibration": asdict(calibration.fit(checked))}
    folder = _folder(name)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{version}.json").open("x", encoding="utf-8") as file:
        json.dump(fitted, file, ensure_ascii=False, indent=1)
    return load(name)


def _root() -> Path:
    return Path(settings.VAR) / "clinical-knowledge"


def _folder(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise KnowledgeError(f"{name!r} is no name of a knowledge base: use small letters, digits and hyphens.")
    return _root() / name
