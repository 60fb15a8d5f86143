"""Handing in: from then on nothing in the attempt changes, and its digest says what it was."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

import structlog
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_ids
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Actor, Ref
from tutor.models import Answer, AnswerFile, Assignment, Enrolment, Submission
from tutor.work.access import extension_of, policy_of, questions_of
from tutor.work.digests import HandedIn, answer_digest, question_digest, submission_digest

logger = structlog.get_logger(__name__)

AT_ONCE = 200
"""Attempts that one pass hands in in one organisation; the next pass takes the rest."""


def freeze(submission: Submission, *, by: str, actor: Actor, at: datetime | None = None) -> Submission:
    """Hand in a locked, open attempt. Questions without an answer get an empty one, so that markers see them too."""
    now = at or timezone.now()
    answers = _complete_answers(submission)
    changed_at = max((one.saved_at for one in answers if one.revision), default=now)
    policy = policy_of(submission.assignment, extension_of(submission.assignment, submission.learner_id))
    submission.submitted_at = now
    submission.handed_in_by = by
    submission.late_seconds = policy.late_seconds(min(changed_at, now))
    document = document_of(submission, answers)
    submission.digest = submission_digest(document)
    submission.state = Submission.State.SUBMITTED
    submission.save(update_fields=["submitted_at", "handed_in_by", "late_seconds", "digest", "state"])
    record(
        organisation_id=submission.organisation_id,
        actor=actor,
        action="tutor.work_handed_in",
        subject=Ref("learner", submission.learner_id),
        object=Ref("submission", submission.pk),
        digests={
            "submission": submission.digest,
            "assignment": str(submission.assignment_id),
            "attempt": submission.attempt,
            # What the digest is taken of: a question that is reworded later can be told from an answer that is not.
            "answers": {
                str(key): {"content": document.questions[key], "answer": digest}
                for key, digest in document.answers.items()
            },
            "late_seconds": submission.late_seconds,
            "by": by,
        },
    )
    return submission


def document_of(submission: Submission, answers: list[Answer]) -> HandedIn:
    """Return what the submission's digest is taken of; ``answers`` come with their questions."""
    assert submission.submitted_at is not None  # noqa: S101 - both callers have just set or checked it
    return HandedIn(
        submission=submission.pk,
        assignment=submission.assignment_id,
        learner=submission.learner_id,
        attempt=submission.attempt,
        at=submission.submitted_at,
        questions={one.question_id: question_digest(one.question) for one in answers},
        answers={one.question_id: one.digest for one in answers},
    )


def close_due() -> int:
    """Hand in, in every organisation, what was written in attempts whose time is over; return how many."""
    closed = 0
    for organisation_id in organisation_ids():
        closed += _close_due_in(organisation_id)
    return closed


def _close_due_in(organisation_id: UUID) -> int:
    """An attempt in which nothing was written stays as it is: nobody handed anything in."""
    now = timezone.now()
    with acting_in(organisation_id):
        written = Answer.objects.for_organisation(organisation_id).filter(submission=OuterRef("pk"), revision__gt=0)
        places = Enrolment.objects.for_organisation(organisation_id).filter(
            course=OuterRef("assignment__course"), learner=OuterRef("learner"), withdrawn_at=None
        )
        due = (
            Submission.objects.for_organisation(organisation_id)
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("assignment")
            .filter(Exists(written), Exists(places), state=Submission.State.OPEN)
            .filter(Q(assignment__state=Assignment.State.CLOSED) | Q(assignment__due_at__lt=now))
            .order_by("assignment__due_at", "pk")
        )
        closed = 0
        for submission in due.iterator(chunk_size=AT_ONCE):
            assignment = submission.assignment
            policy = policy_of(assignment, extension_of(assignment, submission.learner_id))
            if assignment.state == Assignment.State.CLOSED or policy.is_closed(now):
                actor = system_principal(organisation_id).actor
                freeze(submission, by=Submission.HandedInBy.DEADLINE, actor=actor)
                closed += 1
            if closed >= AT_ONCE:
                break
    if closed:
        logger.info("attempts handed in at their deadline", count=closed)
    return closed


def _complete_answers(submission: Submission) -> list[Answer]:
    """Return an answer to each question, with its digest stored."""
    owned = Answer.objects.for_organisation(submission.organisation_id).filter(submission=submission)
    present = {one.question_id: one for one in owned}
    files: dict[UUID, list[str]] = defaultdict(list)
    for answer_id, digest in (
        AnswerFile.objects.for_organisation(submission.organisation_id)
        .filter(answer__submission=submission)
        .values_list("answer_id", "digest")
    ):
        files[answer_id].append(digest)
    answers = []
    for question in questions_of(submission.assignment):
        answer = present.get(question.pk) or Answer(
            organisation_id=submission.organisation_id, submission=submission, learner_id=submission.learner_id
        )
        answer.question = question
        answer.digest = answer_digest(text=answer.text, choices=answer.choices, files=files[answer.pk])
        if question.pk in present:
            answer.save(update_fields=["digest"])
        else:
            answer.save()
        answers.append(answer)
    return answers
