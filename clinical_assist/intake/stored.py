"""The intake of an encounter: saved as it is typed, under a revision, so that nobody overwrites somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.differential.model import Person
from clinical_assist.governance.switches import is_stopped
from clinical_assist.intake.case import LONGEST_TEXT, NOTHING_READ, RECORD, Case, changed
from clinical_assist.intake.engine import Engine, engine_of
from clinical_assist.models import Encounter, Intake, Patient
from clinical_assist.record.access import encounter_for, subject
from clinical_assist.record.types import age_on
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref

_CLOSED = (Encounter.State.CLOSED, Encounter.State.CANCELLED)


class IntakeError(ValueError):
    """The intake cannot be changed; the message says why."""


class ChangedMeanwhileError(IntakeError):
    """Somebody else saved after the page was read. ``theirs`` is what stands now; nothing was overwritten."""

    def __init__(self, theirs: Intake) -> None:
        super().__init__(_("Somebody else saved this intake meanwhile."))
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Entered:
    """What a page sends. ``revision`` is the one that it was read at; ``taken`` are items of the record by finding."""

    revision: int
    text: str
    chosen: Mapping[str, str] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, tuple[str, UUID]] = field(default_factory=dict)


def intake_of(encounter: Encounter) -> Intake:
    """Return the intake of an encounter, or one that was never saved."""
    found = Intake.objects.for_organisation(encounter.organisation_id).filter(encounter=encounter).first()
    return found or Intake(
        organisation_id=encounter.organisation_id, encounter=encounter, patient_id=encounter.patient_id
    )


def is_open(encounter: Encounter) -> bool:
    """Whether the encounter's intake may still be changed."""
    return encounter.state not in _CLOSED


def person_of(patient: Patient, encounter: Encounter) -> Person:
    """Return age and sex on the day of the encounter, as the model takes them."""
    day = timezone.localdate(encounter.starts_at)
    age = age_on(patient.birth_date, day)
    months = None if patient.birth_date is None else (day - patient.birth_date).days / 365.25
    return Person(
        months if age is not None and age < 2 else age, patient.sex if patient.sex in {"male", "female"} else ""
    )


def case_of(intake: Intake, person: Person, engine: Engine) -> Case:
    """Return the stored case with what its text is read as; nothing is read while recognition is stopped."""
    if not intake.text or is_stopped(intake.organisation_id, "recognition"):
        read = NOTHING_READ
    else:
        read = engine.recogniser.recognise(intake.text, age=person.age)
    known = Person(person.age if person.age is not None else read.age, person.sex or read.sex, person.season)
    return Case(known, intake.text, intake.findings, intake.origins or {}, read)


def save(principal: Principal, encounter_id: UUID, entered: Entered) -> Intake:
    """Save what was typed and chosen, and return the intake as it stands now.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``record.access.encounter_for``.
        ChangedMeanwhileError: somebody else saved after the page was read.
        IntakeError: the encounter is finished, or the text is too long.
    """
    with acting_in(principal.organisation_id):
        encounter, patient, purpose = encounter_for(principal, encounter_id)
        intake = locked(encounter)
        if entered.revision != intake.revision:
            raise ChangedMeanwhileError(intake)
        if not is_open(encounter):
            raise IntakeError(_("The visit is finished: its intake can no longer be changed."))
        if len(entered.text) > LONGEST_TEXT:
            raise IntakeError(_("The text is longer than %(count)s characters.") % {"count": LONGEST_TEXT})
        engine = engine_of(principal.organisation_id)
        person = person_of(patient, encounter)
        before = Case(person, intake.text, intake.findings, intake.origins or {})
        draft = Intake(organisation_id=intake.organisation_id, text=entered.text)
        read = case_of(draft, person, engine).read
        after = changed(before, text=entered.text, chosen=entered.chosen, asked=entered.asked, read=read, known=engine)
        states, origins = dict(after.states), dict(after.origins)
        for code, (state, item_id) in entered.taken.items():
            if code in engine.model.rows:
                states[code], origins[code] = state, f"{RECORD}:{item_id}"
        if (entered.text, states, origins) != (intake.text, intake.findings, intake.origins or {}):
            intake.text, intake.findings, intake.origins = entered.text, states, origins
            store(intake, principal)
            record(
                organisation_id=principal.organisation_id,
                actor=principal.actor,
                action="clinical.intake_saved",
                subject=subject(patient.pk),
                object=Ref("encounter", encounter.pk),
                purpose=purpose,
                digests={"revision": intake.revision, "findings": len(states), "characters": len(entered.text)},
            )
        return intake


def locked(encounter: Encounter) -> Intake:
    """Return the intake of an encounter, locked against others who save; made where there is none."""
    Encounter.objects.for_organisation(encounter.organisation_id).select_for_update(no_key=True).get(pk=encounter.pk)
    return intake_of(encounter)


def store(intake: Intake, principal: Principal) -> None:
    """Write an intake as its next revision."""
    intake.revision += 1
    intake.saved_by_id, intake.saved_at = principal.id, timezone.now()
    intake.save()
