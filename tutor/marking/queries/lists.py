"""Submissions, answers, proposals and marks as lists, for programs. What shows a learner's words is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import FIRST_MARKERS, answer_for, assignment_for, question_for, standing_for
from tutor.marking.errors import NotFoundError
from tutor.marking.queries.runs import run_view
from tutor.marking.types import RunView
from tutor.models import Answer, Mark, Proposal, ProposalRun, Submission
from tutor.permissions import MARKERS
from tutor.work.queries import counting_submissions


def submissions(principal: Principal, assignment_id: UUID) -> QuerySet[Submission]:
    """Return the attempts that count, under pseudonyms, in the order in which everybody marks.

    Raises:
        NotFoundError, PermissionDenied.
    """
    return counting_submissions(assignment_for(principal, assignment_id, *MARKERS)).order_by("shuffle", "pk")


def answers(principal: Principal, question_id: UUID) -> QuerySet[Answer]:
    """Return the answers that count; whoever shows them calls ``record_answers_read``. Raises as ``submissions``."""
    return standing_for(question_for(principal, question_id, *MARKERS)).select_related("submission")


def submission(principal: Principal, submission_id: UUID) -> Submission:
    """Return one attempt that was handed in, under its pseudonym. Raises as ``submissions``."""
    handed_in = Submission.objects.for_organisation(principal.organisation_id)
    found = handed_in.filter(pk=submission_id, state=Submission.State.SUBMITTED).first()
    if found is None:
        raise NotFoundError
    assignment_for(principal, found.assignment_id, *MARKERS)
    return found


def answer(principal: Principal, answer_id: UUID) -> Answer:
    """Return one answer that was handed in; whoever shows it calls ``record_answers_read``.

    Raises as ``submissions``.
    """
    return answer_for(principal, answer_id, *MARKERS)


def marks(principal: Principal, question_id: UUID) -> QuerySet[Mark]:
    """Return the marks of a question's answers, withdrawn ones too, the latest first. Raises as ``submissions``.

    Their feedback is words to learners: whoever shows them calls ``record_answers_read``.
    """
    question = question_for(principal, question_id, *FIRST_MARKERS)
    return (
        Mark.objects.for_organisation(principal.organisation_id)
        .filter(answer__question=question)
        .order_by("-created_at", "pk")
    )


def record_answers_read(principal: Principal, question_id: UUID, shown: Sequence[UUID], *, purpose: str) -> None:
    """Write down that words of these answers were shown, or words about them."""
    if shown:
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.answers_read",
            object=Ref("question", question_id),
            purpose=purpose,
            digests={"count": len(shown), "answers": [str(one) for one in shown]},
        )


def run(principal: Principal, run_id: UUID) -> RunView:
    """Return one run. Raises NotFoundError or PermissionDenied."""
    return run_view(_run(principal, run_id))


def proposals(principal: Principal, run_id: UUID) -> QuerySet[Proposal]:
    """Return what a run proposed, in the order of marking. Raises NotFoundError or PermissionDenied."""
    return (
        Proposal.objects.for_organisation(principal.organisation_id)
        .filter(run=_run(principal, run_id))
        .order_by("answer__submission__shuffle", "pk")
    )


def _run(principal: Principal, run_id: UUID) -> ProposalRun:
    runs = ProposalRun.objects.for_organisation(principal.organisation_id).select_related("rubric")
    found = runs.filter(pk=run_id).first()
    if found is None:
        raise NotFoundError
    found.question = question_for(principal, found.question_id, *FIRST_MARKERS)
    return found
