"""Importing the entries of bundles into the record: each is created, updated, unchanged, skipped or rejected."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import EnteredInErrorError, FhirError, LeftOutError, RowError
from clinical_assist.fhir.mapping import ITEMS
from clinical_assist.fhir.mapping.common import MappedItem
from clinical_assist.fhir.mapping.people import MappedEncounter, MappedPatient, encounter, patient
from clinical_assist.fhir.reading import Bundle, Entry, problems, read_bundle
from clinical_assist.fhir.report import Outcome, Report, Row
from clinical_assist.fhir.sources import Sources
from clinical_assist.fhir.writing import PARTS, Known, Writer, item_key
from clinical_assist.models import FhirImport
from clinical_assist.record.access import is_clinician
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in

File = tuple[str, bytes]


@dataclass(slots=True)
class Mapped:
    """What the entries of one file are in our record, by the keys under which their source knows them."""

    patients: dict[str, MappedPatient] = field(default_factory=dict)
    encounters: dict[str, MappedEncounter] = field(default_factory=dict)
    items: dict[str, list[MappedItem]] = field(default_factory=dict)
    taken_back: set[str] = field(default_factory=set)
    entries: dict[str, Entry] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)


def import_files(
    principal: Principal,
    files: Iterable[File],
    *,
    job: FhirImport,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Report:
    """Import files one after the other, each in a transaction of its own, and return what became of every entry.

    The job's clinician becomes responsible for patients that were not known here. ``progress`` is told how many entries
    of how many are read. A file that cannot be read is one rejected row.

    Raises:
        PermissionDenied: neither a clinician nor the system.
        FhirError: the job was ended meanwhile. What files before wrote stays.
    """
    require_importer(principal)
    report, bundles = Report(), []
    for name, content in files:
        report.files += 1
        try:
            bundles.append(read_bundle(name, content))
        except FhirError as error:
            report.rows.append(Row(name, 0, "", "", "rejected", str(error)))
    # A bulk export has a file for each type: people and their visits come before what belongs to them.
    bundles.sort(key=lambda one: (not one.holds("Patient"), not one.holds("Encounter")))
    done, total = 0, sum(len(bundle.entries) for bundle in bundles)
    progress(done, total)
    for bundle in bundles:
        with acting_in(principal.organisation_id):
            # Inside: names are read by the organisation's own version of the medicines.
            mapped = read_entries(bundle)
            require_running(job)
            report.rows += [*mapped.rows, *_write(principal, bundle, mapped, job)]
        done += len(bundle.entries)
        progress(done, total)
    return report


def require_importer(principal: Principal) -> None:
    """Raise PermissionDenied for everybody but clinicians and the system."""
    if principal.kind != "system" and not is_clinician(principal):
        raise PermissionDenied("records are imported by clinicians")


def require_running(job: FhirImport) -> None:
    """Hold the job until the transaction ends: who erases somebody waits for this file, and ends those that follow.

    Raises FhirError where it was ended.
    """
    rows = FhirImport.objects.for_organisation(job.organisation_id).select_for_update(no_key=True)
    if rows.filter(pk=job.pk).values_list("state", flat=True).first() != FhirImport.State.RUNNING:
        raise FhirError(_("The import was ended: somebody was erased meanwhile, who may be in it. Import it again."))


def read_entries(bundle: Bundle) -> Mapped:
    """Validate and map every entry of a file; what cannot be taken has a row that says why."""
    found = Mapped()
    for entry in bundle.entries:
        try:
            _read(bundle, entry, found)
        except LeftOutError as error:
            found.rows.append(_row(bundle, entry, "skipped", str(error)))
        except RowError as error:
            found.rows.append(_row(bundle, entry, "rejected", str(error)))
    return found


def _read(bundle: Bundle, entry: Entry, found: Mapped) -> None:
    if not entry.type:
        raise RowError(_("The entry holds no resource."))
    if entry.type not in {"Patient", "Encounter", *ITEMS}:
        found.rows.append(_row(bundle, entry, "skipped"))
        return
    if not entry.key:
        raise RowError(_("It has neither an id nor an address, so that a second import could not find it again."))
    if entry.key in found.entries:
        if entry.resource == found.entries[entry.key].resource:
            raise LeftOutError(_("It stands twice in the file, in the same words."))
        raise RowError(_("It stands twice in the file."))
    if wrong := problems(entry.resource):
        raise RowError(wrong)
    try:
        if entry.type == "Patient":
            found.patients[entry.key] = patient(entry.resource)
        elif entry.type == "Encounter":
            found.encounters[entry.key] = encounter(bundle, entry)
        else:
            found.items[entry.key] = ITEMS[entry.type](bundle, entry)
    except EnteredInErrorError:
        found.taken_back.add(entry.key)
    found.entries[entry.key] = entry


def _write(principal: Principal, bundle: Bundle, mapped: Mapped, job: FhirImport) -> Iterator[Row]:
    named = {one.patient for one in mapped.encounters.values()}
    named |= {one.patient for items in mapped.items.values() for one in items}
    met = {one.encounter for items in mapped.items.values() for one in items} - {""}
    sources = Sources(principal.organisation_id)
    known = Known.of(
        principal,
        sources,
        patients=named | mapped.patients.keys(),
        encounters=met | mapped.encounters.keys(),
        items=[
            *(item_key(key, one.part) for key, items in mapped.items.items() for one in items),
            *(item_key(key, part) for key in mapped.taken_back for part in PARTS),
        ],
    )
    writer = Writer(principal, job, sources, known)
    for key, values in mapped.patients.items():
        yield _outcome(bundle, mapped, key, writer.put_patient, key, values)
    with writer.sealing():
        for key in mapped.taken_back:
            yield _outcome(bundle, mapped, key, writer.take_back, key)
        for key, one in mapped.encounters.items():
            yield _outcome(bundle, mapped, key, writer.put_encounter, key, one)
        for key, items in mapped.items.items():
            yield _outcome(bundle, mapped, key, writer.put_items, key, items)
        writer.store()
    writer.record()


def _outcome(bundle: Bundle, mapped: Mapped, key: str, put: Callable[..., Outcome], *values: Any) -> Row:
    entry = mapped.entries[key]
    try:
        return _row(bundle, entry, put(*values))
    except LeftOutError as error:
        return _row(bundle, entry, "skipped", str(error))
    except RowError as error:
        return _row(bundle, entry, "rejected", str(error))


def _row(bundle: Bundle, entry: Entry, outcome: Outcome, reason: str = "") -> Row:
    identity = str(entry.resource.get("id") or "")[:64]
    return Row(bundle.name, entry.number, entry.type or "entry", identity, outcome, reason)
