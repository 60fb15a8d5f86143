"""Release: what learners get to see, per submission and in bulk, and taking it back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.bulk.acts import LONG, ask, open_acts
from tutor.desk import wording
from tutor.desk.entered import uuid_or_none
from tutor.desk.views.overview import decides
from tutor.desk.views.refusals import say_and_go
from tutor.marking import bulk, queries, services
from tutor.marking.access import assignment_for
from tutor.marking.errors import MarkingError
from tutor.marking.types import ReleaseState, SubmissionState
from tutor.models import Assignment, BulkAct, Question, Release
from tutor.permissions import READERS
from tutor.refusals import known_only

PAGE = 50
SHOWN = ("all", "ready", "incomplete", "released")


def _is_ready(one: SubmissionState) -> bool:
    return not one.missing and (one.released_at is None or one.changed)


def _filtered(state: ReleaseState, show: str) -> list[SubmissionState]:
    if show == "ready":
        return [one for one in state.submissions if _is_ready(one)]
    if show == "incomplete":
        return [one for one in state.submissions if one.missing]
    if show == "released":
        return [one for one in state.submissions if one.released_at]
    return list(state.submissions)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def release(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Show what can be released and what lacks marks; POST releases what was chosen, or all that is ready.

    A POST with a pseudonym searches: what people type stands in no address.
    """
    assignment = assignment_for(request.principal, assignment_id)
    state = queries.release_state(request.principal, assignment_id)
    if "act" in request.POST:
        return _release(request, assignment, state)
    show = request.POST.get("show", request.GET.get("show", "all"))
    show = show if show in SHOWN else "all"
    numbers = dict(
        Question.objects.for_organisation(request.organisation)
        .filter(assignment=assignment)
        .values_list("pk", "position")
    )
    ready = [one for one in state.submissions if _is_ready(one)]
    wanted = request.POST.get("pseudonym", "").strip()[:60]
    found = [one for one in _filtered(state, show) if wanted.casefold() in one.pseudonym.casefold()]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "assignment": assignment,
        "state": state,
        "page": page,
        "rows": [
            (one, [(numbers.get(question, 0), wording.MISSING.get(what, what)) for question, what in one.missing])
            for one in page.object_list
        ],
        "ready": len(ready),
        "show": show,
        "wanted": wanted,
        "searches": bool(wanted) or page.paginator.num_pages > 1,
        "filters": (
            ("all", _("All"), len(state.submissions)),
            ("ready", _("Ready"), len(ready)),
            ("incomplete", _("Not complete"), state.incomplete),
            ("released", _("Released"), state.released),
        ),
        "layouts": (("common", _("Plain")), ("canvas", "Canvas"), ("moodle", "Moodle")),
        "decides": decides(request.principal, assignment.course_id),
        "acts": open_acts(request.principal, assignment, BulkAct.Kind.RELEASE, BulkAct.Kind.WITHDRAWAL),
    }
    return render(request, "tutor/desk/release.html", context)


def _release(request: MemberRequest, assignment: Assignment, state: ReleaseState) -> HttpResponse:
    address = reverse("tutor:release", args=[request.organisation.slug, assignment.pk])
    known = {one.submission_id for one in state.submissions}
    if request.POST.get("act") == "all":
        chosen = [one.submission_id for one in state.submissions if _is_ready(one)]
    else:
        chosen = [one for one in map(uuid_or_none, request.POST.getlist("submission")) if one in known]
    if not chosen:
        messages.error(request, _("Choose some submissions first."))
        return redirect(address)
    if len(chosen) > LONG:
        kind = BulkAct.Kind.WITHDRAWAL if request.POST.get("act") == "withdraw" else BulkAct.Kind.RELEASE
        act = ask(request.principal, kind, assignment, {"submissions": sorted(map(str, chosen))})
        return redirect("tutor:bulk", request.organisation.slug, act.pk)
    try:
        if request.POST.get("act") == "withdraw":
            count = services.withdraw_release(request.principal, assignment.pk, submission_ids=chosen)
            return say_and_go(request, None, done=bulk.withdrawn(count), to=address)
        services.release(request.principal, assignment.pk, chosen)
    except MarkingError as error:
        return say_and_go(request, error, to=address)
    return say_and_go(request, None, done=bulk.released(len(chosen)), to=address)


@require_POST
@member_view(*READERS)
@known_only
def withdraw_batch(request: MemberRequest, assignment_id: UUID, batch: UUID) -> HttpResponse:
    """Take back a release in bulk as one."""
    assignment = assignment_for(request.principal, assignment_id)
    shown = Release.objects.for_organisation(request.organisation).filter(submission__assignment=assignment)
    if shown.filter(batch=batch, withdrawn_at=None).count() > LONG:
        act = ask(request.principal, BulkAct.Kind.WITHDRAWAL, assignment, {"batch": str(batch)})
        return redirect("tutor:bulk", request.organisation.slug, act.pk)
    address = reverse("tutor:release", args=[request.organisation.slug, assignment_id])
    try:
        count = services.withdraw_release(request.principal, assignment_id, batch=batch)
    except MarkingError as error:
        return say_and_go(request, error, to=address)
    return say_and_go(request, None, done=bulk.withdrawn(count), to=address)
