from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClinicalAssistConfig(AppConfig):
    name = "clinical_assist"
    verbose_name = _("Clinical assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinical_assist.evaluation.differential import DifferentialEvaluator
        from clinical_assist.permissions import READERS
        from llmasos.retrieval.evaluators import register_evaluator
        from llmasos.ui.navigation import register_door

        register_evaluator("differential", DifferentialEvaluator())
        register_door(
            "clinical",
            _("Clinical"),
            "clinical_assist:start",
            READERS,
            accent="blue",
            icon="clinical",
            description=_("Search guidelines and references, with the source of every passage."),
            order=30,
        )
