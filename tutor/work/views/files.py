"""Adding a file to an answer, looking at what was read in it, and getting it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.models import AnswerFile, Question, Submission
from tutor.permissions import LEARNERS, STAFF
from tutor.work import queries, uploads, wording
from tutor.work.errors import WorkError
from tutor.work.reading.files import ACCEPTED, MAX_BYTES
from tutor.work.rows import AnswerRow
from tutor.work.views.learners import learners_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*LEARNERS)
@learners_only
def upload(request: MemberRequest, submission_id: UUID, question_id: UUID) -> HttpResponse:
    """Take a file and show the text that was read in it, for its writer to check."""
    submission, row = _answer(request, submission_id, question_id)
    slug = request.organisation.slug
    if submission.state == Submission.State.SUBMITTED:
        return redirect("tutor:work_receipt", slug, submission_id)
    refusal = ""
    if request.method == "POST":
        refusal = _take(request, submission, row)
        if not refusal:
            return redirect("tutor:work_upload", slug, submission_id, question_id)
    context = {
        "submission": submission,
        "assignment": submission.assignment,
        "row": row,
        "refusal": refusal,
        "accepted": ACCEPTED,
        "megabytes": MAX_BYTES // 2**20,
        "is_full": len(row.files) >= uploads.MOST_FILES,
    }
    return render(request, "tutor/work/upload.html", context, status=422 if refusal else 200)


@require_POST
@member_view(*LEARNERS)
@learners_only
def remove_file(request: MemberRequest, file_id: UUID) -> HttpResponse:
    try:
        removed = uploads.remove_file(request.principal, file_id)
    except AnswerFile.DoesNotExist:
        raise Http404 from None
    except WorkError as error:
        messages.error(request, wording.of_error(error))
        return redirect("tutor:my_work", request.organisation.slug)
    messages.success(request, _("The file was removed. The text that was read in it is still in your answer."))
    answer = removed.answer
    return redirect("tutor:work_upload", request.organisation.slug, answer.submission_id, answer.question_id)


@require_safe
@member_view(*LEARNERS, *STAFF)
def file(request: MemberRequest, file_id: UUID) -> HttpResponse:
    """Hand a file out as it came. It is data: no browser opens it as a page of ours."""
    try:
        name, content = uploads.read_file(request.principal, file_id)
    except AnswerFile.DoesNotExist:
        raise Http404 from None
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; frame-ancestors 'none'"
    response["Cache-Control"] = "no-store"
    return response


def _answer(request: MemberRequest, submission_id: UUID, question_id: UUID) -> tuple[Submission, AnswerRow]:
    try:
        submission, rows = queries.attempt_of(request.principal, submission_id)
    except Submission.DoesNotExist:
        raise Http404 from None
    takes_files = (Question.Kind.SHORT, Question.Kind.ESSAY)
    row = next((one for one in rows if one.question.pk == question_id and one.question.kind in takes_files), None)
    if row is None:
        raise Http404
    return submission, row


def _take(request: MemberRequest, submission: Submission, row: AnswerRow) -> str:
    """Store the posted file; return why it was not taken, or nothing."""
    sent = request.FILES.get("file")
    if sent is None:
        return _("Choose a file first.")
    if sent.size is not None and sent.size > MAX_BYTES:
        return _("The file is larger than %(number)s MB.") % {"number": MAX_BYTES // 2**20}
    try:
        taken = uploads.upload(
            request.principal,
            submission.pk,
            row.question.pk,
            name=sent.name or "",
            content=sent.read(),
            replace=request.POST.get("text") == "replace",
            expected_revision=row.revision,
        )
    except WorkError as error:
        return wording.of_error(error)
    if taken.text:
        messages.success(request, _("The file is stored. Check below that its text was read rightly."))
    else:
        messages.warning(
            request,
            _("The file is stored, but holds no text that can be read, as in a scan. Type your answer as well."),
        )
    return ""
