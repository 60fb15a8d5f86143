"""The actions of exchange with other systems in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.gradebook_exported", _("Gradebook exported"), operation="disclose")
    register_action("tutor.marking_sheet_exported", _("Sheet for marking outside exported"), operation="disclose")
    register_action("tutor.marks_imported", _("Marks imported"), operation="create")
    register_action("tutor.marks_import_undone", _("Imported marks taken back"), operation="update")
    register_action("tutor.questions_imported", _("Questions imported"), operation="create")
