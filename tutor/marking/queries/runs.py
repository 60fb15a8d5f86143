"""Runs of the engine over a question, and what one would change against another."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from llmasos.accounts.principals import Principal
from tutor.dial.border import border_of
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import NotFoundError
from tutor.marking.points import rounded
from tutor.marking.shown import applied_run
from tutor.marking.types import Changed, RunDifference, RunView
from tutor.models import Mark, Proposal, ProposalRun, Question


def runs(principal: Principal, question_id: UUID) -> list[RunView]:
    """Return the runs of a question, the latest first.

    Raises:
        NotFoundError, PermissionDenied.
    """
    question = question_for(principal, question_id)
    shown = applied_run(question)
    found = ProposalRun.objects.for_organisation(principal.organisation_id).filter(question=question)
    return [_view(one, shown) for one in found.select_related("rubric").order_by("-created_at")]


def run_difference(principal: Principal, run_id: UUID) -> RunDifference:
    """Return what showing a run would change against the one that is shown now.

    Raises:
        NotFoundError, PermissionDenied.
    """
    run = (
        ProposalRun.objects.for_organisation(principal.organisation_id)
        .select_related("rubric")
        .filter(pk=run_id)
        .first()
    )
    if run is None:
        raise NotFoundError
    question = question_for(principal, run.question_id, *FIRST_MARKERS)
    shown = applied_run(question)
    before, after = _points(shown), _points(run)
    marked = set(
        Mark.objects.for_organisation(principal.organisation_id)
        .filter(answer__question=question, withdrawn_at=None)
        .values_list("answer_id", flat=True)
    )
    changes = tuple(
        Changed(one, before.get(one), after.get(one), one in marked)
        for one in sorted(before.keys() | after.keys())
        if before.get(one) != after.get(one)
    )
    steps = [one.points_b - one.points_a for one in changes if one.points_a is not None and one.points_b is not None]
    both = [one for one in before if before[one] is not None and after.get(one) is not None]
    return RunDifference(
        run_a=_view(shown, shown) if shown is not None else None,
        run_b=_view(run, shown),
        same=len(before.keys() | after.keys()) - len(changes),
        raised=sum(1 for one in steps if one > 0),
        lowered=sum(1 for one in steps if one < 0),
        gained=sum(1 for one in changes if one.points_a is None),
        lost=sum(1 for one in changes if one.points_b is None),
        marked_differ=sum(1 for one in changes if one.marked),
        mean_change=rounded(sum(steps, start=Decimal(0)) / len(both)) if both else Decimal(0),
        confirm_a=_to_confirm(question, shown, marked),
        confirm_b=_to_confirm(question, run, marked),
        changes=changes,
    )


def _to_confirm(question: Question, run: ProposalRun | None, marked: set[UUID]) -> int:
    """Count the unmarked answers whose proposal in the run is on the sure side of the border."""
    if run is None:
        return 0
    sure = Proposal.objects.for_organisation(run.organisation_id).filter(
        run=run, decision=Proposal.Decision.PROPOSED, confidence__gte=border_of(question, run)
    )
    return len(set(sure.values_list("answer_id", flat=True)) - marked - set(run.seeds))


def run_view(run: ProposalRun) -> RunView:
    """Return a run as its page shows it; the caller has checked who asks."""
    return _view(run, applied_run(run.question))


def _points(run: ProposalRun | None) -> dict[UUID, Decimal | None]:
    """Return the proposed points by answer; None where there is no proposal."""
    if run is None:
        return {}
    proposals = Proposal.objects.for_organisation(run.organisation_id).filter(run=run)
    return dict(proposals.values_list("answer_id", "points"))


def _view(run: ProposalRun, shown: ProposalRun | None) -> RunView:
    applied = shown is not None and shown.pk == run.pk
    newer = shown is None or run.created_at > shown.created_at
    return RunView(
        id=run.pk,
        reason=run.reason,
        state=run.state,
        total=run.total,
        done=run.done,
        error_code=run.error_code,
        rubric_number=run.rubric.number,
        model_digest=run.model_digest,
        marks_seen=run.marks_seen,
        created_at=run.created_at,
        finished_at=run.finished_at,
        applied=applied,
        waiting=run.state == ProposalRun.State.DONE and not applied and newer,
    )
