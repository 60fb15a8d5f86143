"""The actions of own models in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.model_trained", _("Model of verdicts trained"), operation="create")
    register_action("tutor.model_chosen", _("Model of verdicts chosen"), operation="update")
    register_action("tutor.model_removed", _("Model of verdicts removed"), operation="delete")
