"""The actions of acts on many rows in the log; what they do is recorded by what does it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.bulk_asked", _("Act on many at once asked for"), operation="create")
    register_action("tutor.bulk_stopped", _("Act on many at once stopped"), operation="update")
    register_action("tutor.bulk_discarded", _("Result of an act on many at once deleted"), operation="delete")
