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

        # The rooms of packages that lie below the doors' registry.
        register_door(
            "knowledge",
            _("Knowledge"),
            "retrieval:collections",
            roles=[Role.ADMINISTRATOR],
            accent="slate",
            icon="knowledge",
            description=_("The documents that answers may come from: import, progress, what failed and why."),
            order=60,
        )
        register_door(
            "people",
            _("People"),
            "accounts:people",
            roles=[Role.ADMINISTRATOR],
            accent="slate",
            icon="people",
            description=_("Who may enter this organisation, with which roles; invitations."),
            order=70,
        )
        register_door(
            "keys",
            _("API keys"),
            "accounts:keys",
            roles=[Role.ADMINISTRATOR],
            accent="slate",
            icon="key",
            description=_("Programs that may use models and knowledge, and what each may do."),
            order=75,
        )
        register_door(
            "audit",
            _("Audit log"),
            "audit:log",
            roles=[Role.ADMINISTRATOR, Role.AUDITOR],
            accent="slate",
            icon="log",
            description=_("What happened to whose data, by whom; proof that nothing was changed."),
            order=80,
        )
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
