from __future__ import annotations

from django.apps import AppConfig


class InterfaceConfig(AppConfig):
    name = "llmasos.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
