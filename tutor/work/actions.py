"""The actions of learners' work in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.work_listed", _("Own work listed"), operation="read")
    register_action("tutor.work_read", _("Attempt opened"), operation="read")
    register_action("tutor.attempt_started", _("Attempt begun"), operation="create")
    register_action("tutor.work_handed_in", _("Work handed in"), operation="update")
    register_action("tutor.file_uploaded", _("File added to an answer"), operation="create")
    register_action("tutor.file_removed", _("File removed from an answer"), operation="delete")
    register_action("tutor.file_read", _("File of an answer opened"), operation="read")
