"""Which questions, answers and submissions a principal reaches in marking, and in which part."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet

from llmasos.accounts.principals import PROGRAMS, Principal
from tutor.marking.errors import MarksScopeError, NotFoundError, PersonNeededError
from tutor.marking.types import MarkKind
from tutor.models import Answer, Assignment, CourseStaff, Question, Submission
from tutor.permissions import ASSISTANT, MARKS_SCOPE, SECOND_MARKER, TEACHER, courses_of

FIRST_MARKERS = (TEACHER, ASSISTANT)
"""Who sees proposals and gives first marks. Second markers mark without either."""
DECIDERS = (TEACHER,)
"""Who moderates, releases and applies runs."""


def require_person(principal: Principal) -> UUID:
    """Return the id of the person who acts.

    Raises:
        PersonNeededError: a program or the platform acts; a mark is a person's decision.
    """
    if principal.kind != "person" or principal.id is None:
        raise PersonNeededError
    return principal.id


def require_importer(principal: Principal) -> UUID | None:
    """Return the id of the person who brings in marks, or None for a program that may.

    Raises:
        PersonNeededError, MarksScopeError: a program whose key has no scope for it, or the platform.
    """
    if principal.kind not in PROGRAMS:
        return require_person(principal)
    if MARKS_SCOPE not in principal.scopes:
        raise MarksScopeError
    return None


def question_for(principal: Principal, question_id: UUID, *roles: str) -> Question:
    """Return a question of a course in which the principal is staff, in one of ``roles`` if any are given.

    Raises:
        NotFoundError: there is none that the principal may know of.
        PermissionDenied: the principal is staff in another role.
    """
    found = (
        Question.objects.for_organisation(principal.organisation_id)
        .select_related("assignment__course", "rubric")
        .filter(pk=question_id, assignment__course__in=courses_of(principal))
        .first()
    )
    if found is None:
        raise NotFoundError
    require_role(principal, found.assignment.course_id, *roles)
    return found


def assignment_for(principal: Principal, assignment_id: UUID, *roles: str) -> Assignment:
    """Return an assignment as ``question_for`` returns a question."""
    found = (
        Assignment.objects.for_organisation(principal.organisation_id)
        .select_related("course")
        .filter(pk=assignment_id, course__in=courses_of(principal))
        .first()
    )
    if found is None:
        raise NotFoundError
    require_role(principal, found.course_id, *roles)
    return found


def answer_for(principal: Principal, answer_id: UUID, *roles: str, lock: bool = False) -> Answer:
    """Return an answer that was handed in, with its question, rubric, submission and course.

    ``lock`` holds the answer's row until the transaction ends, so that its marks are given one after another.
    """
    rows = (
        Answer.objects.for_organisation(principal.organisation_id)
        .select_related("question__rubric", "submission__assignment__course")
        .filter(
            pk=answer_id,
            submission__state=Submission.State.SUBMITTED,
            submission__assignment__course__in=courses_of(principal),
        )
    )
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFoundError
    require_role(principal, found.submission.assignment.course_id, *roles)
    return found


def require_role(principal: Principal, course_id: UUID, *roles: str) -> None:
    """Raise ``PermissionDenied`` unless the principal has one of the roles in the course; any will do without roles."""
    if roles and not courses_of(principal, *roles).filter(pk=course_id).exists():
        raise PermissionDenied("this needs another role in the course")


def marks_blind(principal: Principal, course_id: UUID) -> bool:
    """Whether the principal is a second marker of the course, who sees no proposal and no first mark."""
    if principal.kind != "person" or principal.id is None or principal.has_role("administrator"):
        return False
    return (
        CourseStaff.objects.for_organisation(principal.organisation_id)
        .filter(course_id=course_id, person_id=principal.id, role=SECOND_MARKER)
        .exists()
    )


def kind_for(principal: Principal, course_id: UUID, asked: MarkKind) -> MarkKind:
    """Return the kind of mark that the principal works on: second markers always on the second."""
    return "second" if marks_blind(principal, course_id) else asked


def standing(organisation_id: UUID) -> QuerySet[Answer]:
    """Return the answers that count: handed in, and with no later attempt of the same learner handed in."""
    later = Submission.objects.for_organisation(organisation_id).filter(
        assignment=OuterRef("submission__assignment"),
        learner=OuterRef("learner"),
        state=Submission.State.SUBMITTED,
        attempt__gt=OuterRef("submission__attempt"),
    )
    return (
        Answer.objects.for_organisation(organisation_id)
        .filter(submission__state=Submission.State.SUBMITTED)
        .filter(~Exists(later))
    )


def standing_for(question: Question) -> QuerySet[Answer]:
    """Return the answers to one question that count, in the order in which everybody marks them."""
    return standing(question.organisation_id).filter(question=question).order_by("submission__shuffle", "pk")


def is_superseded(answer: Answer) -> bool:
    """Whether the learner has handed in a later attempt."""
    return (
        Submission.objects.for_organisation(answer.organisation_id)
        .filter(
            assignment=answer.submission.assignment_id,
            learner=answer.learner_id,
            state=Submission.State.SUBMITTED,
            attempt__gt=answer.submission.attempt,
        )
        .exists()
    )


def is_drawn(shuffle: int, percent: int) -> bool:
    """Whether a submission with this pseudo-random number is in the share that is marked twice."""
    return shuffle % 100 < percent
