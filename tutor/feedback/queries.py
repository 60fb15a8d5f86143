"""Comments that fit: the bank's, and what the same marker wrote on answers like the one at hand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.feedback.names import names_in
from tutor.marking.access import answer_for, marks_blind
from tutor.marking.shown import applied_run, proposal_for
from tutor.models import Comment, FeedbackDraft, Mark, MarkingJob, Question
from tutor.permissions import MARKERS

MOST = 9
"""So many are offered beside an answer: one for each key."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A text to put into the feedback. ``comment_id`` is None for what the marker wrote on another answer."""

    text: str
    comment_id: UUID | None
    alike: float | None


def comments_of(question: Question, *, search: str = "") -> QuerySet[Comment]:
    """Return the bank of a question: its own comments and those of its whole course, the most used first."""
    found = Comment.objects.for_organisation(question.organisation_id).filter(
        Q(question=question) | Q(question=None, course=question.assignment.course_id)
    )
    return found.filter(text__icontains=search) if search else found


def offers(principal: Principal, answer_id: UUID, *, search: str = "") -> list[Offer]:
    """Return what to put into the feedback on an answer; reading words on others' answers is recorded.

    Raises:
        NotFoundError, PermissionDenied.
    """
    answer = answer_for(principal, answer_id, *MARKERS)
    own: list[Offer] = []
    course_id = answer.submission.assignment.course_id
    proposal = None if marks_blind(principal, course_id) else proposal_for(answer, applied_run(answer.question))
    alike = {UUID(one["answer"]): one["similarity"] for one in (proposal.neighbours if proposal is not None else [])}
    marks = (
        Mark.objects.for_organisation(principal.organisation_id)
        .filter(answer__in=list(alike), marker_id=principal.id, withdrawn_at=None)
        .order_by("-created_at")
    )
    for mark in marks:
        text = mark.feedback
        if not text or search.casefold() not in text.casefold() or names_in(answer.organisation_id, course_id, text):
            continue
        own.append(Offer(text, None, alike[mark.answer_id]))
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.comments_suggested",
        object=Ref("answer", answer.pk),
        digests={"neighbours": [str(one) for one in alike], "shown": len(own)},
    )
    own.sort(key=lambda one: -(one.alike or 0.0))
    kept = [Offer(one.text, one.pk, None) for one in comments_of(answer.question, search=search)[:MOST]]
    return [*dict.fromkeys([*own[:3], *kept])][:MOST]


@dataclass(frozen=True, slots=True)
class Wording:
    """Of the drafts that a model was asked to word, how many are in its words: the others did not pass the check."""

    asked: int
    worded: int


def wording_of(question: Question) -> Wording:
    """Return how often the model's words passed, among the drafts that no marker has taken yet."""
    drafts = FeedbackDraft.objects.for_organisation(question.organisation_id).filter(
        answer__question=question, sources__asked=True
    )
    return Wording(**drafts.aggregate(asked=Count("pk"), worded=Count("pk", filter=~Q(sources__model=""))))


def drafts_job(question: Question) -> MarkingJob | None:
    """Return the latest job that drafts feedback for a question."""
    jobs = MarkingJob.objects.for_organisation(question.organisation_id)
    return jobs.filter(question=question, kind=MarkingJob.Kind.DRAFTS).first()
