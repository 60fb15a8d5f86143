"""Which proposal a marker is shown for an answer, and which marks stand."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tutor.models import Answer, Mark, Proposal, ProposalRun, Question


def applied_run(question: Question) -> ProposalRun | None:
    """Return the run whose proposals are shown: the one applied last, if it is of the question's present rubric.

    After a change of the rubric nothing is shown until somebody applies a run that was made with it.
    """
    run = (
        ProposalRun.objects.for_organisation(question.organisation_id)
        .filter(question=question, state=ProposalRun.State.DONE, applied_at__isnull=False)
        .order_by("-applied_at", "-created_at")
        .first()
    )
    return run if run is not None and run.rubric_id == question.rubric_id else None


def proposal_for(answer: Answer, run: ProposalRun | None) -> Proposal | None:
    """Return the run's proposal for the answer as it is now."""
    if run is None:
        return None
    return (
        Proposal.objects.for_organisation(answer.organisation_id)
        .filter(run=run, answer=answer, answer_digest=answer.digest)
        .first()
    )


def proposed_levels(proposal: Proposal) -> dict[str, str]:
    """Return the proposed level of each criterion; empty where the answer was proposed for as a whole."""
    return {one["criterion"]: one["level"] for one in proposal.criteria if one["criterion"] and one["level"]}


def marks_of(organisation_id: UUID, answer_ids: Iterable[UUID]) -> dict[UUID, dict[str, Mark]]:
    """Return the marks that stand, by answer and kind."""
    found: dict[UUID, dict[str, Mark]] = {}
    rows = Mark.objects.for_organisation(organisation_id).filter(answer__in=list(answer_ids), withdrawn_at=None)
    for mark in rows:
        found.setdefault(mark.answer_id, {})[mark.kind] = mark
    return found


def current_of(marks: dict[str, Mark]) -> Mark | None:
    """Return the mark that counts: the moderated one before the first. A second mark alone never counts."""
    return marks.get(Mark.Kind.FINAL) or marks.get(Mark.Kind.FIRST)


def differ(marks: dict[str, Mark]) -> bool:
    """Whether a first and a second mark give other points and nobody has moderated them."""
    first, second = marks.get(Mark.Kind.FIRST), marks.get(Mark.Kind.SECOND)
    return bool(first and second and first.points != second.points and Mark.Kind.FINAL not in marks)


def missing_of(marks: dict[str, Mark], *, twice: bool) -> str:
    """Return what an answer lacks before it can be released: "mark", "second", "moderation" or nothing."""
    if current_of(marks) is None:
        return "mark"
    if Mark.Kind.FINAL in marks:
        return ""
    if twice and Mark.Kind.SECOND not in marks:
        return "second"
    return "moderation" if differ(marks) else ""
