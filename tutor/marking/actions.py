"""The actions of marking in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.regrade_asked", _("Regrade asked for"), operation="create")
    register_action("tutor.regrade_answered", _("Regrade request answered"), operation="update")
    register_action("tutor.regrade_withdrawn", _("Regrade request taken back"), operation="update")
