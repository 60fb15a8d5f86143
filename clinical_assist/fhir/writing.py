"""Writing mapped resources into the record, for many rows with few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.fhir.errors import LeftOutError, RowError
from clinical_assist.fhir.mapping.common import MappedItem, asked_on
from clinical_assist.fhir.mapping.people import MappedEncounter, MappedPatient
from clinical_assist.fhir.report import Outcome
from clinical_assist.fhir.sources import Sources
from clinical_assist.models import SUBJECT, CareTeamMember, Encounter, FhirImport, Patient, RecordItem
from clinical_assist.record.access import lock_records, patients_of, rows_of, subject
from clinical_assist.record.items import Allergy
from clinical_assist.record.services.patients import end_none_known, set_none_known
from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.services import keys_at_hand

# Under which parts the items of a resource that was taken back may be known.
PARTS = ("", *(f"{name} {number}" for name in ("component", "condition") for number in range(1, 21)))


def item_key(key: str, part: str) -> str:
    """Return under what one item of a resource is known."""
    return f"{key}\0{part}" if part else key


@dataclass(slots=True)
class Known:
    """What earlier imports left here, by the keys of the source. ``reached`` may be written to.

    ``said_none`` are patients of whom a resource said that no allergies are known, by that resource's key.
    """

    patients: dict[str, Patient]
    encounters: dict[str, Encounter]
    items: dict[str, RecordItem]
    said_none: dict[str, Patient]
    reached: set[UUID]

    @classmethod
    def of(
        cls,
        principal: Principal,
        sources: Sources,
        *,
        patients: Collection[str],
        encounters: Collection[str],
        items: Collection[str],
    ) -> Known:
        """Find the rows of these keys, and lock the records of the patients. Inside ``acting_in``."""
        of_patient, of_encounter, of_item = (
            {sources.key(one): one for one in keys} for keys in (patients, encounters, items)
        )
        organisation = principal.organisation_id
        everybody = Patient.objects.for_organisation(organisation)
        rows = everybody.filter(source_key__in=list(of_patient))
        said_none = everybody.filter(no_known_allergies_key__in=list(of_item))
        found = [*rows.values_list("pk", "merged_into"), *said_none.values_list("pk", "merged_into")]
        lock_records(organisation, (one for pair in found for one in pair if one is not None))
        reached = patients_of(principal).filter(pk__in=[pk for pk, _head in found])
        visits = Encounter.objects.for_organisation(organisation).filter(source_key__in=list(of_encounter))
        kept = RecordItem.objects.for_organisation(organisation).filter(
            source_key__in=list(of_item), superseded_at=None
        )
        people = {row.pk: row for row in rows}
        return cls(
            patients={of_patient[bytes(row.source_key or b"")]: row for row in people.values()},
            encounters={of_encounter[bytes(row.source_key or b"")]: row for row in visits},
            items={of_item[bytes(row.source_key or b"")]: row for row in kept.defer("content")},
            said_none={of_item[bytes(row.no_known_allergies_key or b"")]: people.get(row.pk, row) for row in said_none},
            reached=set(reached.values_list("pk", flat=True)),
        )


class Writer:
    """Puts what one file says into the record, inside one transaction; items are stored at the end, together."""

    def __init__(self, principal: Principal, job: FhirImport, sources: Sources, known: Known) -> None:
        self._principal = principal
        self._organisation_id = principal.organisation_id
        self._person_id = principal.id if principal.kind == "person" else None
        self._job, self._sources, self._known = job, sources, known
        self._encounters: list[Encounter] = []
        self._items: list[RecordItem] = []
        self._replaced: list[UUID] = []
        self._outcomes: dict[UUID, Counter[str]] = {}

    def put_patient(self, key: str, values: MappedPatient) -> Outcome:
        """Store a patient; who was not known here gets the job's clinician. Raises RowError."""
        fields = {**asdict(values), "numbers": values.numbers}
        digest, row = self._sources.digest(fields), self._known.patients.get(key)
        if row is None:
            row = Patient(organisation_id=self._organisation_id, source_key=self._sources.key(key), **fields)
            row.source_digest, row.imported_in, row.created_by_id = digest, self._job, self._person_id
            row.save(force_insert=True)
            self._known.patients[key] = row
            self._known.reached.add(row.pk)
            if self._job.clinician_id is not None:
                CareTeamMember.objects.create(
                    organisation_id=self._organisation_id,
                    patient=row,
                    person_id=self._job.clinician_id,
                    part=CareTeamMember.Part.RESPONSIBLE,
                    added_by_id=self._person_id,
                )
            return self._said(row.pk, "created")
        self._require(row)
        if row.source_digest == digest:
            return self._said(row.pk, "unchanged")
        if values.birth_date != row.birth_date and not set(values.numbers) & set(row.numbers):
            # Another system that counts from one too: nothing of a stranger may get into this record.
            del self._known.patients[key]
            raise RowError(_("The same id is another person here: neither the date of birth nor a number is the same."))
        for name, value in fields.items():
            setattr(row, name, value)
        row.source_digest, row.revision = digest, row.revision + 1
        row.save()
        return self._said(row.pk, "updated")

    def put_encounter(self, key: str, values: MappedEncounter) -> Outcome:
        """Store an encounter. Raises RowError."""
        patient = self._patient(values.patient)
        digest, row = self._sources.digest(asdict(values)), self._known.encounters.get(key)
        if row is not None and row.source_digest == digest:
            return self._said(patient.pk, "unchanged")
        if row is not None:
            _require_same(row, patient)
        outcome: Outcome = "created" if row is None else "updated"
        if row is None:
            row = Encounter(organisation_id=self._organisation_id, source_key=self._sources.key(key))
            row.imported_in = self._job
            self._known.encounters[key] = row
            self._encounters.append(row)
        row.patient, row.state, row.reason = patient, values.state, values.reason
        row.starts_at, row.ended_at, row.source_digest = values.starts_at, values.ended_at, digest
        if outcome == "updated":
            row.save()
        return self._said(patient.pk, outcome)

    def put_items(self, key: str, items: Sequence[MappedItem]) -> Outcome:
        """Keep the items of one resource for :meth:`store`. Raises RowError."""
        patient = self._patient(items[0].patient)
        for one in items:
            if (row := self._known.items.get(item_key(key, one.part))) is not None:
                _require_same(row, patient)
        outcomes = {self._put_item(patient, item_key(key, one.part), one) for one in items}
        outcome: Outcome = (
            "unchanged" if outcomes == {"unchanged"} else "created" if outcomes == {"created"} else "updated"
        )
        return self._said(patient.pk, outcome)

    def take_back(self, key: str) -> Outcome:
        """Mark what was imported of a resource as entered in error. Raises LeftOutError where there is nothing."""
        rows = [row for part in PARTS if (row := self._known.items.get(item_key(key, part))) is not None]
        if not rows:
            return self._take_back_none_known(key)
        if any(row.patient_id not in self._known.reached for row in rows):
            raise RowError(_not_reached())
        open_ = [row.pk for row in rows if not row.entered_in_error]
        marked = RecordItem.objects.for_organisation(self._organisation_id).filter(pk__in=open_)
        marked.update(entered_in_error=True)
        return self._said(rows[0].patient_id, "updated" if open_ else "unchanged")

    def _take_back_none_known(self, key: str) -> Outcome:
        patient = self._known.said_none.get(key)
        if patient is None:
            raise LeftOutError(_("Its source does not stand by it any more, and it was never imported."))
        self._require(patient)
        end_none_known(patient)
        return self._said(patient.pk, "updated")

    @contextmanager
    def sealing(self) -> Iterator[None]:
        """Seal with the patients' keys at hand."""
        subjects = [(SUBJECT, row.pk) for row in self._known.patients.values()]
        with keys_at_hand(organisation_id=self._organisation_id, subjects=subjects):
            yield

    def store(self) -> None:
        """Store the encounters and items that were put."""
        Encounter.objects.bulk_create(self._encounters)
        replaced = RecordItem.objects.for_organisation(self._organisation_id).filter(pk__in=self._replaced)
        replaced.update(superseded_at=timezone.now())
        RecordItem.objects.bulk_create(self._items, batch_size=1_000)
        for row in self._known.patients.values():
            if row.pk in self._known.reached:
                _end_none_known(row.merged_into or row)

    def record(self) -> None:
        """Record, for each patient of the file, how many resources were imported."""
        for patient_id, outcomes in self._outcomes.items():
            record(
                organisation_id=self._organisation_id,
                actor=self._principal.actor,
                action="clinical.imported",
                subject=subject(patient_id),
                object=Ref("fhir_import", self._job.pk),
                digests=dict(outcomes),
            )

    def _put_item(self, patient: Patient, key: str, given: MappedItem) -> Outcome:
        if given.none_known:
            return self._none_known(patient, key, given)
        content, visit = given.item.content(), self._known.encounters.get(given.encounter)
        digest = self._sources.digest([given.patient, given.encounter, given.kind, content])
        row = self._known.items.get(key)
        if row is not None and row.source_digest == digest:
            return "unchanged"
        if row is not None:
            self._replaced.append(row.pk)
        self._items.append(
            RecordItem(
                organisation_id=self._organisation_id,
                patient=patient,
                encounter=visit if visit is not None and visit.patient_id == patient.pk else None,
                kind=given.kind,
                content=content,
                source=RecordItem.Source.IMPORT,
                source_key=self._sources.key(key),
                source_digest=digest,
                imported_in=self._job,
                recorded_by_id=self._person_id,
                replaces=row,
            )
        )
        return "created" if row is None else "updated"

    def _none_known(self, patient: Patient, key: str, given: MappedItem) -> Outcome:
        asked, said = asked_on(given.item.on), patient.no_known_allergies_on
        if said is not None and (said >= asked or not given.item.on):
            return "unchanged"
        outcome: Outcome = "created" if said is None else "updated"
        set_none_known(patient, asked, source_key=self._sources.key(key))
        return outcome

    def _patient(self, key: str) -> Patient:
        row = self._known.patients.get(key)
        if row is None:
            raise RowError(_("Its patient is neither in the file nor known from an earlier import."))
        self._require(row)
        return row

    def _require(self, row: Patient) -> None:
        if row.pk not in self._known.reached:
            raise RowError(_not_reached())

    def _said(self, patient_id: UUID, outcome: Outcome) -> Outcome:
        self._outcomes.setdefault(patient_id, Counter())[outcome] += 1
        return outcome


def _require_same(row: Encounter | RecordItem, patient: Patient) -> None:
    """Refuse what another patient has under the id: another system may count from one too."""
    if row.patient_id != patient.pk:
        raise RowError(_("The same id belongs to another patient here: the source has to name its resources apart."))


def _end_none_known(patient: Patient) -> None:
    """An active allergy ends "none known", whichever of the two a file says first."""
    if patient.no_known_allergies_on is None:
        return
    held = RecordItem.objects.for_organisation(patient.organisation_id).filter(
        patient_id__in=rows_of(patient), kind=RecordItem.Kind.ALLERGY, superseded_at=None, entered_in_error=False
    )
    if any(Allergy.of(row.content).status == "active" for row in held):
        end_none_known(patient)


def _not_reached() -> str:
    return _("The patient is known here, and you are not of the care team: ask somebody of it to import this.")
