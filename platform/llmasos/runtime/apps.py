"""The Django application of the composition root."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RuntimeConfig(AppConfig):
    """Commands, health and start-up checks."""

    name = "llmasos.runtime"
    label = "runtime"
    verbose_name = _("Runtime")

    def ready(self) -> None:
        """Register the system checks and bind the tasks to the platform's Celery application."""
        from llmasos.runtime import checks  # noqa: F401 - registers itself
