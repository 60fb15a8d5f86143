"""How a course's learners stand and what they are advised, for its staff."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.learning import queries, services
from tutor.learning.errors import LearningError
from tutor.learning.forms import SettingsForm
from tutor.permissions import READERS, TEACHER, courses_of
from tutor.refusals import known_only

PAGE = 50
LONGEST_PAGE = 6
LONGEST_REASON = 500


@require_safe
@member_view(*READERS)
@known_only
def course(request: MemberRequest, course_id: UUID) -> HttpResponse:
    number = request.GET.get("page", "1")[:LONGEST_PAGE]
    start = (int(number) - 1) * PAGE if number.isdecimal() and int(number) > 0 else 0
    found = queries.course_learning(request.principal, course_id, start=start, size=PAGE)
    context = {
        "learning": found,
        "course": found.course,
        "page": Paginator(range(found.total), PAGE).get_page(number),
        "form": SettingsForm(instance=found.settings),
        "leads": courses_of(request.principal, TEACHER).filter(pk=course_id).exists(),
    }
    return render(request, "tutor/learning/course.html", context)


@require_POST
@member_view(*READERS)
@known_only
def settings(request: MemberRequest, course_id: UUID) -> HttpResponse:
    form = SettingsForm(request.POST)
    if form.is_valid():
        services.change_settings(request.principal, course_id, form.cleaned_data)
        messages.success(request, _("The settings were saved."))
    return redirect("tutor:learning_course", request.organisation.slug, course_id)


@require_safe
@member_view(*READERS)
@known_only
def learner(request: MemberRequest, course_id: UUID, learner_id: UUID) -> HttpResponse:
    found = queries.learning_of(request.principal, course_id, learner_id)
    return render(request, "tutor/learning/learner.html", {"learning": found, "longest": LONGEST_REASON})


@require_POST
@member_view(*READERS)
@known_only
def veto(request: MemberRequest, course_id: UUID, learner_id: UUID, advice_id: UUID) -> HttpResponse:
    """Veto a piece of advice, or take the veto back."""
    try:
        if request.POST.get("act") == "restore":
            services.take_back_veto(request.principal, course_id, learner_id, advice_id)
            messages.success(request, _("The veto was taken back."))
        else:
            reason = request.POST.get("reason", "")[:LONGEST_REASON]
            services.veto(request.principal, course_id, learner_id, advice_id, reason=reason)
            messages.success(request, _("The learner is not given this advice any more."))
    except LearningError as error:
        messages.error(request, str(error))
    return redirect("tutor:learning_learner", request.organisation.slug, course_id, learner_id)
