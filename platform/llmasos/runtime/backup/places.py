"""The folders outside the database that a backup takes along, by the names that they have in the archive."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

from django.conf import settings
from django.core.files.storage import default_storage

from llmasos.runtime import locations
from llmasos.runtime.backup.archive import ArchiveWriter
from llmasos.runtime.locations import ConfigurationProblem

FOLDER = "files"
_BUFFER_BYTES = 1024 * 1024


def folders() -> Mapping[str, Path]:
    """Return where uploaded originals and other stored files lie."""
    return {
        "uploads": locations.uploads_folder(Path(settings.VAR)),
        "files": Path(default_storage.path("")),
    }


def write_files(archive: ArchiveWriter) -> None:
    """Add every file; one that is removed meanwhile is left out, as its row was or will be."""
    for name, folder in folders().items():
        for path in sorted(_files(folder)):
            archive.manifest.files += archive.add_file(f"{FOLDER}/{name}/{path.relative_to(folder).as_posix()}", path)


def has_files() -> bool:
    """Say whether any of the folders holds a file."""
    return any(next(_files(folder), None) is not None for folder in folders().values())


def write_file(target: Path, content: IO[bytes]) -> None:
    """Write a file of the archive to its place; it appears complete or not at all."""
    locations.make_private_folder(target.parent)
    draft = target.with_name(f".{secrets.token_hex(6)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            while piece := content.read(_BUFFER_BYTES):
                file.write(piece)
            file.flush()
            os.fsync(descriptor)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def place_of(member: str) -> Path:
    """Return where a member of the archive belongs.

    Raises:
        ConfigurationProblem: it would lie outside the folders.
    """
    parts = PurePosixPath(member).parts
    folder = folders().get(parts[1]) if len(parts) > 2 else None
    if folder is None or any(part in {"..", "."} or "\0" in part for part in parts) or member.startswith("/"):
        raise ConfigurationProblem(f"The backup holds {member}, which belongs nowhere.")
    return folder.joinpath(*parts[2:])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
