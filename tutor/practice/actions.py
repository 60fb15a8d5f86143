"""The actions of practice in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.exercise_saved", _("Exercise saved, taken over or retired"), operation="update")
    register_action("tutor.practice_read", _("Practice read"), operation="read")
    register_action("tutor.hint_given", _("Hint given"), operation="update")
    register_action("tutor.practised", _("Exercise answered"), operation="create")
    register_action("tutor.practice_checked", _("Answer to an exercise checked"), operation="update")
    register_action("tutor.practice_judged", _("Own answer to an exercise judged"), operation="update")
