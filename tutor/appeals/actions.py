"""The actions of appeals in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.appeal_exported", _("Proof of a mark exported"), operation="disclose")
