from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditForwardingConfig(AppConfig):
    name = "llmasos.audit.forwarding"
    label = "audit_forwarding"
    verbose_name = _("Forwarding of the audit log")
    default_auto_field = "django.db.models.BigAutoField"
