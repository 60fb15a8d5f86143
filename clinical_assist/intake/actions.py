"""The actions of intake and differential in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.intake_saved", _("Intake saved"), operation="update")
    register_action("clinical.own_list_committed", _("Own list of options committed"), operation="create")
    register_action("clinical.differential_revealed", _("Differential revealed"), operation="update")
    register_action("clinical.differential_shown", _("Differential shown"), operation="execute")
    register_action("clinical.what_if_shown", _("Differential shown for other findings"), operation="execute")
    register_action("clinical.reader_setting_saved", _("How somebody reads the differential saved"), operation="update")
