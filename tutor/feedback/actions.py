"""The actions of feedback in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.drafts_asked", _("Drafts of feedback asked for"), operation="execute")
    register_action("tutor.drafts_stopped", _("Drafting of feedback stopped"), operation="execute")
    register_action("tutor.feedback_drafted", _("Feedback drafted by the machine"), operation="create")
    register_action("tutor.comment_saved", _("Comment kept in the bank"), operation="update")
    register_action("tutor.comment_removed", _("Comment removed from the bank"), operation="delete")
    register_action("tutor.comments_suggested", _("Earlier comments on like answers read"), operation="read")
