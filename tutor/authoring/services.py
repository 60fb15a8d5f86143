"""Assignments and questions are made and changed here: each write once, with its permission and its log entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.canonical import DigestValue
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.authoring.errors import AuthoringError
from tutor.authoring.rubrics import set_rubric
from tutor.models import (
    Answer,
    Assignment,
    Enrolment,
    Extension,
    Mark,
    Question,
    QuestionSkill,
    Skill,
    Submission,
)
from tutor.permissions import TEACHER, course_for, courses_of

State = Assignment.State
# What learners have answered may not turn into another question under their answers.
_FIXED_BY_ANSWERS = ("kind", "options", "numeric_value", "numeric_unit")


@dataclass(frozen=True, slots=True)
class QuestionContent:
    """A question as it is written: the fields of its row, its skills by name, and its rubric."""

    values: Mapping[str, Any]
    skills: Sequence[str] = ()
    references: Sequence[str] = ()
    criteria: Sequence[dict[str, Any]] = field(default_factory=tuple)


def add_assignment(principal: Principal, course_id: UUID, values: Mapping[str, Any]) -> Assignment:
    """Make a draft in a course.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``; only teachers set work.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        made = Assignment.objects.create(organisation_id=principal.organisation_id, course=course, **values)
        _record(principal, made, "tutor.assignment_saved")
        return made


def change_assignment(principal: Principal, assignment_id: UUID, values: Mapping[str, Any]) -> Assignment:
    """Change fields of an assignment.

    Raises:
        Assignment.DoesNotExist, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        assignment = assignment_of(principal, assignment_id)
        for name, value in values.items():
            setattr(assignment, name, value)
        assignment.save(update_fields=list(values))
        _record(principal, assignment, "tutor.assignment_saved")
        return assignment


def set_state(principal: Principal, assignment_id: UUID, state: str) -> Assignment:
    """Publish, close or open an assignment again; what was handed in never goes back to a draft.

    Raises:
        Assignment.DoesNotExist, PermissionDenied.
        AuthoringError: it has no questions, or learners have begun it and it should become a draft.
    """
    with acting_in(principal.organisation_id):
        assignment = assignment_of(principal, assignment_id)
        if state == State.PUBLISHED and not _questions(assignment).exists():
            raise AuthoringError(_("Add a question first: there would be nothing to answer."))
        if state == State.DRAFT and _begun(assignment):
            raise AuthoringError(_("Learners have begun this. Close it instead."))
        before, assignment.state = assignment.state, state
        assignment.save(update_fields=["state"])
        _record(principal, assignment, "tutor.assignment_state_changed", {"before": before, "after": state})
        return assignment


def duplicate_assignment(principal: Principal, assignment_id: UUID) -> Assignment:
    """Make a draft with the same questions and rubrics and no dates. Raises as ``change_assignment``."""
    with acting_in(principal.organisation_id):
        source = assignment_of(principal, assignment_id)
        questions = list(_questions(source).select_related("rubric").prefetch_related("skills"))
        copy = assignment_of(principal, assignment_id)
        copy.pk = None
        copy._state.adding = True  # noqa: SLF001 - Django's documented way to copy a row
        copy.id = Assignment._meta.pk.get_default()
        copy.title = _("%(title)s (copy)") % {"title": source.title[:190]}
        copy.state, copy.opens_at, copy.due_at = State.DRAFT, None, None
        copy.save(force_insert=True)
        _record(principal, copy, "tutor.assignment_saved", {"copy_of": str(source.pk)})
        for question in questions:
            save_question(principal, copy.pk, content_of(question))
        return copy


def delete_assignment(principal: Principal, assignment_id: UUID) -> None:
    """Delete a draft that nobody has begun.

    Raises:
        Assignment.DoesNotExist, PermissionDenied.
        AuthoringError: it is no draft, or somebody has begun it.
    """
    with acting_in(principal.organisation_id):
        assignment = assignment_of(principal, assignment_id)
        if assignment.state != State.DRAFT or _begun(assignment):
            raise AuthoringError(_("Only a draft that nobody has begun can be deleted."))
        _record(principal, assignment, "tutor.assignment_deleted")
        assignment.delete()


def save_question(
    principal: Principal, assignment_id: UUID, content: QuestionContent, *, question_id: UUID | None = None
) -> Question:
    """Add a question at the end of an assignment, or change one with its rubric.

    Raises:
        Assignment.DoesNotExist, Question.DoesNotExist, PermissionDenied.
        AuthoringError: learners have answered it, and it would become another question; or its points would change
            under marks that were given.
    """
    with acting_in(principal.organisation_id):
        assignment = assignment_of(principal, assignment_id)
        questions = _questions(assignment)
        if question_id is None:
            last = questions.aggregate(last=Max("position"))["last"] or 0
            question = Question(
                organisation_id=principal.organisation_id, assignment=assignment, position=last + 1, **content.values
            )
            question.save(force_insert=True)
        else:
            question = questions.select_for_update(of=("self",)).select_related("rubric").get(pk=question_id)
            _refuse_changes(question, content.values)
            for name, value in content.values.items():
                setattr(question, name, value)
            question.save(update_fields=list(content.values))
        _set_skills(question, assignment.course_id, content.skills)
        _record(principal, assignment, "tutor.question_saved", {"question": str(question.pk)})
        set_rubric(principal, question, references=content.references, criteria=content.criteria)
        return question


def delete_question(principal: Principal, question_id: UUID) -> None:
    """Delete a question that nobody has answered.

    Raises:
        Question.DoesNotExist, PermissionDenied.
        AuthoringError: somebody has answered it.
    """
    with acting_in(principal.organisation_id):
        question = question_of(principal, question_id)
        if Answer.objects.for_organisation(principal.organisation_id).filter(question=question).exists():
            raise AuthoringError(_("Learners have answered this question. It stays."))
        _record(principal, question.assignment, "tutor.question_deleted", {"question": str(question.pk)})
        question.delete()


def move_question(principal: Principal, question_id: UUID, *, up: bool) -> Question:
    """Move a question one place up or down; at the end of the list it stays. Raises as ``change_assignment``."""
    with acting_in(principal.organisation_id):
        question = question_of(principal, question_id)
        ordered = list(_questions(question.assignment).order_by("position", "created_at"))
        at = next(number for number, one in enumerate(ordered) if one.pk == question.pk)
        to = max(at - 1, 0) if up else min(at + 1, len(ordered) - 1)
        ordered.insert(to, ordered.pop(at))
        for number, one in enumerate(ordered, start=1):
            one.position = number
        Question.objects.bulk_update(ordered, ["position"])
        _record(principal, question.assignment, "tutor.question_saved", {"question": str(question.pk)})
        return ordered[to]


def set_extension(
    principal: Principal, assignment_id: UUID, learner_id: UUID, *, due_at: datetime | None, reason: str = ""
) -> None:
    """Give one learner of the course a later deadline, another one, or with None the deadline of all again.

    Raises:
        Assignment.DoesNotExist, Enrolment.DoesNotExist, PermissionDenied.
        AuthoringError: it is not later than the deadline of all.
    """
    with acting_in(principal.organisation_id):
        assignment = assignment_of(principal, assignment_id)
        enrolments = Enrolment.objects.for_organisation(principal.organisation_id)
        enrolments.get(course=assignment.course, learner_id=learner_id, withdrawn_at=None)
        extensions = Extension.objects.for_organisation(principal.organisation_id)
        if due_at is None:
            extensions.filter(assignment=assignment, learner_id=learner_id).delete()
        else:
            if assignment.due_at is None or due_at <= assignment.due_at:
                raise AuthoringError(_("An extension is later than the deadline of all."))
            extensions.filter(assignment=assignment, learner_id=learner_id).delete()
            Extension.objects.create(
                organisation_id=principal.organisation_id,
                assignment=assignment,
                learner_id=learner_id,
                due_at=due_at,
                reason=reason,
            )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.extension_changed",
            subject=Ref("learner", learner_id),
            object=Ref("assignment", assignment.pk),
            digests={"until": due_at.isoformat() if due_at is not None else ""},
        )


def extensions_of(principal: Principal, assignment_id: UUID) -> list[Extension]:
    """Return the later deadlines of an assignment with their learners; the read is recorded.

    Raises:
        Assignment.DoesNotExist, PermissionDenied.
    """
    assignment = assignment_of(principal, assignment_id)
    found = Extension.objects.for_organisation(principal.organisation_id).filter(assignment=assignment)
    rows = list(found.select_related("learner").order_by("due_at"))
    _record(principal, assignment, "tutor.extensions_read", {"count": len(rows)})
    return rows


def assignment_of(principal: Principal, assignment_id: UUID) -> Assignment:
    """Return an assignment that the principal may change. Inside ``acting_in``.

    Raises:
        Assignment.DoesNotExist: there is none in a course of theirs.
        PermissionDenied: they are staff of its course, and no teacher.
    """
    assignment = (
        Assignment.objects.for_organisation(principal.organisation_id)
        .select_related("course")
        .get(pk=assignment_id, course__in=courses_of(principal))
    )
    course_for(principal, assignment.course_id, TEACHER)
    return assignment


def question_of(principal: Principal, question_id: UUID) -> Question:
    """Return a question that the principal may change. Raises Question.DoesNotExist or PermissionDenied."""
    question = (
        Question.objects.for_organisation(principal.organisation_id)
        .select_related("assignment__course", "rubric")
        .get(pk=question_id, assignment__course__in=courses_of(principal))
    )
    course_for(principal, question.assignment.course_id, TEACHER)
    return question


def content_of(question: Question) -> QuestionContent:
    """Return a question as ``save_question`` takes it."""
    names = (
        "kind", "prompt", "points", "numeric_value", "numeric_unit", "numeric_tolerance", "numeric_tolerance_kind",
        "options",
    )  # fmt: skip
    return QuestionContent(
        values={name: getattr(question, name) for name in names},
        skills=[one.name for one in question.skills.all()],
        references=question.rubric.references if question.rubric is not None else (),
        criteria=question.rubric.criteria if question.rubric is not None else (),
    )


def _questions(assignment: Assignment) -> QuerySet[Question]:
    return Question.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment)


def _begun(assignment: Assignment) -> bool:
    return Submission.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment).exists()


def _refuse_changes(question: Question, values: Mapping[str, Any]) -> None:
    changed = {name for name, value in values.items() if getattr(question, name) != value}
    answers = Answer.objects.for_organisation(question.organisation_id).filter(question=question)
    if changed & set(_FIXED_BY_ANSWERS) and answers.exists():
        raise AuthoringError(
            _("Learners have answered this. Its kind, options and value stay; make a new question instead.")
        )
    marks = Mark.objects.for_organisation(question.organisation_id).filter(answer__question=question, withdrawn_at=None)
    if "points" in changed and marks.exists():
        raise AuthoringError(_("Marks were given for these points. Take them back before you change the points."))


def _set_skills(question: Question, course_id: UUID, names: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(" ".join(name.split())[:120] for name in names if name.strip()))
    links = QuestionSkill.objects.for_organisation(question.organisation_id).filter(question=question)
    links.exclude(skill__name__in=wanted).delete()
    have = set(links.values_list("skill__name", flat=True))
    for name in wanted:
        if name in have:
            continue
        skill, _is_new = Skill.objects.for_organisation(question.organisation_id).get_or_create(
            organisation_id=question.organisation_id, course_id=course_id, name=name
        )
        QuestionSkill.objects.create(organisation_id=question.organisation_id, question=question, skill=skill)


def _record(
    principal: Principal, assignment: Assignment, action: str, digests: Mapping[str, DigestValue] | None = None
) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("assignment", assignment.pk),
        digests=digests,
    )
