"""What there is to do: the list and the page of one assignment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.learning.queries import own_settings
from tutor.models import Assignment
from tutor.permissions import LEARNERS
from tutor.work import queries, services, wording
from tutor.work.errors import WorkError
from tutor.work.views.learners import learners_only

PAGE = 30


@require_safe
@member_view(*LEARNERS)
@learners_only
def my_work(request: MemberRequest) -> HttpResponse:
    """List what is set in all courses, or in the one that is chosen."""
    listed = queries.work_of(request.principal)
    courses = {str(work.assignment.course_id): work.assignment.course for work in listed}
    chosen = courses.get(request.GET.get("course", ""))
    shown = [work for work in listed if chosen is None or work.assignment.course_id == chosen.pk]
    context = {
        "page": Paginator(shown, PAGE).get_page(request.GET.get("page")),
        "courses": sorted(courses.values(), key=lambda course: course.name),
        "chosen": chosen,
        "helps": own_settings(request.principal),
    }
    return render(request, "tutor/work/my_work.html", context)


@require_safe
@member_view(*LEARNERS)
@learners_only
def assignment(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    try:
        work = queries.work_on(request.principal, assignment_id)
    except Assignment.DoesNotExist:
        raise Http404 from None
    context = {
        "work": work,
        "rules": wording.rules(work.policy),
        "obstacle": wording.of_error(work.obstacle) if work.obstacle else "",
    }
    return render(request, "tutor/work/assignment.html", context)


@require_POST
@member_view(*LEARNERS)
@learners_only
def start(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    try:
        begun = services.start_attempt(
            request.principal, assignment_id, copy=request.POST.get("from", "nothing") == "copy"
        )
    except Assignment.DoesNotExist:
        raise Http404 from None
    except WorkError as error:
        messages.error(request, wording.of_error(error))
        return redirect("tutor:work_assignment", request.organisation.slug, assignment_id)
    return redirect("tutor:work_attempt", request.organisation.slug, begun.pk)
