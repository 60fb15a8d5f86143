"""Pages of marking outside: the sheet, what a file of marks would do, and the imports so far."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.bulk.acts import LONG, ask, open_acts
from tutor.desk.entered import uuid_or_none
from tutor.interchange.marks import bulk, services
from tutor.interchange.marks.forms import MarksForm
from tutor.interchange.marks.planning import questions_of
from tutor.interchange.marks.preview import preview_of
from tutor.interchange.marks.sheet import HEADER, marking_sheet
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.tables import read_table
from tutor.interchange.writing import table_text
from tutor.marking.access import FIRST_MARKERS, assignment_for, standing
from tutor.marking.errors import MarkingError, NotFoundError
from tutor.models import Assignment, BulkAct, MarksImport
from tutor.permissions import READERS, courses_of
from tutor.programs import program_names
from tutor.refusals import known_only

Kind = BulkAct.Kind
RECENT = 20


@require_safe
@member_view(*READERS)
@known_only
def marks(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Offer the sheet and the import, and list what was imported."""
    assignment = assignment_for(request.principal, assignment_id, *FIRST_MARKERS)
    return _page(request, assignment, MarksForm())


@require_POST
@member_view(*READERS)
@known_only
def download_sheet(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Hand out the answers with pseudonyms, proposals and marks as CSV; of a large class, once it is made."""
    assignment = assignment_for(request.principal, assignment_id, *FIRST_MARKERS)
    unmarked, comma = (request.POST.get(name) == "1" for name in ("unmarked", "decimal_comma"))
    if standing(request.organisation.pk).filter(submission__assignment=assignment).count() > LONG:
        act = ask(request.principal, Kind.SHEET, assignment, {"unmarked": unmarked, "decimal_comma": comma})
        return redirect("tutor:bulk", request.organisation.slug, act.pk)
    text = marking_sheet(request.principal, assignment_id, unmarked=unmarked, decimal_comma=comma).text
    title = slugify(assignment.title)[:60] or "answers"
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{title}-marking.csv"'
    return response


@require_POST
@member_view(*READERS)
@known_only
def import_marks(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Show what a file would do; with "content" from that page, do it. A long file is looked at by a worker."""
    assignment = assignment_for(request.principal, assignment_id, *FIRST_MARKERS)
    if "content" in request.POST:
        return _import(request, assignment)
    form = MarksForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, assignment, form, status=422)
    replace = form.cleaned_data["replace"]
    content = form.content()
    try:
        table = read_table(content)
        if len(table.rows) > LONG:
            act = ask(
                request.principal,
                Kind.MARKS_CHECK,
                assignment,
                {"replace": replace},
                content=bulk.packed(content),
            )
            return redirect("tutor:bulk", request.organisation.slug, act.pk)
        plan = services.preview_marks(request.principal, assignment_id, content, replace=replace)
    except UnreadableFileError as error:
        form.add_error("file", str(error))
        return _page(request, assignment, form, status=422)
    # The learners' words need not travel twice.
    kept = [column for column in table.columns if column != HEADER[2]]
    context = {
        "assignment": assignment,
        "preview": preview_of(plan),
        "replace": replace,
        "content": table_text(kept, [[row.cells[column] for column in kept] for row in table.rows]),
        "client_id": uuid4(),
    }
    return render(request, "tutor/interchange/marks_preview.html", context)


@require_POST
@member_view(*READERS)
@known_only
def undo(request: MemberRequest, import_id: UUID) -> HttpResponse:
    """Take the marks of an import back."""
    act = (
        MarksImport.objects.for_organisation(request.organisation)
        .select_related("assignment")
        .filter(pk=import_id, assignment__course__in=courses_of(request.principal))
        .first()
    )
    if act is None:
        raise NotFoundError
    if act.count > LONG:
        asked = ask(request.principal, Kind.MARKS_UNDO, act.assignment, {"import": str(import_id)})
        return redirect("tutor:bulk", request.organisation.slug, asked.pk)
    try:
        undone = services.undo_import(request.principal, import_id)
    except MarkingError as error:
        messages.error(request, str(error))
    else:
        for said in bulk.taken_back(undone.withdrawn, undone.kept):
            messages.success(request, said)
    return redirect("tutor:marks", request.organisation.slug, act.assignment_id)


def _import(request: MemberRequest, assignment: Assignment) -> HttpResponse:
    client_id = uuid_or_none(request.POST.get("client_id", ""))
    try:
        act = services.import_marks(
            request.principal,
            assignment.pk,
            request.POST["content"].encode(),
            preview_digest=request.POST.get("preview", ""),
            client_id=client_id or uuid4(),
            replace=request.POST.get("replace") == "1",
        )
    except (MarkingError, UnreadableFileError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, bulk.imported(act.count))
    return redirect("tutor:marks", request.organisation.slug, assignment.pk)


def _page(request: MemberRequest, assignment: Assignment, form: MarksForm, *, status: int = 200) -> HttpResponse:
    imports = list(services.imports_of(request.principal, assignment.pk)[:RECENT])
    programs = program_names(request.organisation.pk, [one.program for one in imports])
    context: dict[str, Any] = {
        "assignment": assignment,
        "form": form,
        "questions": questions_of(assignment),
        "acts": open_acts(request.principal, assignment, Kind.SHEET, Kind.MARKS_CHECK, Kind.MARKS, Kind.MARKS_UNDO),
        "imports": [
            (one, one.person.name if one.person else programs.get(one.program, "") if one.program else "")
            for one in imports
        ],
    }
    return render(request, "tutor/interchange/marks.html", context, status=status)
