"""The dial's action in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.dial_set", _("Border between review and confirmation set"), operation="update")
