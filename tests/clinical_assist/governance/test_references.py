"""Passages come from the chosen references, name the condition, and are asked for without a word of a patient."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from clinical_assist.governance.references import queries, services
from clinical_assist.governance.references.services import NoReferenceError
from clinical_assist.intake import revealing, stored
from clinical_assist.intake.stored import Entered
from clinical_assist.models import ReferenceCollection
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval.models import Collection, Document
from llmasos.retrieval.results import Explanation, Hit, SearchResult

if TYPE_CHECKING:
    from tests.clinical_assist.conftest import Clinic

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
CANARY = "canaryword"
PASSAGES = "/o/shop/clinical/passages/influenza/"


@pytest.fixture
def collection(clinic: Clinic) -> Collection:
    with acting_in(clinic.id):
        return Collection.objects.create(organisation=clinic.organisation, name="Guidelines")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, collection: Collection) -> list[str]:
    """Stand in for the search and return the questions that it was asked."""
    questions: list[str] = []
    said = ("Influenza is treated by rest.", "The flu comes in winter.", "Gout is something else.")

    def found(_principal: object, *, collection_ids: object, query: str, k: int) -> SearchResult:
        questions.append(query)
        return SearchResult(tuple(_hit(collection, number, text) for number, text in enumerate(said)))

    monkeypatch.setattr(queries, "search", found)
    return questions


def _hit(collection: Collection, number: int, text: str) -> Hit:
    return Hit(
        number, uuid4(), collection.pk, f"doc-{number}", "", (), text, "javascript:alert(1)", 0, 1.0, 1.0, 1.0,
        Explanation(0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
    )  # fmt: skip


def test_only_passages_that_name_the_condition_are_quoted(
    client: Client, clinic: Clinic, collection: Collection, asked: list[str]
) -> None:
    services.choose(clinic.principal(clinic.administrator), {collection.pk})
    client.force_login(clinic.doctor, backend=BACKEND)
    page = client.get(PASSAGES, headers={"HX-Request": "true"}).content.decode()
    assert "Influenza is treated by rest." in page
    assert "The flu comes in winter." in page
    assert "Gout" not in page
    assert "javascript" not in page


def test_where_nothing_names_the_condition_the_page_says_so(
    client: Client, clinic: Clinic, collection: Collection, asked: list[str]
) -> None:
    services.choose(clinic.principal(clinic.administrator), {collection.pk})
    client.force_login(clinic.doctor, backend=BACKEND)
    page = client.get("/o/shop/clinical/passages/psoriasis/").content.decode()
    assert "Your references say nothing that names Psoriasis." in page


def test_without_references_nothing_is_searched(client: Client, clinic: Clinic, asked: list[str]) -> None:
    client.force_login(clinic.doctor, backend=BACKEND)
    assert "No collection is chosen as a reference." in client.get(PASSAGES).content.decode()
    assert asked == []


def test_no_word_of_a_patient_reaches_the_search(
    client: Client, clinic: Clinic, collection: Collection, asked: list[str]
) -> None:
    services.choose(clinic.principal(clinic.administrator), {collection.pk})
    text = f"{CANARY}: fever, cough, muscle aches."
    stored.save(clinic.principal(), clinic.encounter.pk, Entered(0, text))
    revealing.commit(clinic.principal(), clinic.encounter.pk, f"influenza\n{CANARY}")
    revealing.reveal(clinic.principal(), clinic.encounter.pk)
    client.force_login(clinic.doctor, backend=BACKEND)
    client.get(f"/o/shop/clinical/encounters/{clinic.encounter.pk}/differential/")
    client.get(PASSAGES)
    (question,) = asked
    assert question.startswith("Influenza: ")
    assert CANARY not in question


def test_a_collection_about_people_is_no_reference(clinic: Clinic, collection: Collection) -> None:
    with acting_in(clinic.id):
        Document.objects.create(
            organisation=clinic.organisation,
            collection=collection,
            external_id="letter",
            content_digest="0" * 64,
            subject_kind="patient",
            subject_id=clinic.patient.pk,
        )
    with pytest.raises(NoReferenceError, match="documents about people"):
        services.choose(clinic.principal(clinic.administrator), {collection.pk})


def test_who_does_not_govern_chooses_no_reference(clinic: Clinic, collection: Collection) -> None:
    with pytest.raises(PermissionDenied):
        services.choose(clinic.principal(), {collection.pk})


def test_references_are_chosen_on_the_page(client: Client, clinic: Clinic, collection: Collection) -> None:
    client.force_login(clinic.administrator, backend=BACKEND)
    page = "/o/shop/clinical/oversight/references/"
    assert "checked" in client.post(page, {"collection": str(collection.pk)}, follow=True).content.decode()
    with acting_in(clinic.id):
        assert ReferenceCollection.objects.for_organisation(clinic.id).get().collection_id == collection.pk
    assert "Guidelines" in client.get(page).content.decode()
