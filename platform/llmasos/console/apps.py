from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "llmasos.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.accounts.models import Role
        from llmasos.ui.navigation import register_door

        register_door(
            "console",
            _("Console"),
            "console:home",
            roles=[Role.ADMINISTRATOR],
            accent="slate",
            icon="console",
            description=_("Runs, queues, models, knowledge and the log of this organisation, live."),
            order=90,
        )
