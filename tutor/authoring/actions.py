"""The actions of setting work in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.assignment_saved", _("Assignment saved"), operation="update")
    register_action("tutor.assignment_state_changed", _("Assignment published or closed"), operation="update")
    register_action("tutor.assignment_deleted", _("Draft of an assignment deleted"), operation="delete")
    register_action("tutor.question_saved", _("Question saved"), operation="update")
    register_action("tutor.question_deleted", _("Question deleted"), operation="delete")
    register_action("tutor.rubric_changed", _("Rubric changed"), operation="update")
    register_action("tutor.extensions_read", _("Deadlines of single learners read"), operation="read")
    register_action("tutor.extension_changed", _("Deadline of one learner changed"), operation="update")
