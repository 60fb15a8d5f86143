"""The actions of imports, exports and programs that read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.imported", _("Record imported from another system"), operation="create")
    register_action("clinical.import_undone", _("Import of a record taken back"), operation="delete")
    register_action("clinical.record_exported", _("Record of a patient exported"), operation="disclose")
    register_action("clinical.fhir_client_added", _("Program registered to read records"), operation="create")
    register_action("clinical.fhir_client_removed", _("Program removed from reading records"), operation="delete")
    register_action("clinical.fhir_token_issued", _("Token given to a program"), operation="execute")
    register_action("clinical.fhir_token_refused", _("Token refused to a program"), operation="execute")
