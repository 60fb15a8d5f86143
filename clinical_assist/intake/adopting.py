"""An option that a clinician picks becomes a provisional problem of the record."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from clinical_assist.intake.revealing import opened
from clinical_assist.intake.stored import IntakeError, is_open
from clinical_assist.models import RecordItem
from clinical_assist.record.items import Problem
from clinical_assist.record.queries import entries_of
from clinical_assist.record.services.items import write_items
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in

ICD10 = "http://hl7.org/fhir/sid/icd-10"


def adopt(principal: Principal, encounter_id: UUID, code: str) -> Problem:
    """Write an option as a provisional problem, as the clinician's decision.

    Raises:
        Encounter.DoesNotExist, NotInCareTeamError: as ``record.access.encounter_for``.
        IntakeError: there is no such option, it is a problem already, or the visit is finished.
    """
    with acting_in(principal.organisation_id):
        case = opened(principal, encounter_id)
        condition = case.engine.conditions.get(code)
        if condition is None or case.intake.revealed_at is None:
            raise IntakeError(_("There is no such option."))
        if not is_open(case.encounter):
            raise IntakeError(_("The visit is finished: its intake can no longer be changed."))
        problem = Problem(
            name=condition.name,
            codings=tuple((ICD10, one, condition.name) for one in condition.icd10[:1]),
            verification="provisional",
        )
        present = {
            one.item.name
            for one in entries_of(case.patient)
            if one.kind == RecordItem.Kind.PROBLEM and one.item.status == "active"
        }
        if problem.name in present:
            raise IntakeError(_("%(name)s is among the problems already.") % {"name": problem.name})
        write_items(principal, case.patient.pk, [(RecordItem.Kind.PROBLEM, problem)], encounter_id=case.encounter.pk)
        return problem
