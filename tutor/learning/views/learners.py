"""What to do next, for the learner; and the course's material, which is cited there."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.learning import queries
from tutor.permissions import LEARNERS, READERS, learner_of
from tutor.refusals import known_only


@require_safe
@member_view(*LEARNERS)
def learn(request: MemberRequest) -> HttpResponse:
    """List the learner's courses; with a single one, lead to it. Whom no course knows yet is told how to join one."""
    learner = learner_of(request.principal)
    courses = queries.own_courses(request.principal) if learner is not None else []
    if len(courses) == 1:
        return redirect("tutor:learn_course", request.organisation.slug, courses[0].pk)
    return render(request, "tutor/learning/courses.html", {"courses": courses, "learner": learner})


@require_safe
@member_view(*LEARNERS)
@known_only
def learn_course(request: MemberRequest, course_id: UUID) -> HttpResponse:
    return render(request, "tutor/learning/next.html", {"learning": queries.own_learning(request.principal, course_id)})


@require_safe
@member_view(*LEARNERS, *READERS)
@known_only
def material(request: MemberRequest, course_id: UUID, document_id: UUID) -> HttpResponse:
    """Show a document of the course's material; the address's fragment leads to the passage that was cited."""
    course, passages = queries.material(request.principal, course_id, document_id)
    return render(request, "tutor/learning/material.html", {"course": course, "passages": passages})
