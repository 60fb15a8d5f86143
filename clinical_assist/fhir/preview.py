"""What an upload would do: who is in it, how many of what, and whether somebody like them is here already."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from clinical_assist.fhir.errors import FhirError
from clinical_assist.fhir.importing import read_entries
from clinical_assist.fhir.jobs import files_of
from clinical_assist.fhir.mapping.people import MappedPatient
from clinical_assist.fhir.reading import read_bundle
from clinical_assist.fhir.report import Row
from clinical_assist.fhir.sources import Sources
from clinical_assist.models import FhirImport, Patient
from llmasos.vault.blind import found_by


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A patient of an upload. ``standing`` is "known" (imported before), "like" (the same number, or name and birth) or
    "new"."""

    name: str
    birth_date: date | None
    sex: str
    standing: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an upload holds: patients, resources by type that would be taken, and entries that would not."""

    patients: tuple[Newcomer, ...]
    counts: tuple[tuple[str, int], ...]
    skipped: tuple[tuple[str, int], ...]
    problems: tuple[Row, ...]


def preview(job: FhirImport) -> Preview:
    """Read the files of an upload without writing anything. Inside ``acting_in``."""
    people: list[Newcomer] = []
    counts: Counter[str] = Counter()
    rows: list[Row] = []
    sources = Sources(job.organisation_id)
    for name, content in files_of(job):
        try:
            mapped = read_entries(read_bundle(name, content))
        except FhirError as error:
            rows.append(Row(name, 0, "", "", "rejected", str(error)))
            continue
        rows += mapped.rows
        counts.update(entry.type for entry in mapped.entries.values())
        people += [_newcomer(job, sources.key(key), one) for key, one in mapped.patients.items()]
    skipped = Counter(row.type for row in rows if row.outcome == "skipped")
    return Preview(
        tuple(people),
        tuple(sorted(counts.items())),
        tuple(sorted(skipped.items())),
        tuple(row for row in rows if row.reason),
    )


def _newcomer(job: FhirImport, key: bytes, found: MappedPatient) -> Newcomer:
    rows = Patient.objects.for_organisation(job.organisation_id)
    name = ", ".join(one for one in (found.family_name, found.given_names) if one)
    if rows.filter(source_key=key).exists():
        return Newcomer(name, found.birth_date, found.sex, "known")
    is_like = any(
        rows.filter(found_by(Patient, "number_index", organisation_id=job.organisation_id, text=one)).exists()
        for one in found.numbers
    )
    if not is_like and found.birth_date is not None:
        same_name = found_by(Patient, "name_index", organisation_id=job.organisation_id, text=name)
        born = found_by(Patient, "birth_index", organisation_id=job.organisation_id, text=found.birth_date.isoformat())
        is_like = rows.filter(same_name, born).exists()
    return Newcomer(name, found.birth_date, found.sex, "like" if is_like else "new")
