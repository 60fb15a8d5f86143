"""Attempts, answers and handing in: each change is one function, with its log entry in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.models import Answer, Asked, Assignment, Enrolment, Learner, Question, Submission
from tutor.permissions import ASSISTANT, TEACHER, course_for
from tutor.work.access import (
    extension_of,
    own_learner,
    own_submissions,
    policy_of,
    questions_of,
    visible_assignments,
)
from tutor.work.attempts import obstacle
from tutor.work.errors import ClosedError, ConflictError, HandedInError, InvalidAnswerError
from tutor.work.freezing import freeze
from tutor.work.pseudonyms import draw_pseudonym, draw_shuffle
from tutor.work.writing import LONGEST_TEXT, Written, cleaned


@dataclass(frozen=True, slots=True)
class Saved:
    """What stands in the database after a save."""

    revision: int
    saved_at: datetime


def start_attempt(principal: Principal, assignment_id: UUID, *, copy: bool = False) -> Submission:
    """Return the learner's open attempt, begun now if there is none.

    A new attempt starts empty, or with ``copy`` from the text of the one before it (not its files).

    Raises:
        Assignment.DoesNotExist: the learner has no such assignment.
        NotOpenError, ClosedError, NoAttemptLeftError: no attempt can begin now.
        PermissionDenied: the principal is no learner.
    """
    with acting_in(principal.organisation_id):
        learner = own_learner(principal)
        assignment = visible_assignments(learner).get(pk=assignment_id)
        _lock_place(assignment, learner)
        earlier = list(own_submissions(learner).filter(assignment=assignment).order_by("-attempt"))
        hindrance = obstacle(assignment, earlier, extension_of(assignment, learner.pk), now=timezone.now())
        if hindrance is not None:
            raise hindrance
        present = next((one for one in earlier if one.state == Submission.State.OPEN), None)
        if present is not None:
            return present
        submission = _begin(assignment, learner)
        if copy and earlier:
            _copy_answers(earlier[0], submission)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.attempt_started",
            subject=Ref("learner", learner.pk),
            object=Ref("submission", submission.pk),
            digests={"assignment": str(assignment.pk), "attempt": submission.attempt, "copied": copy and bool(earlier)},
        )
        return submission


def save_answer(
    principal: Principal, submission_id: UUID, question_id: UUID, written: Written, *, expected_revision: int
) -> Saved:
    """Store what the learner has written so far.

    Saving the same words again has no effect, so that a save whose reply was lost can be repeated. Not an entry of
    the log each: the attempt's beginning is one, and its end with the digest of every word.

    Raises:
        Submission.DoesNotExist, Question.DoesNotExist: not the learner's.
        ConflictError: the answer was changed since ``expected_revision``, elsewhere.
        ClosedError, HandedInError: the time is over, or the work was handed in.
        InvalidAnswerError: it is too long, or chooses what cannot be chosen.
    """
    with acting_in(principal.organisation_id):
        submission = lock_open(principal, submission_id)
        question = question_of(submission, question_id)
        answer = answer_to(submission, question)
        written = checked(question, written)
        stored = Written(answer.text, tuple(answer.choices))
        if stored == written:
            return Saved(answer.revision, answer.saved_at)
        if answer.revision != expected_revision:
            raise ConflictError(stored, revision=answer.revision, saved_at=answer.saved_at)
        return store(answer, written)


def hand_in(principal: Principal, submission_id: UUID) -> Submission:
    """Freeze the attempt as it stands; again is no error and changes nothing.

    Raises:
        Submission.DoesNotExist: not the learner's.
        ClosedError: the time is over; what was saved is handed in by itself.
    """
    with acting_in(principal.organisation_id):
        try:
            submission = lock_open(principal, submission_id)
        except HandedInError:
            return own_submissions(own_learner(principal)).get(pk=submission_id)
        return freeze(submission, by=Submission.HandedInBy.LEARNER, actor=principal.actor)


def submit_for(
    principal: Principal,
    learner_id: UUID,
    assignment_id: UUID,
    answers: Mapping[UUID, Written],
    *,
    submitted_at: datetime | None = None,
) -> Submission:
    """Hand in work for a learner who did it elsewhere (paper, another system), as one more attempt.

    Neither deadlines nor the number of attempts stop the staff; lateness counts from ``submitted_at`` (now by default).

    Raises:
        Assignment.DoesNotExist, Learner.DoesNotExist: unknown, or the learner is not in the course.
        CourseError: the learner was taken out of the course.
        InvalidAnswerError: an answer cannot be taken, or is to no question of the assignment ("question").
        PermissionDenied: the principal is not on the staff of the course.
    """
    with acting_in(principal.organisation_id):
        assignment = (
            Assignment.objects.for_organisation(principal.organisation_id)
            .select_related("course")
            .get(pk=assignment_id)
        )
        course_for(principal, assignment.course_id, TEACHER, ASSISTANT)
        learner = Learner.objects.for_organisation(principal.organisation_id).get(
            pk=learner_id, enrolments__course=assignment.course_id
        )
        if _lock_place(assignment, learner).withdrawn_at is not None:
            raise CourseError(
                _("This learner was taken out of the course: add them to it again, or leave their work out.")
            )
        questions = {one.pk: one for one in questions_of(assignment)}
        if not answers.keys() <= questions.keys():
            raise InvalidAnswerError("question")
        moment = submitted_at or timezone.now()
        submission = _begin(assignment, learner, at=moment)
        for question_id, written in answers.items():
            question = questions[question_id]
            store(answer_to(submission, question), checked(question, written), at=moment)
        return freeze(submission, by=Submission.HandedInBy.STAFF, actor=principal.actor, at=moment)


def lock_open(principal: Principal, submission_id: UUID) -> Submission:
    """Return the learner's own attempt, locked, while answers in it may change.

    Raises:
        Submission.DoesNotExist: not the learner's, or the course is over for them.
        HandedInError, ClosedError: nothing changes any more.
    """
    learner = own_learner(principal)
    submission = (
        own_submissions(learner).select_for_update(of=("self",)).select_related("assignment").get(pk=submission_id)
    )
    if submission.state == Submission.State.SUBMITTED:
        raise HandedInError
    if not visible_assignments(learner).filter(pk=submission.assignment_id).exists():
        raise Submission.DoesNotExist
    check_open(submission)
    return submission


def check_open(submission: Submission) -> None:
    """Raise ``ClosedError`` once the time for an attempt is over."""
    assignment = submission.assignment
    policy = policy_of(assignment, extension_of(assignment, submission.learner_id))
    if assignment.state != Assignment.State.PUBLISHED or policy.is_closed(timezone.now()):
        raise ClosedError


def question_of(submission: Submission, question_id: UUID) -> Question:
    return Question.objects.for_organisation(submission.organisation_id).get(
        pk=question_id, assignment=submission.assignment_id
    )


def answer_to(submission: Submission, question: Question) -> Answer:
    """Return the answer's row, not stored yet where nothing was written."""
    found = (
        Answer.objects.for_organisation(submission.organisation_id)
        .filter(submission=submission, question=question)
        .first()
    )
    return found or Answer(
        organisation_id=submission.organisation_id,
        submission=submission,
        question=question,
        learner_id=submission.learner_id,
    )


def checked(question: Asked, written: Written) -> Written:
    """Return the answer as it is stored. Raises ``InvalidAnswerError``."""
    if question.kind != Question.Kind.CHOICE:
        text = cleaned(written.text)
        if len(text) > LONGEST_TEXT:
            raise InvalidAnswerError("long")
        return Written(text)
    offered = [str(one.get("id", "")) for one in question.options]
    chosen = tuple(one for one in offered if one in written.choices)
    if not set(written.choices) <= set(offered):
        raise InvalidAnswerError("choice")
    if len(chosen) > 1 and not several_may_be_right(question):
        raise InvalidAnswerError("single")
    return Written("", chosen)


def several_may_be_right(question: Asked) -> bool:
    return sum(1 for one in question.options if one.get("correct")) > 1


def store(answer: Answer, written: Written, *, at: datetime | None = None) -> Saved:
    """Write an answer as its next revision."""
    answer.text, answer.choices = written.text, list(written.choices)
    answer.revision += 1
    answer.saved_at = at or timezone.now()
    answer.save()
    return Saved(answer.revision, answer.saved_at)


def _begin(assignment: Assignment, learner: Learner, *, at: datetime | None = None) -> Submission:
    submissions = Submission.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment)
    last = submissions.filter(learner=learner).aggregate(last=Max("attempt"))["last"] or 0
    return Submission.objects.create(
        organisation_id=assignment.organisation_id,
        assignment=assignment,
        learner=learner,
        attempt=last + 1,
        pseudonym=_free_pseudonym(submissions),
        shuffle=draw_shuffle(),
        started_at=at or timezone.now(),
    )


def _free_pseudonym(submissions: QuerySet[Submission]) -> str:
    while True:
        drawn = draw_pseudonym()
        if not submissions.filter(pseudonym=drawn).exists():
            return drawn


def _copy_answers(source: Submission, target: Submission) -> None:
    """Each copy is sealed anew: ciphertexts are bound to their rows."""
    for answer in Answer.objects.for_organisation(source.organisation_id).filter(submission=source):
        if answer.text or answer.choices:
            Answer.objects.create(
                organisation_id=target.organisation_id,
                submission=target,
                question_id=answer.question_id,
                learner_id=target.learner_id,
                text=answer.text,
                choices=answer.choices,
                revision=1,
            )


def _lock_place(assignment: Assignment, learner: Learner) -> Enrolment:
    """Let one attempt at a time begin: the learner's place in the course is the lock."""
    place = (
        Enrolment.objects.for_organisation(learner.organisation_id)
        .select_for_update()
        .filter(course=assignment.course_id, learner=learner)
        .first()
    )
    if place is None:
        raise PermissionDenied("the learner is not in this course")
    return place
