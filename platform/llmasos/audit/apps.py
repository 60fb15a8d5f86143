from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "llmasos.audit"
    label = "audit"
    verbose_name = _("Audit log")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from llmasos.audit.registry import register_action

        register_action("audit.read", _("Audit log read"), operation="audit")
        register_action("audit.verified", _("Audit log verified"), operation="audit")
        register_action("audit.exported", _("Audit log taken out"), operation="audit")
        register_action("audit.proved", _("Entry of the audit log proved"), operation="audit")
        register_action("audit.payloads_removed", _("Payloads of entries removed"))
        register_action("audit.checkpoint_refused", _("Log not signed: it does not continue what was signed"))
        register_action("audit.key_made", _("Key for checkpoints made"))
        register_action("audit.key_rotated", _("Key for checkpoints replaced"))
        # Each package's own list of what its pages, services and tasks record.
        autodiscover_modules("records")
