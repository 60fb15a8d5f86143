"""Pages of set work: an assignment with its questions, and each question with its rubric."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from llmasos.accounts.permissions import MemberRequest, member_view
from tutor.authoring import services
from tutor.authoring.errors import AuthoringError
from tutor.authoring.forms import (
    AssignmentForm,
    CriterionFormSet,
    ExtensionForm,
    QuestionForm,
    criteria_of,
    initial_of,
)
from tutor.courses.enrolling import enrolled_learner
from tutor.courses.errors import CourseError
from tutor.courses.skills import skills_of
from tutor.models import Assignment, Question, RubricVersion
from tutor.permissions import READERS, TEACHER, course_for
from tutor.refusals import known_only

State = Assignment.State


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def add_assignment(request: MemberRequest, course_id: UUID) -> HttpResponse:
    course = course_for(request.principal, course_id, TEACHER)
    form = AssignmentForm(request.POST or None, instance=Assignment(course=course))
    if request.method == "POST" and form.is_valid():
        made = services.add_assignment(request.principal, course_id, form.values())
        return redirect("tutor:assignment", request.organisation.slug, made.pk)
    return render(request, "tutor/authoring/edit.html", {"form": form, "course": course})


@require_safe
@member_view(*READERS)
@known_only
def assignment(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    found = services.assignment_of(request.principal, assignment_id)
    questions = Question.objects.for_organisation(request.organisation).filter(assignment=found)
    context = {
        "assignment": found,
        "questions": questions.select_related("rubric").prefetch_related("skills").order_by("position", "created_at"),
        "kinds": Question.Kind.choices,
    }
    return render(request, "tutor/authoring/assignment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def edit_assignment(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    found = services.assignment_of(request.principal, assignment_id)
    form = AssignmentForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        services.change_assignment(request.principal, assignment_id, form.values())
        messages.success(request, _("The assignment was saved."))
        return redirect("tutor:assignment", request.organisation.slug, assignment_id)
    return render(request, "tutor/authoring/edit.html", {"form": form, "course": found.course, "assignment": found})


@require_POST
@member_view(*READERS)
@known_only
def change_state(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """Publish, close, open again, copy or delete, as the pressed button says."""
    act = request.POST.get("act", "")
    slug = request.organisation.slug
    try:
        if act == "delete":
            course_id = services.assignment_of(request.principal, assignment_id).course_id
            services.delete_assignment(request.principal, assignment_id)
            messages.success(request, _("The draft was deleted."))
            return redirect("tutor:course", slug, course_id)
        if act == "copy":
            copy = services.duplicate_assignment(request.principal, assignment_id)
            messages.success(request, _("This is the copy. It is a draft without dates."))
            return redirect("tutor:assignment", slug, copy.pk)
        if act in State.values:
            services.set_state(request.principal, assignment_id, act)
    except AuthoringError as error:
        messages.error(request, str(error))
    return redirect("tutor:assignment", slug, assignment_id)


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def extensions(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    """List later deadlines of single learners; POST gives one, or takes it away."""
    found = services.assignment_of(request.principal, assignment_id)
    remove = request.POST.get("remove", "")
    form = ExtensionForm(None if remove else request.POST or None)
    if request.method == "POST" and (remove or form.is_valid()):
        try:
            if remove:
                services.set_extension(request.principal, assignment_id, UUID(remove), due_at=None)
            else:
                given = form.cleaned_data
                learner = enrolled_learner(request.principal, found.course_id, given["identifier"])
                services.set_extension(
                    request.principal, assignment_id, learner.pk, due_at=given["due_at"], reason=given["reason"]
                )
        except AuthoringError as error:
            form.add_error("due_at", str(error))
        except CourseError as error:
            form.add_error("identifier", str(error))
        else:
            return redirect("tutor:extensions", request.organisation.slug, assignment_id)
    rows = services.extensions_of(request.principal, assignment_id)
    return render(request, "tutor/authoring/extensions.html", {"assignment": found, "form": form, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def add_question(request: MemberRequest, assignment_id: UUID) -> HttpResponse:
    found = services.assignment_of(request.principal, assignment_id)
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    question = Question(assignment=found, kind=asked if asked in Question.Kind.values else Question.Kind.SHORT)
    return _edit(request, question, save=lambda content: services.save_question(request.principal, found.pk, content))


@require_http_methods(["GET", "HEAD", "POST"])
@member_view(*READERS)
@known_only
def edit_question(request: MemberRequest, question_id: UUID) -> HttpResponse:
    question = services.question_of(request.principal, question_id)

    def save(content: services.QuestionContent) -> Question:
        return services.save_question(request.principal, question.assignment_id, content, question_id=question_id)

    return _edit(request, question, save=save)


def _edit(
    request: MemberRequest, question: Question, *, save: Callable[[services.QuestionContent], Question]
) -> HttpResponse:
    is_new = question._state.adding  # noqa: SLF001 - Django's own word for it
    initial, known = ({}, []) if is_new else initial_of(question)
    skills = [one.name for one in skills_of(question.assignment.course)]
    form = QuestionForm(
        request.POST or None, kind=question.kind, skills=skills, options=question.options, initial=initial or None
    )
    rows = CriterionFormSet(request.POST or None, initial=known, prefix="criteria")
    written = question.kind in {Question.Kind.SHORT, Question.Kind.ESSAY}
    if request.method == "POST" and form.is_valid() and (not written or rows.is_valid()):
        earlier = question.rubric.criteria if question.rubric is not None else ()
        try:
            save(form.content(criteria_of(rows.forms, earlier) if written else ()))
        except AuthoringError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The question was saved."))
            return redirect("tutor:assignment", request.organisation.slug, question.assignment_id)
    versions = RubricVersion.objects.for_organisation(request.organisation).filter(question=question)
    context = {
        "form": form,
        "rows": rows if written else None,
        "question": question,
        "is_new": is_new,
        "assignment": question.assignment,
        "versions": [] if is_new else versions.select_related("created_by").order_by("-number"),
    }
    return render(request, "tutor/authoring/question.html", context)


@require_POST
@member_view(*READERS)
@known_only
def change_question(request: MemberRequest, question_id: UUID) -> HttpResponse:
    """Move a question up or down, or delete it."""
    assignment_id = services.question_of(request.principal, question_id).assignment_id
    act = request.POST.get("act", "")
    try:
        if act == "delete":
            services.delete_question(request.principal, question_id)
            messages.success(request, _("The question was deleted."))
        elif act in {"up", "down"}:
            services.move_question(request.principal, question_id, up=act == "up")
    except AuthoringError as error:
        messages.error(request, str(error))
    return redirect("tutor:assignment", request.organisation.slug, assignment_id)
