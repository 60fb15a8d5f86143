from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RuntimeConfig(AppConfig):
    name = "llmasos.runtime"
    label = "runtime"

    def ready(self) -> None:
        # `llmasos/__init__` must not import Celery (the SDK lives there), so `shared_task` is bound to our app here.
        from llmasos.audit.registry import register_action
        from llmasos.celery import app
        from llmasos.runtime import evaluators
        from llmasos.runtime.log_privacy import watch_threads

        register_action("runtime.backup_made", _("Backup made"))
        register_action("runtime.backup_restored", _("Backup restored"))
        app.set_default()
        watch_threads()
        evaluators.register()
