"""The tasks of all parts of the clinical assistant, where Celery looks for them."""

from __future__ import annotations

from clinical_assist.notes.tasks import word_note

__all__ = ["word_note"]
