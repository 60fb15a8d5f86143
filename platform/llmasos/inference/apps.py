from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InferenceConfig(AppConfig):
    name = "llmasos.inference"
    label = "inference"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Without the application bound here, a web process would publish tasks to a default one.
        from llmasos import celery
        from llmasos.audit.registry import register_action
        from llmasos.inference import choosing, deidentification, personal_data, reading, worker
        from llmasos.inference.measuring import own

        celery.app.set_default()
        worker.connect(celery.app)
        own.register()
        choosing.register()
        deidentification.register()
        personal_data.register()
        reading.register()
        register_action("inference.model_call", _("A model processed text"))
        register_action("inference.cancel", _("A model call was cancelled"))
        register_action("inference.catalogue_change", _("The model catalogue was changed"))
        register_action("inference.limit_change", _("A limit on the use of models was changed"))
        register_action("inference.log_measured", _("The log's speed was measured"))
