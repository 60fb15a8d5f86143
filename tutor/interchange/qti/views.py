"""Pages on which the questions of a file are looked at and added."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.authoring.services import assignment_of
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.qti import services
from tutor.interchange.qti.forms import QuestionsForm
from tutor.interchange.qti.packages import read_questions
from tutor.models import Assignment, Question
from tutor.permissions import READERS
from tutor.refusals import known_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def import_questions(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Ask for a file, show its questions, and with "content" from that page add the chosen ones."""
    assignment = assignment_of(request.principal, assignment_id)
    if request.method != "POST":
        return _page(request, assignment, QuestionsForm())
    if "content" in request.POST:
        return _import(request, assignment)
    form = QuestionsForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, assignment, form, status=422)
    content = form.content()
    try:
        read = read_questions(content)
    except UnreadableFileError as error:
        form.add_error("file", str(error))
        return _page(request, assignment, form, status=422)
    context = {
        "assignment": assignment,
        "rows": [(place, one, Question.Kind(one.kind).label) for place, one in enumerate(read.questions)],
        "skipped": read.skipped,
        "content": base64.b64encode(content).decode(),
    }
    return render(request, "tutor/interchange/questions_preview.html", context)


def _import(request: MemberRequest, assignment: Assignment) -> HttpResponse:
    slug = request.organisation.slug
    chosen = {int(one) for one in request.POST.getlist("question") if one.isdecimal()}
    try:
        content = base64.b64decode(request.POST["content"], validate=True)
        made = services.import_questions(request.principal, assignment.pk, content, chosen=chosen)
    except (UnreadableFileError, binascii.Error) as error:
        messages.error(request, str(error))
        return redirect("tutor:questions_import", slug, assignment.pk)
    said = ngettext("%(count)d question was added.", "%(count)d questions were added.", len(made))
    messages.success(request, said % {"count": len(made)})
    return redirect("tutor:assignment", slug, assignment.pk)


def _page(request: MemberRequest, assignment: Assignment, form: QuestionsForm, *, status: int = 200) -> HttpResponse:
    context = {"assignment": assignment, "form": form}
    return render(request, "tutor/interchange/questions.html", context, status=status)
