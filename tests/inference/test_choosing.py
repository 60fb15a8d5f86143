"""The set-up page's question for the text model."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from llmasos.accounts import setup
from llmasos.accounts.queries import organisation_ids
from llmasos.inference import catalogue
from llmasos.inference.engine.memory import Memory
from llmasos.inference.engine.models import LoadedModels
from llmasos.inference.models import CatalogueEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]

SET_UP = {
    "organisation": "Harbour Clinic",
    "slug": "harbour",
    "time_zone": "Europe/Berlin",
    "language": "en",
    "person_name": "Ada",
    "email": "ada@harbour.example",
    "password": "a quiet harbour",
    "mail": "links",
}


def set_up(**answers: str) -> HttpResponse:
    response: HttpResponse = Client().post(reverse("accounts:setup", args=[setup.make_link_secret()]), SET_UP | answers)
    return response


def test_the_page_proposes_the_packaged_model() -> None:
    page = Client().get(reverse("accounts:setup", args=[setup.make_link_secret()])).content.decode()
    assert "SmolLM2" in page
    assert set_up(choice_model="packaged").status_code == 302
    assert catalogue.resolve("", task="generate").name == catalogue.DEFAULT_GENERATION


def test_a_model_must_be_chosen() -> None:
    assert set_up().status_code == 422
    assert organisation_ids() == ()


def test_a_file_of_this_machine_becomes_the_default(tmp_path: Path) -> None:
    path = tmp_path / "My Assistant.gguf"
    path.write_bytes(b"GGUF weights")
    assert set_up(choice_model="file", other_model=str(path)).status_code == 302
    entry = CatalogueEntry.objects.get(task="generate", is_default=True)
    assert (entry.name, entry.source, entry.backend) == ("my-assistant", f"path:{path}", "xllamacpp")
    assert catalogue.resolve("", task="generate") == entry


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "needs this"),
        ("models/assistant.gguf", "whole path"),
        ("{folder}/none.gguf", "no file at this path"),
        ("{folder}", "folder"),
        ("{folder}/text.gguf", "not a GGUF file"),
    ],
)
def test_a_path_without_a_model_is_explained(tmp_path: Path, answer: str, said: str) -> None:
    (tmp_path / "text.gguf").write_bytes(b"words")
    response = set_up(choice_model="file", other_model=answer.format(folder=tmp_path))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert organisation_ids() == ()


def test_a_worker_that_runs_takes_up_a_new_default() -> None:
    for name in ("first", "second"):
        CatalogueEntry.objects.create(name=name, source="none:", task="generate", backend="echo")
    catalogue.make_default("first")
    models = LoadedModels("generate", device="cpu", memory=Memory())
    assert models.acquire().name == "first"
    catalogue.make_default("second")
    assert models.acquire().name == "second"
    assert {model.name for model in models.all()} == {"first", "second"}
    models.close()
