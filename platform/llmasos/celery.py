"""The Celery application: short tasks that admit work; tokens never travel through it."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, task_failure

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmasos.settings")

app = Celery("llmasos")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**_: object) -> None:
    """Leave the logging of the settings as it is: Celery's own would print exceptions with their words."""


@task_failure.connect
def keep_problem(sender: Any = None, exception: BaseException | None = None, **_: object) -> None:
    """Keep a failed task for the console."""
    from llmasos.runtime import problems

    if exception is not None:
        problems.note(str(getattr(sender, "name", "?")), exception)
