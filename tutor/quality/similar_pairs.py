"""Reading the pairs of similar answers, under pseudonyms; that one is opened is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.errors import NotFoundError
from tutor.marking.jobs import queue_job
from tutor.models import Answer, MarkingJob, Question, SimilarPair


@dataclass(frozen=True, slots=True)
class Side:
    """One answer of a pair as pieces of its text, each with whether it is shared."""

    answer_id: UUID
    pseudonym: str
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class PairView:
    """A pair with both texts."""

    pair: SimilarPair
    question: Question
    sides: tuple[Side, Side]


def look_for_similar(principal: Principal, question_id: UUID) -> MarkingJob:
    """Ask for the question's answers to be compared; the job that is under way is given back instead.

    Raises:
        NotFoundError, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        return queue_job(principal, question, MarkingJob.Kind.SIMILAR, action="tutor.similar_asked")


def pairs(principal: Principal, question_id: UUID) -> QuerySet[SimilarPair]:
    """Return the pairs found last, those with most in common first. Raises as ``look_for_similar``."""
    question = question_for(principal, question_id, *FIRST_MARKERS)
    found = SimilarPair.objects.for_organisation(principal.organisation_id).filter(question=question)
    return found.select_related("first__submission", "second__submission")


def latest_job(principal: Principal, question_id: UUID, kind: str) -> MarkingJob | None:
    """Return the latest job of a kind on a question."""
    jobs = MarkingJob.objects.for_organisation(principal.organisation_id)
    return jobs.filter(question=question_id, kind=kind).order_by("-created_at").first()


def open_pair(principal: Principal, pair_id: UUID) -> PairView:
    """Return both texts of a pair with what they share; recorded for both learners.

    Raises:
        NotFoundError, PermissionDenied.
    """
    pair = (
        SimilarPair.objects.for_organisation(principal.organisation_id)
        .select_related("first__submission", "second__submission")
        .filter(pk=pair_id)
        .first()
    )
    if pair is None:
        raise NotFoundError
    question = question_for(principal, pair.question_id, *FIRST_MARKERS)
    for answer, other in ((pair.first, pair.second), (pair.second, pair.first)):
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.pair_read",
            subject=Ref("learner", answer.learner_id),
            object=Ref("answer", answer.pk),
            purpose="similar",
            digests={"pair": str(pair.pk), "other": str(other.pk)},
        )
    return PairView(pair, question, (_side(pair.first, pair.first_spans), _side(pair.second, pair.second_spans)))


def _side(answer: Answer, spans: Sequence[Sequence[int]]) -> Side:
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        pieces += [(answer.text[at:start], False), (answer.text[start:end], True)]
        at = end
    pieces.append((answer.text[at:], False))
    return Side(answer.pk, answer.submission.pseudonym, tuple(one for one in pieces if one[0]))
