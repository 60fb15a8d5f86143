"""Pages of who is in a course: its list, class lists, and joining by a code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from llmasos.accounts.models import Person
from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.bulk.acts import open_acts
from tutor.courses import enrolling, queries, services
from tutor.courses.errors import CourseError
from tutor.courses.forms import JoinForm, LearnerForm, RosterForm, split_groups
from tutor.desk.entered import uuid_or_none
from tutor.interchange.problems import UnreadableFileError
from tutor.interchange.rosters import read_roster
from tutor.interchange.tables import Table, read_table
from tutor.models import BulkAct
from tutor.permissions import LEARNERS, READERS, TEACHER, course_for, courses_of
from tutor.refusals import known_only
from tutor.rosters import imports
from tutor.rosters.class_lists import LONG, entries_of

PAGE = 50


@require_POST
@member_view(*READERS)
@known_only
def class_code(request: MemberRequest, course_id: UUID) -> HttpResponse:
    act = services.close_class_code if request.POST.get("act") == "close" else services.renew_class_code
    act(request.principal, course_id)
    return redirect("tutor:roster", request.organisation.slug, course_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def roster(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Show who is in the course; POST searches, so that a name stands in no address."""
    return _roster(request, course_id, LearnerForm(), search=request.POST.get("search", "").strip()[:200])


def _roster(request: MemberRequest, course_id: UUID, form: LearnerForm, *, search: str = "") -> HttpResponse:
    number = request.GET.get("page", "1")
    start = (int(number) - 1) * PAGE if number.isdecimal() and int(number) > 0 else 0
    found = queries.roster(request.principal, course_id, search=search, start=0 if search else start, size=PAGE)
    course = course_for(request.principal, course_id)
    leads = courses_of(request.principal, TEACHER).filter(pk=course_id).exists()
    context = {
        "course": course,
        "enrolments": found.enrolments,
        "total": found.total,
        "page": Paginator(range(found.total), PAGE).get_page(number),
        "search": search,
        "form": form,
        "upload": RosterForm(),
        "leads": leads,
        "acts": open_acts(request.principal, course, BulkAct.Kind.CARDS) if leads else [],
    }
    return render(request, "tutor/courses/roster.html", context)


@require_POST
@member_view(*READERS)
@known_only
def add_learner(request: MemberRequest, course_id: UUID) -> HttpResponse:
    form = LearnerForm(request.POST)
    if not form.is_valid():
        return _roster(request, course_id, form)
    try:
        done = enrolling.enrol(request.principal, course_id, [form.entry()])
    except CourseError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _said(done))
    return redirect("tutor:roster", request.organisation.slug, course_id)


@require_POST
@member_view(*READERS)
@known_only
def change_learner(request: MemberRequest, course_id: UUID, learner_id: UUID) -> HttpResponse:
    """Change a learner's section, groups or guardians, or take them out."""
    act = request.POST.get("act", "")
    if act == "withdraw":
        enrolling.withdraw(request.principal, course_id, learner_id)
        messages.success(request, _("Taken out of the course. Their work stays; adding them again brings them back."))
    elif act == "guardian":
        try:
            enrolling.add_guardian(request.principal, course_id, learner_id, email=request.POST.get("guardian", ""))
        except CourseError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The guardian sees released results where the course allows it."))
    elif remove := uuid_or_none(request.POST.get("remove_guardian", "")):
        enrolling.remove_guardian(request.principal, course_id, learner_id, remove)
        messages.success(request, _("The guardian sees these results no longer."))
    else:
        groups = split_groups(request.POST.get("groups", ""))
        section = request.POST.get("section", "").strip()[:40]
        enrolling.change_enrolment(request.principal, course_id, learner_id, section=section, groups=groups)
        messages.success(request, _("Saved."))
    return redirect("tutor:roster", request.organisation.slug, course_id)


@require_POST
@member_view(*READERS)
@known_only
def import_roster(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Show what a list would do; with "content" from that page, do it. A long list is looked at by a job."""
    found = course_for(request.principal, course_id, TEACHER)
    context: dict[str, Any] = {"course": found, "upload": RosterForm()}
    try:
        content, table = _read_table(request)
        read, text = read_roster(table), content.decode(table.encoding)
    except UnreadableFileError as error:
        context["failure"] = str(error)
        return render(request, "tutor/courses/import.html", context, status=422)
    if len(table.rows) > LONG:
        made = imports.upload(request.principal, content, course_id=course_id)
        return redirect("tutor:roster_import_state", request.organisation.slug, made.pk)
    entries = entries_of(read)
    try:
        if "content" in request.POST:
            messages.success(request, _said(enrolling.enrol(request.principal, course_id, entries)))
            return redirect("tutor:roster", request.organisation.slug, course_id)
        known = enrolling.known_learners(request.principal.organisation_id, entries)
    except CourseError as error:
        context["failure"] = str(error)
        return render(request, "tutor/courses/import.html", context, status=422)
    rows = [(row, at in known) for at, row in enumerate(read.rows)]
    context |= {"rows": rows, "problems": read.problems, "content": text, "known": len(known)}
    return render(request, "tutor/courses/import.html", context)


def _read_table(request: MemberRequest) -> tuple[bytes, Table]:
    if "content" in request.POST:
        content = request.POST["content"].encode()
    elif upload := request.FILES.get("file"):
        content = upload.read()
    else:
        raise UnreadableFileError(_("Choose a file first."))
    return content, read_table(content)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*LEARNERS)
def join(request: MemberRequest) -> HttpResponse:
    """Let a student enter a course by its code."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = Person.objects.get(pk=request.user.pk)
        try:
            joined = enrolling.join(request.principal, form.cleaned_data["code"], name=person.name, email=person.email)
        except CourseError as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("You are in the course %(name)s.") % {"name": joined.name})
            return redirect("tutor:my_work", request.organisation.slug)
    return render(request, "tutor/courses/join.html", {"form": form})


def _said(done: enrolling.Enrolled) -> str:
    said = ngettext("%(count)d learner added.", "%(count)d learners added.", done.added) % {"count": done.added}
    if done.returned:
        said += " " + _("Back in the course: %(count)d.") % {"count": done.returned}
    if done.present:
        said += " " + _("There already: %(count)d.") % {"count": done.present}
    return said
