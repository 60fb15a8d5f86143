"""Today's list: who comes when, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from clinical_assist.models import Encounter, Patient
from clinical_assist.record.access import patients_of
from clinical_assist.record.queries import names_of
from llmasos.accounts.principals import Principal

MOST = 200


@dataclass(frozen=True, slots=True)
class Visit:
    """One encounter of the day with the patient whose record it belongs to."""

    encounter: Encounter
    patient: Patient
    clinician: str
    is_earlier: bool

    @property
    def is_waiting(self) -> bool:
        return self.encounter.state in {Encounter.State.PLANNED, Encounter.State.OPEN}


def visits(principal: Principal, *, everybody: bool) -> list[Visit]:
    """Return the day's encounters by time, and those of earlier days that are still under way; inside ``acting_in``.

    Own ones are those where the principal is the clinician; ``everybody`` adds all patients whom they care for.
    """
    begin = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    of_today = Q(starts_at__gte=begin, starts_at__lt=begin + timedelta(days=1))
    rows = Encounter.objects.for_organisation(principal.organisation_id).filter(
        of_today | Q(state=Encounter.State.OPEN, starts_at__lt=begin),
        patient__in=patients_of(principal),
    )
    if not everybody:
        rows = rows.filter(clinician_id=principal.id)
    found = list(rows.select_related("patient", "patient__merged_into").order_by("starts_at")[:MOST])
    names = names_of(one.clinician_id for one in found)
    return [
        Visit(
            encounter=one,
            patient=one.patient.merged_into or one.patient,
            clinician=names.get(one.clinician_id, "") if one.clinician_id else "",
            is_earlier=one.starts_at < begin,
        )
        for one in found
    ]
