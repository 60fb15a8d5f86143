"""The actions of the quality pages in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.similar_asked", _("Similar answers asked for"), operation="execute")
    register_action("tutor.similar_found", _("Similar answers looked for"), operation="execute")
    register_action("tutor.pair_read", _("Similar answers compared"), operation="read")
    register_action("tutor.robustness_asked", _("Check for tricks asked for"), operation="execute")
    register_action("tutor.robustness_checked", _("Question checked for tricks"), operation="execute")
    register_action("tutor.fairness_read", _("Fairness figures read"), operation="read")
