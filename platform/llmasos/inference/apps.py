from __future__ import annotations

from django.apps import AppConfig


class InferenceConfig(AppConfig):
    name = "llmasos.inference"
    label = "inference"
    default_auto_field = "django.db.models.BigAutoField"
