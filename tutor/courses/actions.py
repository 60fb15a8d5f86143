"""The actions of courses in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.course_saved", _("Course saved"), operation="update")
    register_action("tutor.course_archived", _("Course archived or brought back"), operation="update")
    register_action("tutor.term_saved", _("Term saved"), operation="update")
    register_action("tutor.term_deleted", _("Term deleted"), operation="delete")
    register_action("tutor.skill_changed", _("Skill of a course added, renamed or deleted"), operation="update")
    register_action("tutor.roster_read", _("List of a course read"), operation="read")
    register_action("tutor.enrolled", _("Learner enrolled"), operation="create")
    register_action("tutor.withdrawn", _("Learner taken out of a course"), operation="update")
    register_action("tutor.guardian_added", _("Guardian linked with a learner"), operation="update")
    register_action("tutor.guardian_removed", _("Guardian no longer linked with a learner"), operation="update")
    register_action("tutor.staff_changed", _("Staff of a course changed"), operation="update")
    register_action("tutor.class_code_changed", _("Class code changed"), operation="update")
