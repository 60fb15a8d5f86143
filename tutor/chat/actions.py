"""The actions of the course's chat in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.chat_asked", _("Chat of a course asked"), operation="create")
    register_action("tutor.chat_replied", _("Chat of a course replied"), operation="update")
    register_action("tutor.chat_read", _("Conversation with a course's chat read"), operation="read")
