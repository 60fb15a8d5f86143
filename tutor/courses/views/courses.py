"""Pages of courses: the list by terms, a course, its settings and its staff."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.retrieval.queries import collections
from tutor.courses import queries, services, terms
from tutor.courses.errors import CourseError
from tutor.courses.forms import CourseForm, StaffForm
from tutor.desk.entered import uuid_or_none
from tutor.models import Course
from tutor.permissions import ASSISTANT, READERS, TEACHER, course_for, courses_of
from tutor.refusals import known_only

PAGE = 50


@require_safe
@member_view(*READERS)
def courses(request: MemberRequest) -> HttpResponse:
    """List the courses by terms, the present one first; ``term`` shows those of one term."""
    archived = request.GET.get("show") == "archived"
    known = list(terms.terms(request.principal))
    chosen = uuid_or_none(request.GET.get("term", ""))
    found = queries.courses(request.principal, archived=archived, term_id=chosen)
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "archived": archived,
        "terms": known,
        "chosen": next((term for term in known if term.pk == chosen), None),
        "keeps_terms": terms.keeps_terms(request.principal),
    }
    return render(request, "tutor/courses/courses.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def edit(request: MemberRequest, course_id: UUID | None = None) -> HttpResponse:
    """Make a course, or change one."""
    course = course_for(request.principal, course_id, TEACHER) if course_id else Course()
    form = CourseForm(
        request.POST or None,
        instance=course,
        collections=collections(request.principal),
        terms=terms.terms(request.principal),
    )
    if request.method == "POST" and form.is_valid():
        try:
            if course_id is None:
                course = services.add_course(request.principal, form.values())
            else:
                course = services.change_course(request.principal, course_id, form.values())
        except CourseError as error:
            form.add_error("language", str(error))
        else:
            messages.success(request, _("The course was saved."))
            return redirect("tutor:course", request.organisation.slug, course.pk)
    context = {"form": form, "course": course if course_id else None}
    return render(request, "tutor/courses/edit.html", context, status=422 if form.errors else 200)


@require_safe
@member_view(*READERS)
@known_only
def course(request: MemberRequest, course_id: UUID) -> HttpResponse:
    found = course_for(request.principal, course_id)
    context = {
        "course": found,
        "page": Paginator(queries.assignments_of(found), PAGE).get_page(request.GET.get("page")),
        "staff": queries.staff_of(found),
        "staff_form": StaffForm(),
        "leads": courses_of(request.principal, TEACHER).filter(pk=course_id).exists(),
        "teaches": courses_of(request.principal, TEACHER, ASSISTANT).filter(pk=course_id).exists(),
    }
    return render(request, "tutor/courses/course.html", context)


@require_POST
@member_view(*READERS)
@known_only
def archive(request: MemberRequest, course_id: UUID) -> HttpResponse:
    archived = request.POST.get("act") == "archive"
    services.set_archived(request.principal, course_id, archived=archived)
    messages.success(request, _("The course is in the archive.") if archived else _("The course is back."))
    return redirect("tutor:course", request.organisation.slug, course_id)


@require_POST
@member_view(*READERS)
@known_only
def staff(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Give somebody a part in the course, or take it away."""
    form = StaffForm(request.POST)
    try:
        if remove := request.POST.get("remove"):
            services.remove_staff(request.principal, course_id, UUID(remove))
        elif form.is_valid():
            services.set_staff(request.principal, course_id, **form.cleaned_data)
        else:
            messages.error(request, _("Give an e-mail address and a role."))
    except CourseError as error:
        messages.error(request, str(error))
    return redirect("tutor:course", request.organisation.slug, course_id)
