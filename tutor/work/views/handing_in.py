"""Looking over the answers, handing in, and the receipt."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.models import Submission
from tutor.permissions import LEARNERS
from tutor.work import queries, services, wording
from tutor.work.drafts import draft_key
from tutor.work.errors import ClosedError
from tutor.work.lateness import DAY_SECONDS
from tutor.work.views.learners import learners_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*LEARNERS)
@learners_only
def hand_in(request: MemberRequest, submission_id: UUID) -> HttpResponse:
    """Show what will be handed in and what is missing; a post hands it in."""
    slug = request.organisation.slug
    try:
        if request.method == "POST":
            services.hand_in(request.principal, submission_id)
            return redirect("tutor:work_receipt", slug, submission_id)
        submission, rows = queries.attempt_of(request.principal, submission_id)
    except Submission.DoesNotExist:
        raise Http404 from None
    except ClosedError as error:
        messages.error(request, wording.of_error(error))
        return redirect("tutor:work_attempt", slug, submission_id)
    if submission.state == Submission.State.SUBMITTED:
        return redirect("tutor:work_receipt", slug, submission_id)
    policy = queries.policy_for(submission)
    changed = [row.saved_at for row in rows if row.saved_at]
    context = {
        "submission": submission,
        "assignment": submission.assignment,
        "rows": rows,
        "empty": [row for row in rows if row.is_empty],
        "late_days": -(-policy.late_seconds(max(changed, default=timezone.now())) // DAY_SECONDS),
        "policy": policy,
    }
    return render(request, "tutor/work/hand_in.html", context)


@require_safe
@member_view(*LEARNERS)
@learners_only
def receipt(request: MemberRequest, submission_id: UUID) -> HttpResponse:
    """Prove to the learner what was handed in, and when."""
    try:
        submission, rows = queries.attempt_of(request.principal, submission_id)
    except Submission.DoesNotExist:
        raise Http404 from None
    if submission.state != Submission.State.SUBMITTED:
        return redirect("tutor:work_attempt", request.organisation.slug, submission_id)
    context = {
        "submission": submission,
        "assignment": submission.assignment,
        "rows": rows,
        "late_days": -(-submission.late_seconds // DAY_SECONDS),
        "draft_key": draft_key(submission),
        "released": queries.is_released(submission),
    }
    return render(request, "tutor/work/receipt.html", context)
