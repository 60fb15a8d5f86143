"""The tasks of all parts of the clinical assistant, where Celery looks for them."""

from __future__ import annotations

from clinical_assist.fhir.tasks import fhir_import, take_up
from clinical_assist.notes.tasks import word_note
from clinical_assist.plans.tasks import word_plan

__all__ = ["fhir_import", "take_up", "word_note", "word_plan"]
