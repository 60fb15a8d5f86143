"""The actions of oversight in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.function_stopped", _("Function stopped"), operation="security")
    register_action("clinical.function_started", _("Function started again"), operation="security")
    register_action("clinical.lead_named", _("Medical lead named"), operation="security")
    register_action("clinical.lead_dismissed", _("Medical lead ended"), operation="security")
    register_action("clinical.version_proposed", _("Version of knowledge proposed"), operation="create")
    register_action("clinical.version_measured", _("Version of knowledge measured"), operation="execute")
    register_action("clinical.version_reviewed", _("Version of knowledge reviewed"), operation="update")
    register_action("clinical.version_activated", _("Version of knowledge put in use"), operation="update")
    register_action("clinical.version_retired", _("Version of knowledge no longer in use"), operation="update")
    register_action("clinical.references_chosen", _("Collections of reference chosen"), operation="update")
    register_action("clinical.feedback_given", _("Feedback on a suggestion given"), operation="create")
    register_action("clinical.feedback_answered", _("Feedback on a suggestion answered"), operation="update")
