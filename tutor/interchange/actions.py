"""The actions of exchange with other systems in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.gradebook_exported", _("Gradebook exported"), operation="disclose")
