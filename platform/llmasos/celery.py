"""The Celery application: short tasks that admit work; tokens never travel through it."""

from __future__ import annotations

import inspect
import os
from typing import Any
from uuid import UUID

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
def keep_problem(
    sender: Any = None,
    exception: BaseException | None = None,
    args: Any = (),
    kwargs: Any = None,
    **_: object,
) -> None:
    """Keep a failed task for the console."""
    from llmasos.runtime import problems

    if exception is not None:
        organisation_id = _organisation_of(sender, args, kwargs or {})
        problems.note(str(getattr(sender, "name", "?")), exception, organisation_id=organisation_id)


def _organisation_of(task: Any, args: Any, kwargs: Any) -> UUID | None:
    """Return what a task was given as ``organisation_id``, which every task for one organisation takes."""
    try:
        return UUID(inspect.signature(task.run).bind(*args, **kwargs).arguments["organisation_id"])
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
