"""Writes: collections, imports, retries, deletions. Each is one transaction with its audit entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.retrieval import indexing, permissions, tasks
from llmasos.retrieval.errors import ImportRefusedError
from llmasos.retrieval.models import WORKING_STATES, Collection, Document, DocumentState, Original
from llmasos.retrieval.sources import Refusal, Source, sources_in, sources_of

STORE_BATCH = 64
TASK_BATCH = 16
UNDO_MINUTES = 60
NOBODY = Ref("", None)
"""Whose data most documents are: the organisation's own."""
T = TypeVar("T")


@dataclass(slots=True)
class ImportReport:
    """What an import did: documents taken in, unchanged ones, duplicates (id and the id it repeats), refusals."""

    collection_id: UUID
    queued: list[UUID] = field(default_factory=list)
    unchanged: int = 0
    duplicates: list[tuple[str, str]] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    def add(self, other: ImportReport) -> None:
        """Take in what another import into the same collection did."""
        self.queued += other.queued
        self.unchanged += other.unchanged
        self.duplicates += other.duplicates
        self.refused += other.refused


def add_collection(principal: Principal, *, name: str, language: str = "") -> Collection:
    """Make a collection, or return the one of that name. Raises ``ValueError`` for an empty name."""
    permissions.require_management(principal)
    name = name.strip()
    if not name:
        raise ValueError(_("A collection needs a name."))
    with acting_in(principal.organisation_id):
        collection, made = Collection.objects.get_or_create(
            organisation_id=principal.organisation_id, name=name[:100], defaults={"language": language}
        )
        if made:
            _record(principal, "retrieval.add_collection", Ref("collection", collection.pk))
    return collection


def import_paths(
    principal: Principal, *, collection: Collection, paths: Iterable[Path], subject: Ref | None = None
) -> ImportReport:
    """Store the documents of files and folders, and queue them. ``subject`` is whose data they are, if somebody's.

    Raises ``ImportRefusedError`` when a path does not exist or nothing of them can be imported.
    """
    paths = list(paths)
    for path in paths:
        if not path.exists():
            raise ImportRefusedError(_("There is nothing at %(path)s.") % {"path": path})
    return _import(principal, collection, (item for path in paths for item in sources_in(path)), subject)


def import_upload(
    principal: Principal, *, collection: Collection, name: str, content: bytes, subject: Ref | None = None
) -> ImportReport:
    """Store the documents of one uploaded file, and queue them. What cannot be taken in is in the report."""
    return _import(principal, collection, sources_of(name, content), subject)


def read_original(principal: Principal, *, document_id: UUID) -> tuple[Document, Original]:
    """Return a document and the file that it was imported from, and record that it was handed out.

    Raises ``Document.DoesNotExist``.
    """
    permissions.require_management(principal)
    with acting_in(principal.organisation_id):
        document = (
            Document.objects.for_organisation(principal.organisation_id)
            .select_related("original")
            .get(pk=document_id, deleted_at=None, original__isnull=False)
        )
        _record(principal, "retrieval.download", Ref("document", document.pk))
    return document, document.original


def retry(principal: Principal, *, document_id: UUID) -> Document:
    """Queue a failed document again. Raises ``Document.DoesNotExist``; one that has not failed stays as it is."""
    permissions.require_management(principal)
    with acting_in(principal.organisation_id):
        document = _document(principal, document_id)
        if document.state == DocumentState.FAILED:
            document.state, document.failure, document.attempt = DocumentState.QUEUED, "", None
            document.state_at = timezone.now()
            document.save(update_fields=["state", "failure", "attempt", "state_at"])
            _record(principal, "retrieval.retry", Ref("document", document.pk))
            _queue(principal.organisation_id, [document.pk])
    return document


def delete(principal: Principal, *, document_id: UUID) -> Document:
    """Take a document out of search at once. It can be restored for an hour, then it is removed for good."""
    permissions.require_management(principal)
    with acting_in(principal.organisation_id):
        document = _document(principal, document_id)
        document.deleted_at = timezone.now()
        document.save(update_fields=["deleted_at"])
        _record(principal, "retrieval.delete", Ref("document", document.pk))
    return document


def restore(principal: Principal, *, document_id: UUID) -> Document:
    """Undo a deletion. Raises ``Document.DoesNotExist`` once the document was removed for good."""
    permissions.require_management(principal)
    with acting_in(principal.organisation_id):
        document = Document.objects.for_organisation(principal.organisation_id).select_for_update().get(pk=document_id)
        if document.deleted_at is not None:
            document.deleted_at = None
            document.save(update_fields=["deleted_at"])
            _record(principal, "retrieval.restore", Ref("document", document.pk))
            if document.state in WORKING_STATES:
                _queue(principal.organisation_id, [document.pk])
    return document


def purge(organisation_id: UUID, *, collection_id: UUID) -> int:
    """Remove for good what was deleted more than an hour ago, and return how many documents that were."""
    with acting_in(organisation_id):
        gone = Document.objects.for_organisation(organisation_id).filter(
            collection_id=collection_id, deleted_at__lt=timezone.now() - timedelta(minutes=UNDO_MINUTES)
        )
        ids = list(gone.values_list("pk", flat=True))
        for document_id in ids:
            indexing.remove_chunks(document_id)
        gone.filter(pk__in=ids).delete()
        if ids:
            indexing.count_collection(collection_id)
    return len(ids)


def take_up_waiting(organisation_id: UUID, *, waiting: timedelta) -> int:
    """Queue again documents at whose work nobody has touched for so long, and return how many."""
    with acting_in(organisation_id):
        for collection_id in Collection.objects.for_organisation(organisation_id).values_list("pk", flat=True):
            purge(organisation_id, collection_id=collection_id)
        stuck = Document.objects.for_organisation(organisation_id).filter(
            deleted_at=None, state__in=WORKING_STATES, state_at__lt=timezone.now() - waiting
        )
        ids = list(stuck.values_list("pk", flat=True))
        stuck.filter(pk__in=ids).update(state=DocumentState.QUEUED, state_at=timezone.now())
        _queue(organisation_id, ids)
    return len(ids)


def _import(
    principal: Principal, collection: Collection, items: Iterable[Source | Refusal], subject: Ref | None
) -> ImportReport:
    permissions.require_management(principal)
    report = ImportReport(collection.pk)
    for batch in _batches(items, STORE_BATCH):
        with acting_in(principal.organisation_id):
            for item in batch:
                if isinstance(item, Refusal):
                    report.refused.append(item)
                else:
                    _store(principal, collection, item, report, subject or NOBODY)
    if not report.queued and not report.unchanged and not report.duplicates:
        reason = report.refused[0].reason if report.refused else _("There is no document in it.")
        raise ImportRefusedError(reason)
    with acting_in(principal.organisation_id):
        _record(
            principal, "retrieval.import", Ref("collection", collection.pk), subject=subject,
            digests={"queued": len(report.queued), "unchanged": report.unchanged, "refused": len(report.refused)},
        )  # fmt: skip
        _queue(principal.organisation_id, report.queued)
    return report


def _store(principal: Principal, collection: Collection, source: Source, report: ImportReport, subject: Ref) -> None:
    documents = Document.objects.for_organisation(principal.organisation_id).filter(collection=collection)
    digest = source.digest
    present = documents.select_for_update().filter(external_id=source.external_id).first()
    if present is not None and (present.subject_kind, present.subject_id) != (subject.kind, subject.id):
        report.refused.append(Refusal(source.external_id, None, _("Somebody else’s document has this id.")))
        return
    # The same words of two people are two documents: each goes with its own person.
    same = documents.filter(content_digest=digest, deleted_at=None, subject_kind=subject.kind, subject_id=subject.id)
    twin = same.exclude(external_id=source.external_id).first()
    if twin is not None:
        report.duplicates.append((source.external_id, twin.external_id))
        # A record's id was chosen on purpose and must be found; the same file under another name need not be.
        if not source.is_record and present is None:
            return
    if (
        present is not None
        and present.content_digest == digest
        and present.deleted_at is None
        and present.state != DocumentState.FAILED
    ):
        report.unchanged += 1
        return
    document = present or Document(
        organisation_id=principal.organisation_id, collection=collection, external_id=source.external_id,
        subject_kind=subject.kind, subject_id=subject.id,
    )  # fmt: skip
    document.content_digest, document.deleted_at = digest, None
    document.state, document.failure, document.attempt = DocumentState.QUEUED, "", None
    document.state_at = timezone.now()
    document.url = source.url or document.url
    document.save()
    Original.objects.update_or_create(
        document=document,
        defaults={
            "organisation_id": principal.organisation_id, "media_type": source.media_type, "content": source.content,
        },
    )  # fmt: skip
    report.queued.append(document.pk)


def _queue(organisation_id: UUID, document_ids: Iterable[UUID]) -> None:
    for batch in _batches(document_ids, TASK_BATCH):
        publish = partial(tasks.ingest.delay, str(organisation_id), [str(one) for one in batch])
        transaction.on_commit(publish)


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _document(principal: Principal, document_id: UUID) -> Document:
    return (
        Document.objects.for_organisation(principal.organisation_id)
        .select_for_update()
        .get(pk=document_id, deleted_at=None)
    )


def _record(
    principal: Principal,
    action: str,
    target: Ref,
    *,
    subject: Ref | None = None,
    digests: dict[str, str | int] | None = None,
) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject,
        object=target,
        digests=digests,
    )
