from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval.models import Collection, Document
from tests.retrieval.importing import import_records

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client: Client, owner: Person) -> Client:
    client.force_login(owner)
    return client


def test_without_collections_the_page_says_what_they_are(page: Client) -> None:
    assert "No collections yet" in page.get("/o/shop/knowledge/").text


def test_a_new_collection_opens(page: Client) -> None:
    answer = page.post("/o/shop/knowledge/add/", {"name": "Price list"}, follow=True)
    assert "Price list" in answer.text
    assert "No documents yet" in answer.text


def test_an_uploaded_file_is_shown_as_queued_and_asked_after(page: Client, collection: Collection) -> None:
    file = SimpleUploadedFile("lamps.txt", b"Lamps glow.")
    answer = page.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": file}, follow=True)
    assert "Queued" in answer.text
    assert "load delay:1s" in answer.text


def test_a_file_of_an_unknown_kind_is_refused_beside_the_field(page: Client, collection: Collection) -> None:
    file = SimpleUploadedFile("tool.exe", b"MZ")
    answer = page.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": file})
    assert answer.status_code == 422
    assert "cannot be imported" in answer.text


def test_a_file_that_is_refused_does_not_hold_up_those_beside_it(page: Client, collection: Collection) -> None:
    files = [SimpleUploadedFile("tool.exe", b"MZ"), SimpleUploadedFile("lamps.txt", b"Lamps glow.")]
    answer = page.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": files}, follow=True)
    assert "tool.exe: Files of this kind cannot be imported" in answer.text
    assert "1 document is being read." in answer.text


def test_a_trial_question_shows_passages(
    words: None, page: Client, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    import_records(principal, collection, [{"id": "1", "title": "Lamps", "text": "They <b>glow</b>."}], tmp_path)
    answer = page.post(
        f"/o/shop/knowledge/{collection.pk}/search/", {"question": "lamps"}, headers={"HX-Request": "true"}
    )
    assert "They &lt;b&gt;glow&lt;/b&gt;." in answer.text


def test_a_deletion_offers_to_undo_it(page: Client, principal: Principal, collection: Collection) -> None:
    page.post(f"/o/shop/knowledge/{collection.pk}/upload/", {"file": SimpleUploadedFile("lamps.txt", b"Lamps glow.")})
    with acting_in(principal.organisation_id):
        document = Document.objects.get()
    answer = page.post(f"/o/shop/knowledge/documents/{document.pk}/delete/", follow=True)
    assert f"/o/shop/knowledge/documents/{document.pk}/restore/" in answer.text


def test_a_stranger_finds_no_collection(client: Client, stranger: Person, collection: Collection) -> None:
    client.force_login(stranger)
    assert client.get(f"/o/shop/knowledge/{collection.pk}/").status_code == 404
