from __future__ import annotations

from django.apps import AppConfig


class RuntimeConfig(AppConfig):
    name = "llmasos.runtime"
    label = "runtime"

    def ready(self) -> None:
        # `llmasos/__init__` must not import Celery (the SDK lives there), so `shared_task` is bound to our app here.
        from llmasos.celery import app
        from llmasos.runtime.log_privacy import watch_threads

        app.set_default()
        watch_threads()
