"""The clinical assistant's actions in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clinical_assist.fhir import actions as fhir
from clinical_assist.governance import actions as governance
from clinical_assist.hooks import actions as hooks
from clinical_assist.intake import actions as intake
from clinical_assist.notes import actions as notes
from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.calculated", _("Calculator used"), operation="execute")
    register_action("clinical.patients_listed", _("Patients listed"), operation="read")
    register_action("clinical.record_read", _("Record of a patient read"), operation="read")
    register_action("clinical.record_refused", _("Record of a patient refused"), operation="read")
    register_action("clinical.differential_shown", _("Differential shown"), operation="execute")
    register_action("clinical.medicines_checked", _("Orders of medicines checked"), operation="execute")
    governance.register()
    intake.register()
    notes.register()
    fhir.register()
    hooks.register()
