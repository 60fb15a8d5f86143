from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportBotConfig(AppConfig):
    name = "support_bot"
    verbose_name = _("Support assistant")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from llmasos.accounts.demo import register_demo
        from llmasos.answering.registry import register_finisher
        from llmasos.audit.registry import register_action
        from llmasos.inference.measuring import register_benchmark
        from llmasos.ui.navigation import register_door
        from support_bot import personal_data
        from support_bot.answers import store_answer
        from support_bot.demo.loading import load_demo
        from support_bot.measuring import bench_chat
        from support_bot.permissions import READERS
        from support_bot.services import FINISHER

        for code, label in (
            ("support.visitor_started", _("Visitor began to chat")),
            ("support.message_stored", _("Question stored")),
            ("support.answer_stored", _("Answer stored")),
            ("support.answer_retried", _("Answer started again")),
            ("support.answer_rated", _("Answer rated")),
            ("support.conversation_read", _("Conversation read")),
            ("support.conversation_listed", _("Conversation shown in a list")),
            ("support.conversations_searched", _("Conversations searched")),
            ("support.site_changed", _("Site changed")),
        ):
            register_action(code, label)
        register_finisher(FINISHER, store_answer)
        register_demo("shop", load_demo)
        register_benchmark("chat", bench_chat)
        personal_data.register()
        register_door(
            "support",
            _("Support"),
            "support_bot:conversations",
            READERS,
            accent="teal",
            icon="support",
            description=_("What visitors asked, what was answered, and the sites that show the chat."),
            order=10,
        )
