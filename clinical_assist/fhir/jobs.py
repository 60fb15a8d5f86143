"""Imports as rows: begun, worked on, ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.utils import timezone

from clinical_assist.fhir.importing import File, import_files, require_importer
from clinical_assist.fhir.report import Report
from clinical_assist.models import FhirImport
from llmasos.accounts.models import Person
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in

State = FhirImport.State


def import_now(principal: Principal, files: Iterable[File], *, clinician: Person | None) -> Report:
    """Import files at once, under a row of their own, so that they can be taken back.

    Raises:
        PermissionDenied: neither a clinician nor the system.
    """
    require_importer(principal)
    with acting_in(principal.organisation_id):
        job = FhirImport.objects.create(
            organisation_id=principal.organisation_id, state=State.RUNNING, clinician=clinician
        )
    return finish(principal, job, files)


def finish(
    principal: Principal,
    job: FhirImport,
    files: Iterable[File],
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Import the files of a job and keep what became of them."""
    report = import_files(principal, files, job=job, progress=progress)
    with acting_in(principal.organisation_id):
        job.state, job.counts, job.report, job.upload = State.DONE, report.counts(), report.told(), []
        job.finished_at = timezone.now()
        job.save(update_fields=["state", "counts", "report", "upload", "finished_at"])
    return report
