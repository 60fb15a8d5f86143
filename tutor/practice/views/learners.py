"""Practising: choose, answer with or without hints, see the check, judge where it is not sure."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from llmasos.inference.errors import InferenceError
from tutor.desk.entered import uuid_or_none
from tutor.models import PracticeTry
from tutor.permissions import LEARNERS
from tutor.practice import practising, queries
from tutor.practice.errors import PracticeError
from tutor.refusals import known_only
from tutor.work.writing import Written, cleaned


@require_safe
@member_view(*LEARNERS)
@known_only
def practice(request: MemberRequest, course_id: UUID) -> HttpResponse:
    found = queries.practice_of(request.principal, course_id)
    return render(request, "tutor/practice/practice.html", {"practice": found, "course": found.course})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*LEARNERS)
@known_only
def exercise(request: MemberRequest, course_id: UUID, exercise_id: UUID) -> HttpResponse:
    """Show an exercise; a post asks for the next hint, which keeps what is written, or hands the answer in."""
    written, refusal = Written(), ""
    try_id = uuid_or_none(request.POST.get("try", "")) or uuid4()
    try:
        if request.method == "POST":
            written = _posted(request)
            if request.POST.get("act") == "hint":
                practising.take_hint(request.principal, course_id, exercise_id, try_id=try_id)
            else:
                one = practising.answer(request.principal, course_id, exercise_id, written, try_id=try_id)
                return redirect("tutor:practice_try", request.organisation.slug, one.pk)
        page = queries.exercise_page(request.principal, course_id, exercise_id)
    except InferenceError:
        refusal = _("The course material cannot be searched now. Try again in a minute; what you wrote is still here.")
        page = queries.exercise_page(request.principal, course_id, exercise_id)
    except PracticeError as error:
        refusal = str(error)
        try:
            page = queries.exercise_page(request.principal, course_id, exercise_id)
        except PracticeError:
            messages.error(request, refusal)
            return redirect("tutor:practice", request.organisation.slug, course_id)
    context: dict[str, Any] = {
        "page": page,
        "exercise": page.exercise,
        "course": page.exercise.course,
        "written": written,
        "try_id": page.begun.pk if page.begun is not None else try_id,
        "refusal": refusal,
        "longest": practising.LONGEST,
    }
    return render(request, "tutor/practice/exercise.html", context, status=422 if refusal else 200)


@require_safe
@member_view(*LEARNERS)
@known_only
def tried(request: MemberRequest, try_id: UUID) -> HttpResponse:
    return _tried(request, queries.tried(request.principal, try_id))


@require_POST
@member_view(*LEARNERS)
@known_only
def check(request: MemberRequest, try_id: UUID) -> HttpResponse:
    """Have an answer checked. The page asks for it by itself; without a script a button does."""
    one = practising.check(request.principal, try_id)
    if request.headers.get("HX-Request"):
        return _tried(request, one, template="tutor/practice/said.html")
    return redirect("tutor:practice_try", request.organisation.slug, try_id)


@require_POST
@member_view(*LEARNERS)
@known_only
def judge(request: MemberRequest, try_id: UUID) -> HttpResponse:
    try:
        practising.judge(request.principal, try_id, request.POST.get("judgement", ""))
    except PracticeError as error:
        messages.error(request, str(error))
    return redirect("tutor:practice_try", request.organisation.slug, try_id)


def _tried(request: MemberRequest, one: PracticeTry, *, template: str = "tutor/practice/try.html") -> HttpResponse:
    context = {
        "one": one,
        "exercise": one.exercise,
        "course": one.exercise.course,
        "options": queries.options_of(one.exercise, one),
    }
    return render(request, template, context)


def _posted(request: HttpRequest) -> Written:
    choices = tuple(request.POST.getlist("choice"))
    parts = (cleaned(request.POST.get(name, "")).strip() for name in ("text", "unit"))
    return Written("" if choices else " ".join(part for part in parts if part), choices)
