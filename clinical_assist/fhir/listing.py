"""The reader's imports as a list: whose records came with each, and what became of its entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clinical_assist.fhir.report import OUTCOMES
from clinical_assist.models import FhirImport, Patient, RecordItem
from clinical_assist.record.access import patients_of
from llmasos.accounts.principals import Principal


@dataclass(frozen=True, slots=True)
class Listed:
    """One import. ``people`` are those of its patients whom the reader cares for; ``files`` what waits for their word.

    ``counts`` are (outcome, how many), without those that are nought.
    """

    job: FhirImport
    people: tuple[Patient, ...]
    files: tuple[str, ...]
    counts: tuple[tuple[str, int], ...]


def listed(principal: Principal, jobs: Sequence[FhirImport]) -> list[Listed]:
    """Say of each import whose records came with it. Inside ``acting_in``."""
    items = RecordItem.objects.for_organisation(principal.organisation_id).filter(imported_in__in=jobs)
    pairs = {*items.values_list("imported_in_id", "patient_id")}
    made = Patient.objects.for_organisation(principal.organisation_id).filter(imported_in__in=jobs)
    pairs |= {*made.values_list("imported_in_id", "pk")}
    people = {one.pk: one for one in patients_of(principal).filter(pk__in={patient for _job, patient in pairs})}
    return [
        Listed(
            job=job,
            people=tuple(
                sorted(
                    (people[patient] for of, patient in pairs if of == job.pk and patient in people),
                    key=lambda one: f"{one.family_name}, {one.given_names}".casefold(),
                )
            ),
            # Files are large, and gone once they were read: only those that wait are opened.
            files=tuple(str(name) for name, _text in job.upload) if job.state == FhirImport.State.UPLOADED else (),
            counts=tuple((one, job.counts[one]) for one in OUTCOMES if job.counts.get(one)),
        )
        for job in jobs
    ]
