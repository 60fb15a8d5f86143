"""The actions of learning in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.learning_computed", _("Mastery and advice computed"), operation="update")
    register_action("tutor.learning_read", _("Mastery and advice read"), operation="read")
    register_action("tutor.learning_listed", _("Mastery of a course's learners listed"), operation="read")
    register_action("tutor.advice_vetoed", _("Advice vetoed, or a veto taken back"), operation="update")
    register_action("tutor.learning_settings_changed", _("Settings of learning changed"), operation="update")
