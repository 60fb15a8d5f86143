from __future__ import annotations

from pathlib import Path

import pytest

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval import ingestion, queries, services
from llmasos.retrieval.errors import ImportRefusedError
from llmasos.retrieval.models import Collection, Document, DocumentState
from tests.retrieval.importing import import_path, import_records

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("words")]


def found(principal: Principal, collection: Collection, question: str) -> list[str]:
    return [hit.text for hit in queries.search(principal, collection_ids=[collection.pk], query=question).hits]


def states(principal: Principal) -> dict[str, str]:
    with acting_in(principal.organisation_id):
        return dict(Document.objects.values_list("external_id", "state"))


def test_an_upload_is_stored_before_any_work(principal: Principal, collection: Collection) -> None:
    services.import_upload(principal, collection=collection, name="a.txt", content=b"Lamps glow.")

    with acting_in(principal.organisation_id):
        document = Document.objects.select_related("original").get()
    assert document.state == DocumentState.QUEUED
    assert bytes(document.original.content) == b"Lamps glow."


def test_a_folder_is_imported_file_by_file(principal: Principal, collection: Collection, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "a.md").write_text("# Lamps\nThey glow.")
    (tmp_path / "inner" / "b.html").write_text("<h1>Shoes</h1><p>They walk.</p>")

    import_path(principal, collection, tmp_path)

    assert states(principal) == {"a.md": "ready", "inner/b.html": "ready"}


def test_a_failed_document_keeps_the_reason_and_can_be_tried_again(
    principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(b"%PDF-1.4 no")
    report = import_path(principal, collection, path)
    with acting_in(principal.organisation_id):
        failed = Document.objects.get()
    assert (failed.state, "damaged" in failed.failure) == (DocumentState.FAILED, True)

    again = services.retry(principal, document_id=report.queued[0])

    assert (again.state, again.failure) == (DocumentState.QUEUED, "")


def test_the_old_version_serves_until_the_new_one_is_ready(
    principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "lamps.txt"
    path.write_text("Lamps cost nine euros.")
    import_path(principal, collection, path)
    path.write_text("Lamps cost twelve euros.")
    report = services.import_paths(principal, collection=collection, paths=[path])
    assert found(principal, collection, "cost of lamps") == ["Lamps cost nine euros."]

    ingestion.ingest(principal.organisation_id, report.queued)

    assert found(principal, collection, "cost of lamps") == ["Lamps cost twelve euros."]


def test_a_new_version_that_fails_leaves_the_old_one_in_place(
    principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "lamps.md"
    path.write_text("Lamps cost nine euros.")
    import_path(principal, collection, path)
    path.write_text("# Only a title")
    import_path(principal, collection, path)

    assert states(principal) == {"lamps.md": "failed"}
    assert found(principal, collection, "cost of lamps") == ["Lamps cost nine euros."]


def test_unchanged_documents_are_skipped(principal: Principal, collection: Collection, tmp_path: Path) -> None:
    records = [{"id": "1", "title": "Lamps", "text": "Lamps glow."}]
    import_records(principal, collection, records, tmp_path)

    report = import_records(principal, collection, records, tmp_path)

    assert (report.queued, report.unchanged) == ([], 1)


def test_the_same_file_under_another_name_is_reported_and_not_taken_in(
    principal: Principal, collection: Collection
) -> None:
    services.import_upload(principal, collection=collection, name="a.txt", content=b"Lamps glow.")

    report = services.import_upload(principal, collection=collection, name="b.txt", content=b"Lamps glow.")

    assert (report.queued, report.duplicates) == ([], [("b.txt", "a.txt")])


def test_a_bad_line_is_reported_with_its_number_and_the_rest_is_imported(
    principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_text(
        '{"id": "1", "text": "Lamps glow."}\n{"id": "2", "text": \n\n{"id": 4, "question": "Shoes?", "answer": "Yes"}\n'
    )

    report = import_path(principal, collection, path)

    assert [(one.line, one.reason) for one in report.refused] == [(2, "The line is no JSON.")]
    assert states(principal) == {"1": "ready", "4": "ready"}


def test_work_delivered_twice_has_one_effect(principal: Principal, collection: Collection, tmp_path: Path) -> None:
    report = import_records(principal, collection, [{"id": "1", "text": "Lamps glow."}], tmp_path)

    ingestion.ingest(principal.organisation_id, report.queued)

    assert found(principal, collection, "lamps") == ["Lamps glow."]
    assert collection.chunk_count == 1


def test_nothing_at_the_path_is_said(principal: Principal, collection: Collection, tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="nothing at"):
        services.import_paths(principal, collection=collection, paths=[tmp_path / "missing"])


def test_a_deleted_document_is_not_found_and_can_be_brought_back(
    principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    report = import_records(principal, collection, [{"id": "1", "text": "Lamps glow."}], tmp_path)
    services.delete(principal, document_id=report.queued[0])
    assert found(principal, collection, "lamps") == []

    services.restore(principal, document_id=report.queued[0])

    assert found(principal, collection, "lamps") == ["Lamps glow."]
