"""What is recorded about patients and their records."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.patients_listed", _("Patients listed"), operation="read")
    register_action("clinical.patients_searched", _("Patients searched"), operation="read")
    register_action("clinical.record_read", _("Record of a patient read"), operation="read")
    register_action("clinical.record_refused", _("Record of a patient refused"), operation="read")
    register_action("clinical.patient_added", _("Patient added"), operation="create")
    register_action("clinical.patient_corrected", _("Patient corrected"), operation="update")
    register_action("clinical.no_allergies_said", _("No known allergies stated"), operation="update")
    register_action("clinical.no_allergies_taken_back", _("No known allergies taken back"), operation="update")
    register_action("clinical.patients_merged", _("Two patients merged"), operation="update")
    register_action("clinical.patients_unmerged", _("Merged patients separated"), operation="update")
    register_action("clinical.item_written", _("Entry of a record written"), operation="create")
    register_action("clinical.item_corrected", _("Entry of a record corrected"), operation="update")
    register_action("clinical.item_in_error", _("Entry marked as entered in error"), operation="update")
    register_action("clinical.encounter_planned", _("Visit planned"), operation="create")
    register_action("clinical.encounter_changed", _("Visit opened, finished or cancelled"), operation="update")
    register_action("clinical.team_joined", _("Clinician joined a care team"), operation="update")
    register_action("clinical.team_left", _("Clinician left a care team"), operation="update")
