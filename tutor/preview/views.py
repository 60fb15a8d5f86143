"""The learner's pages of an assignment, put together without a learner."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.authoring.services import assignment_of
from tutor.models import Assignment, Submission
from tutor.permissions import READERS
from tutor.refusals import known_only
from tutor.work import wording
from tutor.work.access import policy_of, questions_of
from tutor.work.rows import row_of
from tutor.work.writing import LONGEST_TEXT


@require_safe
@member_view(*READERS)
@known_only
def preview(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Show rules, times and questions as a learner without an extension gets them."""
    assignment = assignment_of(request.principal, assignment_id)
    policy = policy_of(assignment, None)
    rows = [row_of(number, question, None) for number, question in enumerate(questions_of(assignment), start=1)]
    now = timezone.now()
    context = {
        "assignment": assignment,
        "policy": policy,
        "rules": wording.rules(policy),
        "rows": rows,
        "longest": LONGEST_TEXT,
        "is_draft": assignment.state == Assignment.State.DRAFT,
        "opens_later": assignment.opens_at is not None and assignment.opens_at > now,
        # Never stored: the questions' template names an attempt in its addresses.
        "submission": Submission(assignment=assignment),
        "is_preview": True,
    }
    return render(request, "tutor/preview/preview.html", context)
