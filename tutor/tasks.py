"""The tasks of all parts of the tutor, where Celery looks for them."""

from __future__ import annotations

from tutor.work.tasks import close_due_work

__all__ = ["close_due_work"]
