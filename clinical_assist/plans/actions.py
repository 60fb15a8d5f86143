"""The actions of plans in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.plan_changed", _("Draft of a plan changed"), operation="update")
    register_action("clinical.alert_overridden", _("Alert on an order overridden"), operation="update")
    register_action("clinical.alert_override_taken_back", _("Override of an alert taken back"), operation="update")
    register_action("clinical.plan_discarded", _("Draft of a plan discarded"), operation="delete")
    register_action("clinical.plan_signed", _("Plan signed"), operation="update")
    register_action("clinical.rule_reviewed", _("Note on a rule of the checks kept"), operation="create")
    register_action("clinical.plan_worded", _("Reasons of a plan worded by a model"), operation="execute")
