"""Exercises of a course, for those who write them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.courses.skills import skills_of
from tutor.desk.entered import uuid_or_none
from tutor.models import Exercise
from tutor.permissions import READERS, course_for
from tutor.practice import exercises
from tutor.practice.errors import PracticeError
from tutor.practice.forms import ExerciseForm, initial_of
from tutor.refusals import known_only


@require_safe
@member_view(*READERS)
@known_only
def listed(request: MemberRequest, course_id: UUID) -> HttpResponse:
    course = course_for(request.principal, course_id, *exercises.AUTHORS)
    context = {
        "course": course,
        "exercises": exercises.exercises_of(course),
        "questions": exercises.to_take_over(course),
        "kinds": [(kind.value, kind.label) for kind in exercises.KINDS],
        "has_skills": skills_of(course).exists(),
    }
    return render(request, "tutor/practice/exercises.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def edit(request: MemberRequest, course_id: UUID, exercise_id: UUID | None = None) -> HttpResponse:
    """Write an exercise of the kind in the address, or change one."""
    course = course_for(request.principal, course_id, *exercises.AUTHORS)
    known = exercises.exercise_of(course, exercise_id) if exercise_id is not None else None
    kind = known.kind if known is not None else request.GET.get("kind", "")
    if kind not in exercises.KINDS:
        raise Http404
    initial = initial_of(known) if known is not None else None
    form = ExerciseForm(request.POST or None, kind=kind, skills=list(skills_of(course)), initial=initial)
    if request.method == "POST" and form.is_valid():
        exercises.save_exercise(request.principal, course_id, form.values(), exercise_id)
        messages.success(request, _("The exercise was saved."))
        return redirect("tutor:exercises", request.organisation.slug, course_id)
    context = {"course": course, "exercise": known, "form": form, "kind": Exercise.Kind(kind).label}
    return render(request, "tutor/practice/edit.html", context, status=422 if form.errors else 200)


@require_POST
@member_view(*READERS)
@known_only
def change(request: MemberRequest, course_id: UUID) -> HttpResponse:
    """Take a question of closed work over, or retire an exercise or offer it again, as the pressed button says."""
    try:
        if question_id := uuid_or_none(request.POST.get("take_over", "")):
            made = exercises.take_over(request.principal, course_id, question_id)
            said = ngettext("%(count)d exercise was made.", "%(count)d exercises were made.", made)
            messages.success(request, said % {"count": made})
        elif exercise_id := uuid_or_none(request.POST.get("retire", "")):
            exercises.set_retired(request.principal, course_id, exercise_id, retired=True)
            messages.success(request, _("The exercise is offered no longer. What was practised on it stays."))
        elif exercise_id := uuid_or_none(request.POST.get("offer", "")):
            exercises.set_retired(request.principal, course_id, exercise_id, retired=False)
            messages.success(request, _("The exercise is offered again."))
    except PracticeError as error:
        messages.error(request, str(error))
    return redirect("tutor:exercises", request.organisation.slug, course_id)
