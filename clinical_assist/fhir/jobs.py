"""Imports as rows: uploaded and looked at first, confirmed, worked on by a job, and taken back."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation

from clinical_assist.fhir.importing import File, import_files, require_importer, require_running
from clinical_assist.fhir.report import Report
from clinical_assist.models import FhirImport
from llmasos.accounts.models import Membership, Organisation, Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in

logger = logging.getLogger(__name__)
State = FhirImport.State
KEPT: Final = timedelta(hours=24)
"""Files that nobody confirms are deleted after that."""


def import_now(principal: Principal, files: Iterable[File], *, clinician: Person | None) -> Report:
    """Import files at once, under a row of their own, so that they can be taken back.

    Raises:
        PermissionDenied: neither a clinician nor the system.
        FhirError: it was ended meanwhile.
    """
    require_importer(principal)
    with acting_in(principal.organisation_id):
        job = FhirImport.objects.create(
            organisation_id=principal.organisation_id,
            state=State.RUNNING,
            clinician=clinician,
            created_by_id=principal.id if principal.kind == "person" else None,
            heartbeat_at=timezone.now(),
        )
    return finish(principal, job, files)


def imports(principal: Principal) -> QuerySet[FhirImport]:
    """Return the principal's own imports, without their files. Raises PermissionDenied."""
    require_importer(principal)
    rows = FhirImport.objects.for_organisation(principal.organisation_id).defer("upload")
    return rows if principal.kind == "system" else rows.filter(created_by_id=principal.id)


def upload(principal: Principal, files: Sequence[tuple[str, str]]) -> FhirImport:
    """Keep the texts of files sealed until the principal has looked at what they would do. Raises PermissionDenied."""
    with acting_in(principal.organisation_id):
        require_importer(principal)
        return FhirImport.objects.create(
            organisation_id=principal.organisation_id,
            upload=[list(one) for one in files],
            clinician_id=principal.id,
            created_by_id=principal.id,
        )


def files_of(job: FhirImport) -> list[File]:
    """Return the files of an upload."""
    return [(str(name), str(text).encode()) for name, text in job.upload]


def confirm(principal: Principal, import_id: UUID) -> None:
    """Have an upload imported; once, however often it is asked. Raises FhirImport.DoesNotExist, PermissionDenied."""
    with acting_in(principal.organisation_id):
        found = imports(principal).get(pk=import_id)
        waiting = imports(principal).filter(pk=found.pk, state=State.UPLOADED)
        if waiting.update(state=State.WAITING, heartbeat_at=timezone.now()):
            transaction.on_commit(partial(publish, principal.organisation_id, import_id))


def discard(principal: Principal, import_id: UUID) -> None:
    """Delete an upload that was not confirmed. Raises as :func:`confirm`."""
    with acting_in(principal.organisation_id):
        imports(principal).filter(pk=imports(principal).get(pk=import_id).pk, state=State.UPLOADED).delete()


def publish(organisation_id: UUID, import_id: UUID) -> None:
    """Hand an import to the worker. While the broker is away nothing is lost: the clock takes the row up later."""
    from kombu.exceptions import OperationalError

    from clinical_assist.fhir.tasks import fhir_import

    try:
        fhir_import.apply_async(args=(str(organisation_id), str(import_id)), queue="jobs")
    except (OperationalError, OSError):
        return


def work(organisation_id: UUID, import_id: UUID) -> None:
    """Bring a waiting import to its end. Delivered twice, it has one effect: importing again changes nothing."""
    with acting_in(organisation_id):
        rows = FhirImport.objects.for_organisation(organisation_id).select_for_update(skip_locked=True)
        job = rows.filter(pk=import_id, state=State.WAITING).first()
        if job is None:
            return
        job.state, job.heartbeat_at = State.RUNNING, timezone.now()
        job.save(update_fields=["state", "heartbeat_at"])
        principal, files = _who_asked(job), files_of(job)
        language = Organisation.objects.get(pk=organisation_id).language
    try:
        with translation.override(language):
            finish(principal, job, files, partial(_beat, job))
    except Exception:
        logger.exception("records could not be imported", extra={"import": str(import_id)})
        with acting_in(organisation_id):
            job.state, job.upload, job.finished_at = State.FAILED, [], timezone.now()
            job.save(update_fields=["state", "upload", "finished_at"])


def finish(
    principal: Principal,
    job: FhirImport,
    files: Iterable[File],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Import the files of a job and keep what became of them. Raises what ``import_files`` raises."""
    report = import_files(principal, files, job=job, progress=progress)
    with acting_in(principal.organisation_id):
        require_running(job)
        job.state, job.counts, job.report, job.upload = State.DONE, report.counts(), report.told(), []
        job.finished_at = timezone.now()
        job.save(update_fields=["state", "counts", "report", "upload", "finished_at"])
    return report


def take_up_lost(organisation_id: UUID, *, lost_after: timedelta) -> int:
    """Queue again imports whose worker was lost, and delete files that nobody has confirmed for a day."""
    rows = FhirImport.objects.for_organisation(organisation_id)
    now = timezone.now()
    with acting_in(organisation_id):
        rows.filter(state=State.UPLOADED, created_at__lt=now - KEPT).delete()
        lost = rows.filter(state__in=(State.WAITING, State.RUNNING), heartbeat_at__lt=now - lost_after)
        # What the command runs has no files here to go on from: its caller is told, and runs it again.
        held = lost.exclude(created_by=None)
        ids = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
        rows.filter(pk__in=ids).update(state=State.WAITING, heartbeat_at=now)
    for import_id in ids:
        publish(organisation_id, import_id)
    return len(ids)


def _beat(job: FhirImport, done: int, total: int) -> None:
    with acting_in(job.organisation_id):
        job.done, job.total, job.heartbeat_at = done, total, timezone.now()
        job.save(update_fields=["done", "total", "heartbeat_at"])


def _who_asked(job: FhirImport) -> Principal:
    """Return who asked, with the roles that they hold now."""
    held = Membership.objects.for_organisation(job.organisation_id).filter(person=job.created_by, deactivated_at=None)
    roles = frozenset(held.values_list("role", flat=True)) if job.created_by is not None else frozenset()
    return Principal(job.organisation_id, "person", job.created_by_id, roles)
