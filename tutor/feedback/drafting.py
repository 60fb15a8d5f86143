"""The work of drafting: feedback for each answer of a question that has a mark or a proposal and no words yet."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.errors import InferenceError
from tutor.feedback.composing import Cited, compose, joined
from tutor.feedback.earlier import Earlier, Likeness, earlier_for, likeness_of
from tutor.feedback.facts import Basis, basis_of, cited_for, comments_for, facts_of
from tutor.feedback.rewording import Draft, reword
from tutor.marking import jobs
from tutor.marking.access import FIRST_MARKERS, question_for, standing_for
from tutor.marking.shown import applied_run, current_of, marks_of, proposal_for
from tutor.models import Answer, FeedbackDraft, Mark, MarkingJob, Question

logger = logging.getLogger(__name__)

AT_ONCE: Final = 25
PATIENCE: Final = 3
"""After so many answers in a row that no model worded, on a machine that is too busy or without one, none is asked."""
FRUITLESS: Final = 8
"""The same after so many in a row of which no wording passed: a small model would take minutes for nothing."""


def request_drafts(principal: Principal, question_id: UUID) -> MarkingJob:
    """Ask for drafts of feedback for a question's answers; the job that is under way is given back instead.

    Raises:
        NotFoundError, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        return jobs.queue_job(principal, question, MarkingJob.Kind.DRAFTS, action="tutor.drafts_asked")


def stop_drafts(principal: Principal, question_id: UUID) -> bool:
    """Stop the drafting for a question's answers, and say whether it was under way; drafts made so far stay.

    Raises:
        NotFoundError, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        return jobs.stop_job(principal, question, MarkingJob.Kind.DRAFTS, action="tutor.drafts_stopped")


@dataclass(slots=True)
class _Shared:
    """What all answers of the question draw upon.

    ``misses`` counts answers in a row that no model worded in time, ``fruitless`` those whose wording did not pass.
    """

    cited: Mapping[str, Cited]
    comments: Mapping[str, tuple[UUID, str]]
    likeness: Likeness = field(default_factory=Likeness)
    misses: int = 0
    fruitless: int = 0


@dataclass(frozen=True, slots=True)
class _Told:
    """One answer's statements, the texts that a sentence about it may stand on, and whose words on another it has."""

    answer: Answer
    basis: Basis
    statements: tuple[str, ...]
    grounds: tuple[str, ...]
    earlier: Earlier | None


def draft_answers(job: MarkingJob) -> None:
    """Draft for every answer without words of a marker: at once from the facts, then worded one after the other.

    Taken up again, it goes on where it was: no model is asked twice for the same answer.
    """
    question = job.question
    with acting_in(job.organisation_id):
        marks = _marks(question)
        ids = [one for one, mark in marks.items() if mark is None or not mark.feedback]
        asked = dict(_drafts(job).values_list("answer_id", "sources__asked"))
        left = [one for one in ids if not asked.get(one)]
        fresh = [one for one in left if one not in asked]
        _record_reading(job, len(ids))
        shared = _Shared({}, comments_for(question))
        if not jobs.beat(job, done=len(ids) - len(left), total=len(ids)):
            return
    shared.cited = cited_for(question)
    given = [mark for mark in marks.values() if mark is not None]
    shared.likeness = likeness_of(question, left, given, asker_id=job.requested_by_id)
    for start in range(0, len(fresh), AT_ONCE):
        with acting_in(job.organisation_id):
            if not jobs.beat(job, done=len(ids) - len(left), total=len(ids)):
                return
            for answer_id in fresh[start : start + AT_ONCE]:
                told = _told(question, answer_id, shared)
                if told is not None:
                    _store(job, told, Draft(joined(told.statements)), shared)
    for number, answer_id in enumerate(left, len(ids) - len(left) + 1):
        with acting_in(job.organisation_id):
            told = _told(question, answer_id, shared)
        # Nothing is held open while the model writes.
        draft = _worded(question, told, shared) if told is not None else None
        with acting_in(job.organisation_id):
            if not jobs.beat(job, done=number, total=len(ids)):
                return
            if told is not None and draft is not None and draft.model and _may_stay(told):
                _store(job, told, draft, shared, asked=True)
            elif told is not None and draft is not None:
                _keep_as_it_is(job, told)


def _drafts(job: MarkingJob) -> QuerySet[FeedbackDraft]:
    return FeedbackDraft.objects.for_organisation(job.organisation_id).filter(
        answer__question=job.question, created_at__gte=job.created_at
    )


def _marks(question: Question) -> dict[UUID, Mark | None]:
    """Return the mark that counts for each answer that does, in the order of marking."""
    ids = list(standing_for(question).values_list("pk", flat=True))
    marks = marks_of(question.organisation_id, ids)
    return {one: current_of(marks.get(one, {})) for one in ids}


def _may_stay(told: _Told) -> bool:
    """Whether the words on another answer still stand there: its learner may have been erased meanwhile."""
    marks = Mark.objects.for_organisation(told.answer.organisation_id).filter(withdrawn_at=None)
    return told.earlier is None or marks.filter(pk=told.earlier.mark_id).exists()


def _told(question: Question, answer_id: UUID, shared: _Shared) -> _Told | None:
    """Return what there is to say about an answer; None where there is nothing, or a marker has written meanwhile."""
    answer = standing_for(question).select_related("submission").filter(pk=answer_id).first()
    if answer is None:
        return None
    answer.question = question
    mark = current_of(marks_of(question.organisation_id, [answer.pk]).get(answer.pk, {}))
    if mark is not None and mark.feedback:
        return None
    basis = basis_of(answer, mark, proposal_for(answer, applied_run(question)))
    if basis is None:
        return None
    course = question.assignment.course
    earlier = earlier_for(answer, basis.levels, shared.likeness)
    said = earlier.sentences if earlier is not None else ()
    facts = facts_of(answer, basis, cited=shared.cited, comments=shared.comments, earlier=said)
    statements = compose(facts, tone=course.feedback_tone, length=course.feedback_length, language=course.language)
    if not statements:
        return None
    grounds = [answer.text, *(one.criterion for one in facts.met), *(one.criterion for one in facts.open)]
    grounds += [one.cited.sentence for one in facts.open if one.cited is not None]
    used = earlier if set(said) & set(statements) else None
    return _Told(answer, basis, statements, tuple(grounds), used)


def _worded(question: Question, told: _Told, shared: _Shared) -> Draft | None:
    """Return the draft as the model words it, or as it was put together; None where no model was asked."""
    if shared.misses >= PATIENCE or shared.fruitless >= FRUITLESS:
        return None
    course = question.assignment.course
    try:
        draft = reword(
            question.organisation_id,
            told.statements,
            told.grounds,
            tone=course.feedback_tone,
            length=course.feedback_length,
        )
    except InferenceError:
        # What was put together stands without a model; the others are not kept waiting for it.
        logger.warning("a draft stays as it was put together: no model", extra={"question": str(question.pk)})
        shared.misses += 1
        return None
    shared.misses = 0
    shared.fruitless = 0 if draft.model else shared.fruitless + 1
    return draft


def _store(job: MarkingJob, told: _Told, draft: Draft, shared: _Shared, *, asked: bool = False) -> None:
    answer, basis = told.answer, told.basis
    chunks = sorted({one.chunk for one in shared.cited.values() if one.sentence in draft.text})
    used = [str(comment) for comment, text in shared.comments.values() if text in draft.text]
    sources = {
        "rubric": str(answer.question.rubric_id),
        "levels": dict(basis.levels),
        "chunks": chunks,
        "comments": used,
        "marks": [str(basis.mark_id)] if basis.mark_id is not None else [],
        "model": draft.model,
        "asked": asked,
        "alike": told.earlier.alike if told.earlier is not None else None,
    }
    FeedbackDraft.objects.for_organisation(job.organisation_id).update_or_create(
        organisation_id=job.organisation_id,
        answer=answer,
        defaults={
            "learner_id": answer.learner_id,
            "answer_digest": answer.digest,
            "text": draft.text,
            "sources": sources,
            "earlier_id": told.earlier.mark_id if told.earlier is not None else None,
            "created_at": timezone.now(),
        },
    )
    record(
        organisation_id=job.organisation_id,
        actor=system_principal(job.organisation_id).actor,
        action="tutor.feedback_drafted",
        subject=Ref("learner", answer.learner_id),
        object=Ref("answer", answer.pk),
        digests={
            "job": str(job.pk),
            "answer": answer.digest,
            "model": draft.model,
            "chunks": chunks,
            "comments": used,
            "earlier": str(told.earlier.mark_id) if told.earlier is not None else "",
        },
    )


def _keep_as_it_is(job: MarkingJob, told: _Told) -> None:
    """Note that nothing of the model's words passed, so that it is not asked again."""
    held = _drafts(job).filter(answer=told.answer).first()
    if held is not None:
        held.sources = {**held.sources, "asked": True}
        held.save(update_fields=["sources"])


def _record_reading(job: MarkingJob, count: int) -> None:
    record(
        organisation_id=job.organisation_id,
        actor=system_principal(job.organisation_id).actor,
        action="tutor.answers_read",
        object=Ref("question", job.question_id),
        purpose="drafts",
        digests={"job": str(job.pk), "count": count},
    )
