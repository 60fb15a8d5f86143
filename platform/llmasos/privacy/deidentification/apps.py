from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeidentificationConfig(AppConfig):
    name = "llmasos.privacy.deidentification"
    label = "privacy_deidentification"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("De-identification")

    def ready(self) -> None:
        from llmasos.audit.registry import register_action
        from llmasos.privacy.deidentification.stores import register_stores

        register_action(
            "deidentification.set_policy", _("The de-identification policy was changed"), operation="update"
        )
        register_action("deidentification.preview", _("De-identification was tried on a text"), operation="execute")
        register_action(
            "deidentification.protect", _("A prompt to an outside model was de-identified"), operation="execute"
        )
        register_action(
            "deidentification.unprotected", _("A prompt went to an outside model as it was"), operation="disclose"
        )
        register_action("deidentification.keep_map", _("A way back from surrogates was kept"), operation="create")
        register_action("deidentification.restore", _("Surrogates were led back to their originals"), operation="read")
        register_stores()
