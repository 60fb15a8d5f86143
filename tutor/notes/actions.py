"""The actions of notes in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.note_added", _("Note on an answer added"), operation="create")
    register_action("tutor.note_changed", _("Note on an answer changed"), operation="update")
    register_action("tutor.note_removed", _("Note on an answer removed"), operation="delete")
