from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BreakGlassConfig(AppConfig):
    name = "llmasos.privacy.breakglass"
    label = "privacy_breakglass"
    verbose_name = _("Emergency access")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.audit.registry import register_action
        from llmasos.privacy.breakglass.stores import register_stores

        register_action("breakglass.granted", _("Emergency access taken"), operation="emergency_start")
        register_action("breakglass.ended", _("Emergency access ended early"), operation="emergency_stop")
        for code, label in (
            ("breakglass.refused", _("Emergency access refused")),
            ("breakglass.reviewed", _("Emergency access reviewed")),
            ("breakglass.listed", _("Emergency access listed")),
            ("breakglass.reason_read", _("Reason of emergency access read")),
            ("breakglass.announced", _("Emergency access announced by e-mail")),
        ):
            register_action(code, label)
        register_stores()
