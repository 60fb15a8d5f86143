"""The actions of reading results in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.results_read", _("Result read"), operation="read")
    register_action("tutor.results_listed", _("Results of a child listed"), operation="read")
