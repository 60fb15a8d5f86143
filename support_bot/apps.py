from __future__ import annotations

from django.apps import AppConfig


class SupportBotConfig(AppConfig):
    name = "support_bot"
    default_auto_field = "django.db.models.BigAutoField"
