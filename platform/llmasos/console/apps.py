from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from uuid import UUID


class ConsoleConfig(AppConfig):
    name = "llmasos.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.accounts.models import Role
        from llmasos.audit.registry import register_action
        from llmasos.console import finders
        from llmasos.ui.navigation import register_door, register_section

        readers = [Role.ADMINISTRATOR, Role.AUDITOR]
        finders.register()
        register_action("audit.payload_read", _("Sealed text of an entry read"), operation="read")

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
            roles=readers,
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
        # What a person may see of themselves is behind the same door as what others do about it.
        register_door(
            "privacy",
            _("Privacy"),
            "privacy:mine",
            accent="slate",
            icon="shield",
            description=_("Who saw my data; what people ask, how long things are kept, emergency access."),
            order=85,
        )
        for order, (door, key, label, url_name, roles, count) in enumerate(
            (
                ("audit", "log", _("Entries"), "audit:log", readers, None),
                ("audit", "check", _("Verification"), "audit:check", readers, altered_places),
                ("audit", "activity", _("Activity"), "audit:activity", readers, None),
                ("audit", "state", _("Checkpoints and keys"), "audit:state", readers, None),
                ("privacy", "mine", _("Who saw my data"), "privacy:mine", (), None),
                ("privacy", "requests", _("Requests"), "privacy:requests", readers, open_requests),
                ("privacy", "breakglass", _("Emergency access"), "breakglass:reviews", readers, open_reviews),
                ("privacy", "retention", _("Retention"), "privacy:retention", readers, None),
                ("privacy", "deidentification", _("De-identification"), "deidentification:policy", readers, None),
                ("privacy", "processing", _("Record of processing"), "privacy:processing", readers, None),
                ("console", "home", _("Overview"), "console:home", (), None),
                ("console", "requests", _("Requests"), "console:requests", (), None),
                ("console", "usage", _("Keys and usage"), "console:usage", (), None),
                ("console", "errors", _("Errors"), "console:errors", (), None),
                ("console", "storage", _("Storage"), "console:storage", (), None),
            )
        ):
            register_section(door, key, label, url_name, roles, order=order, count=count)


def open_requests(organisation_id: UUID) -> int:
    from llmasos.privacy.queries import requests

    return requests(organisation_id, only_open=True).count()


def altered_places(organisation_id: UUID) -> int:
    from llmasos.console.queries import altered_places

    return altered_places(organisation_id)


def open_reviews(organisation_id: UUID) -> int:
    from llmasos.privacy.breakglass.queries import queue

    return queue(organisation_id).open
