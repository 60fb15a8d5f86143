"""The actions of decision support for other systems."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.hook_caller_added", _("System registered for decision support"), operation="create")
    register_action("clinical.hook_caller_removed", _("System removed from decision support"), operation="delete")
    register_action("clinical.hook_answered", _("Call of another system answered with cards"), operation="execute")
    register_action("clinical.hook_feedback", _("Feedback of another system on cards"), operation="update")
    register_action("clinical.hook_refused", _("Call of another system refused"), operation="execute")
