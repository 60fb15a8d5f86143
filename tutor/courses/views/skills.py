"""The page of a course's skills."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.courses import skills
from tutor.courses.errors import CourseError
from tutor.desk.entered import uuid_or_none
from tutor.permissions import READERS, TEACHER, course_for
from tutor.refusals import known_only


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def course_skills(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """List the skills; POST adds one, renames one or deletes one, as the pressed button says."""
    course = course_for(request.principal, course_id, TEACHER)
    if request.method != "POST":
        return render(request, "tutor/courses/skills.html", {"course": course, "skills": skills.skills_of(course)})
    name = request.POST.get("name", "")
    try:
        if delete := uuid_or_none(request.POST.get("delete", "")):
            skills.delete_skill(request.principal, course_id, delete)
            messages.success(request, _("The skill was deleted."))
        elif rename := uuid_or_none(request.POST.get("rename", "")):
            skills.rename_skill(request.principal, course_id, rename, name)
            messages.success(request, _("Saved."))
        else:
            skills.add_skill(request.principal, course_id, name)
            messages.success(request, _("The skill was added."))
    except CourseError as error:
        messages.error(request, str(error))
    return redirect("tutor:course_skills", request.organisation.slug, course_id)
