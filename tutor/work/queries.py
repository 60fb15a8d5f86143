"""Reads of learners' work: for themselves and for those who build upon what was handed in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.models import Answer, AnswerFile, Assignment, Extension, Learner, Release, Submission
from tutor.work.access import extension_of, own_learner, own_submissions, policy_of, questions_of, visible_assignments
from tutor.work.attempts import attempts_used, obstacle
from tutor.work.digests import answer_digest, submission_digest
from tutor.work.errors import WorkError
from tutor.work.freezing import document_of
from tutor.work.lateness import LatePolicy
from tutor.work.rows import AnswerRow, FileRow, row_of

NEW = timedelta(days=7)
"""How long work that nobody began is called new."""


@dataclass(frozen=True, slots=True)
class Work:
    """One assignment as it stands for one learner. ``result`` is the release of the latest attempt that has one."""

    assignment: Assignment
    policy: LatePolicy
    has_extension: bool
    attempts: tuple[Submission, ...]
    used: int
    obstacle: WorkError | None
    result: Release | None
    is_new: bool

    @property
    def open_attempt(self) -> Submission | None:
        return next((one for one in self.attempts if one.state == Submission.State.OPEN), None)

    @property
    def latest(self) -> Submission | None:
        """Return the attempt that counts: the latest one handed in."""
        return next((one for one in self.attempts if one.state == Submission.State.SUBMITTED), None)

    @property
    def shows_latest(self) -> bool:
        """Say whether the results that can be read are those of the attempt that counts."""
        return self.result is not None and self.latest is not None and self.result.submission_id == self.latest.pk

    @property
    def left(self) -> int:
        return max(0, self.assignment.attempts_allowed - self.used)

    @property
    def state(self) -> str:
        """Return "waiting", "todo", "writing", "missed", "handed_in" or "released"."""
        if self.open_attempt is not None and self.obstacle is None:
            return "writing"
        if self.latest is not None:
            return "released" if self.shows_latest else "handed_in"
        if self.obstacle is None:
            return "todo"
        opens_at = self.assignment.opens_at
        return "waiting" if opens_at is not None and opens_at > timezone.now() else "missed"


def work_of(principal: Principal) -> list[Work]:
    """Return what the signed-in learner has to do and did: what can be done first, the nearest deadline on top.

    The read is recorded.
    """
    learner = own_learner(principal)
    found = _work(learner, visible_assignments(learner).select_related("course"))
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.work_listed",
        subject=Ref("learner", learner.pk),
        digests={"assignments": len(found)},
    )
    return sorted(found, key=_urgency)


def work_on(principal: Principal, assignment_id: UUID) -> Work:
    """Return one assignment of the signed-in learner. The read is recorded. Raises ``Assignment.DoesNotExist``."""
    learner = own_learner(principal)
    assignment = visible_assignments(learner).select_related("course").get(pk=assignment_id)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.work_listed",
        subject=Ref("learner", learner.pk),
        object=Ref("assignment", assignment.pk),
    )
    return _work(learner, [assignment])[0]


def attempt_of(principal: Principal, submission_id: UUID) -> tuple[Submission, list[AnswerRow]]:
    """Return an own attempt with a row for each question. The read is recorded. Raises ``Submission.DoesNotExist``."""
    learner = own_learner(principal)
    submission = own_submissions(learner).select_related("assignment__course").get(pk=submission_id)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.work_read",
        subject=Ref("learner", learner.pk),
        object=Ref("submission", submission.pk),
    )
    return submission, answer_rows(submission)


def answer_rows(submission: Submission) -> list[AnswerRow]:
    answers = {
        one.question_id: one
        for one in Answer.objects.for_organisation(submission.organisation_id).filter(submission=submission)
    }
    files: dict[UUID, list[FileRow]] = defaultdict(list)
    stored = AnswerFile.objects.for_organisation(submission.organisation_id).filter(answer__submission=submission)
    for one in stored.defer("content").order_by("uploaded_at"):
        files[one.answer_id].append(FileRow(one.pk, one.name, one.media_type, one.size))
    rows = []
    for number, question in enumerate(questions_of(submission.assignment), start=1):
        answer = answers.get(question.pk)
        rows.append(row_of(number, question, answer, files[answer.pk] if answer else []))
    return rows


def policy_for(submission: Submission) -> LatePolicy:
    """Return the rules that hold for an attempt, the learner's extension included."""
    return policy_of(submission.assignment, extension_of(submission.assignment, submission.learner_id))


def is_released(submission: Submission) -> bool:
    """Say whether the learner may read results of this attempt."""
    return (
        Release.objects.for_organisation(submission.organisation_id)
        .filter(submission=submission, withdrawn_at=None)
        .exists()
    )


def counting_submissions(assignment: Assignment) -> QuerySet[Submission]:
    """Return the attempt of each learner that counts: the latest one handed in."""
    submitted = Submission.objects.for_organisation(assignment.organisation_id).filter(
        assignment=assignment, state=Submission.State.SUBMITTED
    )
    latest = submitted.filter(learner=OuterRef("learner")).order_by("-attempt").values("pk")[:1]
    return submitted.filter(pk=Subquery(latest))


def is_intact(submission: Submission) -> bool:
    """Say whether what is stored is what was handed in, by computing the digest again."""
    answers = list(
        Answer.objects.for_organisation(submission.organisation_id)
        .filter(submission=submission)
        .select_related("question")
    )
    files: dict[UUID, list[str]] = defaultdict(list)
    for answer_id, digest in (
        AnswerFile.objects.for_organisation(submission.organisation_id)
        .filter(answer__submission=submission)
        .values_list("answer_id", "digest")
    ):
        files[answer_id].append(digest)
    for one in answers:
        one.digest = answer_digest(text=one.text, choices=one.choices, files=files[one.pk])
    return submission.submitted_at is not None and submission_digest(document_of(submission, answers)) == (
        submission.digest
    )


def _work(learner: Learner, assignments: Iterable[Assignment]) -> list[Work]:
    now = timezone.now()
    listed = list(assignments)
    attempts: dict[UUID, list[Submission]] = defaultdict(list)
    for one in own_submissions(learner).filter(assignment__in=listed).order_by("-attempt"):
        attempts[one.assignment_id].append(one)
    extensions = {
        one.assignment_id: one
        for one in Extension.objects.for_organisation(learner.organisation_id).filter(
            learner=learner, assignment__in=listed
        )
    }
    results: dict[UUID, Release] = {}
    for release in (
        Release.objects.for_organisation(learner.organisation_id)
        .filter(submission__learner=learner, submission__assignment__in=listed, withdrawn_at=None)
        .select_related("submission")
        .order_by("submission__attempt")
    ):
        results[release.submission.assignment_id] = release
    return [_one(one, attempts[one.pk], extensions.get(one.pk), results.get(one.pk), now=now) for one in listed]


def _one(
    assignment: Assignment,
    attempts: list[Submission],
    extension: Extension | None,
    result: Release | None,
    *,
    now: datetime,
) -> Work:
    hindrance = obstacle(assignment, attempts, extension, now=now)
    since = max(assignment.created_at, assignment.opens_at or assignment.created_at)
    unread = result is not None and result.seen_at is None
    return Work(
        assignment=assignment,
        policy=policy_of(assignment, extension),
        has_extension=extension is not None and assignment.due_at is not None and extension.due_at > assignment.due_at,
        attempts=tuple(attempts),
        used=attempts_used(attempts, extension),
        obstacle=hindrance,
        result=result,
        is_new=unread or (not attempts and hindrance is None and since > now - NEW),
    )


def _urgency(work: Work) -> tuple[int, float]:
    due = work.policy.due_at.timestamp() if work.policy.due_at else None
    if work.state in ("writing", "todo"):
        return (0, due if due is not None else float("inf"))
    moment = due if due is not None else work.assignment.created_at.timestamp()
    return (1 if work.result is not None and work.is_new else 2, -moment)
