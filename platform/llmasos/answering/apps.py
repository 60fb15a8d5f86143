from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnsweringConfig(AppConfig):
    name = "llmasos.answering"
    label = "answering"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.answering.measuring import AnsweringEvaluator
        from llmasos.answering.runs import answer
        from llmasos.answering.services import KIND
        from llmasos.audit.registry import register_action
        from llmasos.inference.kinds import register_kind
        from llmasos.retrieval.evaluators import register_evaluator

        register_kind(KIND, answer, engine="embed")
        register_action("answering.decision", _("A question was answered or declined"))
        register_action("answering.calibrated", _("The evidence estimate was calibrated"))
        register_evaluator("answering", AnsweringEvaluator())
