"""Celery tasks of notes: ids in, nothing out."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(name="clinical.word_note", acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def word_note(organisation_id: str, note_id: str) -> None:
    """Let the language model word a draft."""
    from clinical_assist.notes import rewording

    rewording.word(UUID(organisation_id), UUID(note_id))
