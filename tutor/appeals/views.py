"""The download of a mark's proof."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.appeals.errors import AppealError
from tutor.appeals.services import appeal_bundle
from tutor.models import Answer
from tutor.permissions import LEARNERS, READERS, learner_of
from tutor.refusals import known_only


@require_POST
@member_view(*READERS, *LEARNERS)
@known_only
def appeal(request: MemberRequest, answer_id: UUID) -> HttpResponse:
    """Hand out the proof of an answer's marks."""
    slug = request.organisation.slug
    try:
        content = appeal_bundle(request.principal, answer_id)
    except AppealError as error:
        messages.error(request, str(error))
        if learner_of(request.principal) is None:
            return redirect("tutor:desk_answer", slug, answer_id)
        answer = Answer.objects.for_organisation(request.organisation).get(pk=answer_id)
        return redirect("tutor:results", slug, answer.submission_id)
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="mark-{answer_id}.zip"'
    response["Cache-Control"] = "no-store"
    return response
