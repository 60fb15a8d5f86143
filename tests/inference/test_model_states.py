"""Which models a worker holds: loaded when asked for, unloaded for others, for idleness, by operators."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from llmasos.accounts.errors import NotAllowedError
from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal
from llmasos.audit.models import Entry
from llmasos.audit.scope import log_of
from llmasos.audit.types import PLATFORM
from llmasos.inference import catalogue, operating
from llmasos.inference.catalogue import THE_INSTALLATION
from llmasos.inference.engine import reporting
from llmasos.inference.engine.memory import Memory
from llmasos.inference.engine.models import LoadedModels
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, UnknownModel
from llmasos.inference.models import CatalogueEntry

pytestmark = pytest.mark.django_db
WEIGHTS = 600_000


@pytest.fixture(autouse=True)
def two_models_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """One megabyte and a half, of which each model takes 0.6: what this process grows by does not count."""
    monkeypatch.setenv("LLMASOS_MODEL_MEMORY_MB", "1.5")
    monkeypatch.setattr("llmasos.inference.engine.models.resident_bytes", lambda: 0)
    catalogue.forget()


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def models(memory: Memory) -> LoadedModels:
    return LoadedModels("generate", device="cpu", memory=memory)


@pytest.fixture
def entries(tmp_path: Path) -> list[str]:
    """Three models of equal size, none of them the default."""
    names = ["first", "second", "third"]
    for name in names:
        enter(tmp_path, name)
    return names


def enter(folder: Path, name: str, *, size: int = WEIGHTS, backend: str = "echo", **fields: object) -> CatalogueEntry:
    path = folder / f"{name}.gguf"
    path.write_bytes(b"\0" * size)
    return CatalogueEntry.objects.create(name=name, task="generate", backend=backend, source=f"path:{path}", **fields)


def use(models: LoadedModels, name: str) -> None:
    with models.using(name):
        pass


def loaded(models: LoadedModels) -> set[str]:
    return {model.name for model in models.all()}


def test_what_was_used_longest_ago_makes_room(models: LoadedModels, entries: list[str]) -> None:
    for name in ("first", "second", "first", "third"):
        use(models, name)
    assert loaded(models) == {"first", "third"}


def test_a_pinned_model_and_one_in_use_stay(models: LoadedModels, entries: list[str]) -> None:
    operating.pin(THE_INSTALLATION, "first")
    use(models, "first")
    with models.using("second"), pytest.raises(ModelUnavailable, match="no room for model third"):
        use(models, "third")
    models.try_again("third")
    use(models, "third")
    assert loaded(models) == {"first", "third"}


def test_a_model_larger_than_the_memory_is_refused_and_the_others_go_on(
    models: LoadedModels, entries: list[str], tmp_path: Path
) -> None:
    enter(tmp_path, "huge", size=2_000_000)
    use(models, "first")
    with pytest.raises(ModelUnavailable, match="huge is too big: its weights are 2 MB"):
        use(models, "huge")
    assert loaded(models) == {"first"}


def test_a_damaged_model_is_told_once_and_the_others_go_on(
    models: LoadedModels, memory: Memory, entries: list[str], tmp_path: Path
) -> None:
    enter(tmp_path, "damaged", backend="xllamacpp")
    with pytest.raises(ModelUnavailable, match="damaged"):
        use(models, "damaged")
    (failure,) = reporting.models_state(memory)["failures"]
    assert failure["name"] == "damaged"
    use(models, "first")
    assert loaded(models) == {"first"}


def test_an_idle_model_is_unloaded(monkeypatch: pytest.MonkeyPatch, entries: list[str], tmp_path: Path) -> None:
    monkeypatch.setenv("LLMASOS_MODEL_IDLE_MINUTES", "1")
    memory = Memory()
    models = LoadedModels("generate", device="cpu", memory=memory)
    catalogue.make_default("second")
    for name in ("first", "second"):
        use(models, name)
        models.all()[-1].used_at = time.monotonic() - 61
    memory.tidy()
    assert loaded(models) == {"second"}


def test_a_draining_model_takes_nothing_new_and_goes_when_it_is_free(
    models: LoadedModels, memory: Memory, entries: list[str]
) -> None:
    with models.using("first"):
        operating.drain(THE_INSTALLATION, "first")
        memory.tidy()
        assert loaded(models) == {"first"}
    with pytest.raises(ModelUnavailable, match="drained"):
        catalogue.resolve("first", task="generate")
    memory.tidy()
    assert loaded(models) == set()
    operating.resume(THE_INSTALLATION, "first")
    assert catalogue.resolve("first", task="generate").name == "first"


def test_a_model_that_was_removed_or_entered_anew_is_unloaded(
    models: LoadedModels, memory: Memory, entries: list[str], tmp_path: Path
) -> None:
    use(models, "first")
    use(models, "second")
    catalogue.remove("first")
    CatalogueEntry.objects.filter(name="second").update(digest="1" * 64)
    memory.tidy()
    assert loaded(models) == set()


def test_an_organisation_has_a_default_of_its_own(organisation: Organisation, entries: list[str]) -> None:
    catalogue.make_default("first")
    operating.set_default(THE_INSTALLATION, "second", organisation_id=organisation.pk)
    assert catalogue.resolve("", task="generate", organisation_id=organisation.pk).name == "second"
    assert catalogue.resolve("", task="generate").name == "first"
    operating.clear_default(THE_INSTALLATION, "generate", organisation_id=organisation.pk)
    assert catalogue.resolve("", task="generate", organisation_id=organisation.pk).name == "first"


def test_a_model_that_is_an_organisations_default_can_be_removed(
    organisation: Organisation, entries: list[str]
) -> None:
    catalogue.make_default("first")
    operating.set_default(THE_INSTALLATION, "second", organisation_id=organisation.pk)
    catalogue.remove("second")
    assert catalogue.resolve("", task="generate", organisation_id=organisation.pk).name == "first"


def test_one_model_embeds_for_all(organisation: Organisation) -> None:
    catalogue.ensure_defaults()
    with pytest.raises(InvalidRequest):
        operating.set_default(THE_INSTALLATION, catalogue.DEFAULT_EMBEDDING[0], organisation_id=organisation.pk)


def test_operators_act_on_models_and_each_act_is_recorded(organisation: Organisation, entries: list[str]) -> None:
    member = Principal(organisation.pk, "person", organisation.pk, roles=frozenset({"administrator"}))
    with pytest.raises(NotAllowedError):
        operating.drain(member, "first")
    with pytest.raises(UnknownModel):
        operating.pin(THE_INSTALLATION, "none")
    operating.drain(THE_INSTALLATION, "first")
    operating.resume(THE_INSTALLATION, "first")
    with log_of(PLATFORM):
        acts = Entry.objects.filter(action="inference.catalogue_change").order_by("recorded_at")
        assert [entry.purpose for entry in acts] == ["drain", "resume"]
