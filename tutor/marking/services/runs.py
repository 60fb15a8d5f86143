"""Runs of the engine: asked for, and applied by a person where they would change what was shown for another reason."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import DECIDERS, FIRST_MARKERS, question_for, require_role
from tutor.marking.errors import NotFoundError, RunNotDoneError
from tutor.marking.learning import AT_WORK, queue_run
from tutor.models import ProposalRun
from tutor.permissions import courses_of


def request_proposals(principal: Principal, question_id: UUID, *, reason: str = "asked") -> ProposalRun:
    """Ask for a run over a question's answers; the run that is already under way is given back instead.

    The first run of a question is shown to markers when it is done, and so is one that only learned from new marks.
    Any other waits beside the old one until ``apply_run``.

    Raises:
        NotFoundError, PermissionDenied.
        NoRubricError: there is nothing to propose by.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        runs = ProposalRun.objects.for_organisation(principal.organisation_id).filter(question=question)
        under_way = runs.filter(state__in=AT_WORK, rubric=question.rubric).first()
        if under_way is not None:
            return under_way
        if reason not in ProposalRun.Reason.values or not runs.exists():
            reason = ProposalRun.Reason.ASKED if runs.exists() else ProposalRun.Reason.FIRST
        return queue_run(principal, question, reason=reason)


def apply_run(principal: Principal, run_id: UUID) -> ProposalRun:
    """Show this run's proposals to markers from now on. Marks stay as they are. An older run may be applied again.

    Raises:
        NotFoundError, PermissionDenied.
        RunNotDoneError: it has not finished, or was made with another version of the rubric.
    """
    with acting_in(principal.organisation_id):
        run = (
            ProposalRun.objects.for_organisation(principal.organisation_id)
            .select_for_update(of=("self",))
            .select_related("question__assignment")
            .filter(pk=run_id, question__assignment__course__in=courses_of(principal))
            .first()
        )
        if run is None:
            raise NotFoundError
        require_role(principal, run.question.assignment.course_id, *DECIDERS)
        if run.state != ProposalRun.State.DONE or run.rubric_id != run.question.rubric_id:
            raise RunNotDoneError
        mark_applied(principal, run)
        return run


def mark_applied(principal: Principal, run: ProposalRun) -> None:
    """Store and record that a run is shown. The caller holds the row."""
    run.applied_at = timezone.now()
    run.save(update_fields=["applied_at"])
    record(
        organisation_id=run.organisation_id,
        actor=principal.actor,
        action="tutor.proposals_applied",
        object=Ref("question", run.question_id),
        digests={"run": str(run.pk), "reason": str(run.reason), "model": run.model_digest},
    )
