"""What the record and the encounter hold of a patient, as facts for a draft. Inside ``acting_in``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar, cast

from django.utils import timezone
from django.utils.translation import get_language

from clinical_assist.intake.engine import engine_of
from clinical_assist.knowledge.types import Finding
from clinical_assist.knowledge.wording import names_in, said
from clinical_assist.models import Encounter, Intake, Patient, PlanDraft, RecordItem, ShownDifferential
from clinical_assist.notes import saying
from clinical_assist.notes.facts import Differential, Facts, FoundFact, Identity, OwnList, PlanFact, Recorded, Told
from clinical_assist.notes.handouts import plan_of
from clinical_assist.record.access import rows_of
from clinical_assist.record.items import Allergy, History, Item, Measurement, Medication, Problem, item_of

ItemType = TypeVar("ItemType", bound=Item)


def facts_of(encounter: Encounter, patient: Patient) -> Facts:
    """Return everything that a note of the encounter may say; ``patient`` is whose record it is.

    What came after a finished visit is no part of its note.
    """
    items = _items(encounter, patient)
    intake = Intake.objects.for_organisation(patient.organisation_id).filter(encounter=encounter).first()
    problems = [
        one for one in _of(items, Problem) if one.item.status == "active" and one.item.verification != "refuted"
    ]
    return Facts(
        identity=identity_of(patient),
        encounter_id=str(encounter.pk),
        on=timezone.localdate(encounter.starts_at),
        reason=encounter.reason,
        told=_told(intake),
        problems=tuple(problems),
        allergies=tuple(_of(items, Allergy)),
        medications=tuple(_of(items, Medication)),
        vitals=tuple(_of(items, Measurement, RecordItem.Kind.VITAL)),
        laboratory=tuple(_of(items, Measurement, RecordItem.Kind.LABORATORY)),
        history=tuple(_of(items, History)),
        own_list=_own_list(intake),
        differential=_differential(encounter),
        plan=tuple(_plan(encounter)),
    )


def identity_of(patient: Patient) -> Identity:
    """Return who the patient is, with the first of the numbers under which the record knows them."""
    return Identity(
        id=str(patient.pk),
        name=f"{patient.family_name}, {patient.given_names}".strip(", "),
        sex=patient.sex,
        birth_date=patient.birth_date,
        number=str(patient.identifiers[0].get("value", "")) if patient.identifiers else "",
        no_known_allergies_on=patient.no_known_allergies_on,
    )


def _items(encounter: Encounter, patient: Patient) -> list[tuple[str, Recorded[Item]]]:
    rows = RecordItem.objects.for_organisation(patient.organisation_id).filter(
        patient_id__in=rows_of(patient), superseded_at=None, entered_in_error=False
    )
    # What this visit's own plan ordered is said as plan, not as something that was taken before.
    rows = rows.exclude(source=RecordItem.Source.PLAN, encounter=encounter)
    found = [
        (
            row.kind,
            Recorded(
                id=str(row.pk),
                item=item_of(row),
                recorded_on=timezone.localdate(row.recorded_at),
                here=row.encounter_id == encounter.pk,
            ),
        )
        for row in rows.order_by("recorded_at", "pk")
    ]
    if encounter.state != Encounter.State.CLOSED:
        return found
    last = timezone.localdate(encounter.ended_at or encounter.starts_at).isoformat()
    # An item without a day of its own was not true at a certain time: it stays.
    return [(kind, one) for kind, one in found if one.here or saying.day(one.item.on) <= last]


def _of(
    items: Sequence[tuple[str, Recorded[Item]]], wanted: type[ItemType], kind: str = ""
) -> list[Recorded[ItemType]]:
    return [
        cast("Recorded[ItemType]", one)
        for of_kind, one in items
        if isinstance(one.item, wanted) and kind in {"", of_kind}
    ]


def _told(intake: Intake | None) -> Told | None:
    if intake is None:
        return None
    known = engine_of(intake.organisation_id).knowledge.findings
    findings = tuple(_found(code, known.get(code), state) for code, state in intake.findings.items())
    return Told(id=str(intake.pk), on=_day(intake.saved_at), text=intake.text, findings=findings)


def _found(code: str, known: Finding | None, state: str) -> FoundFact:
    """Return a finding; one that the version of the knowledge in use no longer has by its code: it is not dropped."""
    if known is None:
        return FoundFact(code=code, name=code.replace("_", " "), kind="symptom", state=state)
    return FoundFact(code=code, name=said(known), kind=known.kind, state=state)


def _own_list(intake: Intake | None) -> OwnList | None:
    if intake is None or intake.committed_at is None:
        return None
    names = tuple(str(line["text"]) for line in intake.own_list)
    return OwnList(id=str(intake.pk), on=_day(intake.committed_at), names=names)


def _differential(encounter: Encounter) -> Differential | None:
    rows = ShownDifferential.objects.for_organisation(encounter.organisation_id).filter(encounter=encounter)
    shown = rows.order_by("-shown_at").first()
    if shown is None:
        return None
    content: dict[str, Any] = shown.content
    names = names_in(get_language() or "en")
    return Differential(
        id=str(shown.pk),
        on=_day(shown.shown_at),
        knowledge=f"{shown.knowledge_name} {shown.knowledge_version}",
        options=tuple((names.get(one["name"], str(one["name"])), float(one["chance"])) for one in content["options"]),
        outside=bool(content.get("outside")),
    )


def _plan(encounter: Encounter) -> list[PlanFact]:
    plan = plan_of(encounter)
    if plan is None:
        return []
    return [
        PlanFact(
            id=str(line.pk),
            kind=line.kind,
            words=saying.plan_words(line.content),
            on=_day(plan.signed_at or plan.created_at),
            signed=plan.state == PlanDraft.State.SIGNED,
        )
        for line in plan.lines.filter(removed_at=None)
    ]


def _day(moment: datetime) -> date:
    return timezone.localdate(moment)
