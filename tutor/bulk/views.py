"""The page of an act on many rows: how far it is, how it ended, and what it hands out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor import jobs
from tutor.bulk import acts, wording
from tutor.bulk.registry import work_of
from tutor.interchange.marks.sheet import record_export
from tutor.models import BulkAct
from tutor.permissions import READERS
from tutor.refusals import known_only

# A worker that is alive says so each second, unless the machine is very busy.
SILENT_AFTER = timedelta(seconds=20)


@require_safe
@never_cache
@member_view(*READERS)
@known_only
def state(request: MemberRequest, act_id: UUID) -> HttpResponse:
    """Show how far an act is, what came of it, or why nothing did."""
    act = acts.act_of(request.principal, act_id)
    work = work_of(act.kind)
    done = act.state == jobs.State.DONE
    context = {
        "act": act,
        "title": act.get_kind_display(),
        "back": _back(request, act),
        "back_title": wording.BACK[work.back],
        "busy": act.state in jobs.AT_WORK,
        "may_end": acts.may_end(request.principal, act),
        "silent": act.state == jobs.State.RUNNING and act.heartbeat_at < timezone.now() - SILENT_AFTER,
        "failure": wording.failure(act.error_code, act.report.get("failure", "")) if act.error_code else "",
        "page": work.page if done else "",
        **(work.shown(request.principal, act) if done else {}),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "tutor/bulk/state.html" if part else "tutor/bulk/act.html", context)


@require_POST
@member_view(*READERS)
@known_only
def act(request: MemberRequest, act_id: UUID) -> HttpResponse:
    """Stop an act, go on with what was looked at, or delete what it hands out."""
    found = acts.act_of(request.principal, act_id)
    asked = request.POST.get("act", "")
    if asked == "discard":
        acts.discard(request.principal, act_id)
        messages.success(request, _("Deleted."))
        return redirect(_back(request, found))
    if asked == "stop":
        acts.stop(request.principal, act_id)
    elif asked == "marks" and found.kind == BulkAct.Kind.MARKS_CHECK:
        act_id = acts.go_on(request.principal, act_id, BulkAct.Kind.MARKS)
    return redirect("tutor:bulk", request.organisation.slug, act_id)


@require_POST
@member_view(*READERS)
@known_only
def download(request: MemberRequest, act_id: UUID) -> HttpResponse:
    """Hand out a sheet that was made; each time is recorded."""
    found = acts.act_of(request.principal, act_id)
    if found.kind != BulkAct.Kind.SHEET or found.assignment is None or not found.result:
        raise Http404
    record_export(request.principal, found.assignment, found.report)
    title = slugify(found.assignment.title)[:60] or "answers"
    response = HttpResponse(found.result.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{title}-marking.csv"'
    return response


def _back(request: MemberRequest, act: BulkAct) -> str:
    about = act.given.get("question") or act.assignment_id or act.course_id
    return reverse(work_of(act.kind).back, args=[request.organisation.slug, about])
