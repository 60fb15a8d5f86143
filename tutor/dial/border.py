"""The border between the queues "confirm" and "review" of a question."""

from __future__ import annotations

from typing import Final

from tutor.models import ProposalRun, Question, ReviewDial

CONFIRM_FROM: Final = 0.85
"""Until a teacher chooses: from this calibrated confidence on a proposal is shown for confirmation."""


def dial_of(question: Question, run: ProposalRun | None) -> ReviewDial | None:
    """Return the dial that a teacher chose for proposals of this run's rubric and model."""
    if run is None:
        return None
    return (
        ReviewDial.objects.for_organisation(question.organisation_id)
        .filter(question=question, rubric=run.rubric_id, model_digest=run.model_digest)
        .select_related("chosen_by")
        .first()
    )


def border_of(question: Question, run: ProposalRun | None) -> float:
    """Return the confidence from which on the run's proposals are to be confirmed, not reviewed."""
    dial = dial_of(question, run)
    return dial.border if dial is not None else CONFIRM_FROM
