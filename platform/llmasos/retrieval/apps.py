from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RetrievalConfig(AppConfig):
    name = "llmasos.retrieval"
    label = "retrieval"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("Knowledge")

    def ready(self) -> None:
        from llmasos.audit.registry import register_action
        from llmasos.retrieval import evaluation, evaluators, personal_data

        register_action("retrieval.search", _("Knowledge was searched"))
        register_action("retrieval.add_collection", _("A collection was made"))
        register_action("retrieval.import", _("Documents were imported"))
        register_action("retrieval.download", _("A document's file was downloaded"))
        register_action("retrieval.retry", _("A document was tried again"))
        register_action("retrieval.delete", _("A document was deleted"))
        register_action("retrieval.restore", _("A document was restored"))
        personal_data.register()
        evaluators.register_evaluator("retrieval", evaluation.RetrievalEvaluator())
