from __future__ import annotations

from django.apps import AppConfig


class ClinicalAssistConfig(AppConfig):
    name = "clinical_assist"
    default_auto_field = "django.db.models.BigAutoField"
