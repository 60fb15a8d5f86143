"""The differential of an encounter: the own list is committed, then the machine's is revealed; both are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.governance.switches import require_running
from clinical_assist.intake.case import STATES, Case
from clinical_assist.intake.engine import Engine, engine_of
from clinical_assist.intake.options import Shown, shown
from clinical_assist.intake.own_list import lines_of
from clinical_assist.intake.stored import IntakeError, case_of, intake_of, is_open, locked, person_of, store
from clinical_assist.models import Encounter, Intake, Patient, ReaderSetting, ShownDifferential
from clinical_assist.record.access import encounter_for, subject
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref


@dataclass(frozen=True, slots=True)
class Opened:
    """An encounter's case with the engine that computes from it."""

    encounter: Encounter
    patient: Patient
    purpose: str
    intake: Intake
    case: Case
    engine: Engine


def opened(principal: Principal, encounter_id: UUID) -> Opened:
    """Read an encounter's case; inside ``acting_in``, and recorded by who shows it.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``record.access.encounter_for``.
    """
    encounter, patient, purpose = encounter_for(principal, encounter_id)
    engine, intake = engine_of(principal.organisation_id), intake_of(encounter)
    return Opened(encounter, patient, purpose, intake, case_of(intake, person_of(patient, encounter), engine), engine)


def own_list_first(principal: Principal) -> bool:
    """Whether the reader wants to be asked for an own list before the machine's is shown."""
    if principal.id is None:
        return True
    rows = ReaderSetting.objects.for_organisation(principal.organisation_id).filter(person_id=principal.id)
    chosen = rows.values_list("own_list_first", flat=True).first()
    return True if chosen is None else chosen


def set_own_list_first(principal: Principal, *, wanted: bool) -> None:
    """Keep whether the reader wants to be asked for an own list first. Raises PermissionDenied for programs."""
    if principal.kind != "person" or principal.id is None:
        raise PermissionDenied
    with acting_in(principal.organisation_id):
        ReaderSetting.objects.for_organisation(principal.organisation_id).update_or_create(
            organisation_id=principal.organisation_id, person_id=principal.id, defaults={"own_list_first": wanted}
        )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.reader_setting_saved",
            digests={"own_list_first": wanted},
        )


def commit(principal: Principal, encounter_id: UUID, text: str) -> Intake:
    """Keep the clinician's own list. It is not changed afterwards.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``record.access.encounter_for``.
        IntakeError: there is nothing on it, or it is committed, or the machine's was shown, or the visit is finished.
    """
    with acting_in(principal.organisation_id):
        case = opened(principal, encounter_id)
        intake = locked(case.encounter)
        lines = lines_of(text, case.engine)
        _require_open(case.encounter)
        if intake.committed_at is not None:
            raise IntakeError(_("Your list is committed already; it is kept as it is."))
        if intake.revealed_at is not None:
            raise IntakeError(_("The machine's list was shown already: a list written now would not be your own."))
        if not lines:
            raise IntakeError(_("Write at least one thing that you think of."))
        intake.own_list, intake.committed_at = lines, timezone.now()
        store(intake, principal)
        _record(principal, case, "clinical.own_list_committed", {"count": len(lines)})
        return intake


def reveal(principal: Principal, encounter_id: UUID) -> Intake:
    """Let the machine's differential be shown from now on.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``record.access.encounter_for``.
        StoppedError: the differential is stopped.
        IntakeError: there is no finding yet, or the reader wanted to write an own list first.
    """
    with acting_in(principal.organisation_id):
        require_running(principal.organisation_id, "differential")
        case = opened(principal, encounter_id)
        intake = locked(case.encounter)
        if not case.case.findings:
            raise IntakeError(_("There is no finding yet: take the intake first."))
        if intake.committed_at is None and own_list_first(principal):
            raise IntakeError(_("Write your own list first, or say that you do not want to be asked for it."))
        if intake.revealed_at is None:
            intake.revealed_at = timezone.now()
            store(intake, principal)
            _record(principal, case, "clinical.differential_revealed", {"committed": intake.committed_at is not None})
        return intake


def show(principal: Principal, case: Opened) -> Shown:
    """Compute the differential of a case, keep it as it is shown, and record that; inside ``acting_in``.

    What was shown to the same person on the same findings by the same knowledge is kept once. Raises StoppedError.
    """
    require_running(principal.organisation_id, "differential")
    found = shown(case.case, case.engine)
    content = content_of(case.case, found)
    knowledge = case.engine.knowledge
    last = differentials(case.encounter).filter(shown_to_id=principal.id).first()
    if last is None or (last.knowledge_digest, last.content) != (knowledge.digest, content):
        ShownDifferential.objects.create(
            organisation_id=principal.organisation_id,
            patient_id=case.encounter.patient_id,
            encounter=case.encounter,
            knowledge_name=knowledge.name,
            knowledge_version=knowledge.version[:40],
            knowledge_digest=knowledge.digest,
            content=content,
            shown_to_id=principal.id,
        )
    _record(principal, case, "clinical.differential_shown", _digests(case, found))
    return found


def what_if(principal: Principal, case: Opened, states: Mapping[str, str]) -> tuple[Case, Shown]:
    """Compute the differential with other states of some findings; nothing is stored but that it was asked.

    Raises StoppedError.
    """
    require_running(principal.organisation_id, "differential")
    known = {code: state for code, state in states.items() if code in case.engine.model.rows and state in STATES}
    supposed = Case(case.case.person, case.case.text, {**case.case.states, **known}, case.case.origins, case.case.read)
    found = shown(supposed, case.engine)
    _record(principal, case, "clinical.what_if_shown", _digests(case, found))
    return supposed, found


def differentials(encounter: Encounter) -> QuerySet[ShownDifferential]:
    """Return what was shown in an encounter, newest first."""
    rows = ShownDifferential.objects.for_organisation(encounter.organisation_id).filter(encounter=encounter)
    return rows.select_related("shown_to").order_by("-shown_at")


def content_of(case: Case, found: Shown) -> dict[str, Any]:
    """Return what is kept of a differential: the findings that it stood on and the options with their chances."""
    assessment = found.assessment
    return {
        "age": case.person.age,
        "sex": case.person.sex,
        "findings": dict(case.states),
        "fit": round(assessment.fit, 4),
        "outside": assessment.outside,
        "options": [
            {
                "code": one.condition.code,
                "name": one.condition.name,
                "icd10": list(one.condition.icd10),
                "chance": round(one.chance, 4),
                "before": round(one.before, 4),
                "must_not_miss": one.condition.must_not_miss,
                "apart": one in found.urgent,
            }
            for one in found.options
        ],
    }


def _digests(case: Opened, found: Shown) -> dict[str, str | int | bool | Sequence[str]]:
    return {
        "knowledge": case.engine.knowledge.digest,
        "findings": len(case.case.findings),
        "options": [one.condition.code for one in found.options],
        "outside": found.assessment.outside,
    }


def _require_open(encounter: Encounter) -> None:
    if not is_open(encounter):
        raise IntakeError(_("The visit is finished: its intake can no longer be changed."))


def _record(principal: Principal, case: Opened, action: str, digests: Mapping[str, Any]) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=subject(case.patient.pk),
        object=Ref("encounter", case.encounter.pk),
        purpose=case.purpose,
        digests=dict(digests),
    )
