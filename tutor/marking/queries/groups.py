"""Groups of a question's answers, their members, and the work on them. Showing answers is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import FIRST_MARKERS, question_for
from tutor.marking.group_types import GroupView, JobView, MemberView
from tutor.marking.services.groups import group_for
from tutor.marking.shown import applied_run, current_of, marks_of
from tutor.models import Answer, AnswerGroup, GroupMember, MarkingJob, Proposal, Question


def groups(principal: Principal, question_id: UUID) -> list[GroupView]:
    """Return the groups of a question with an answer or two of each, those with most to mark first.

    Raises:
        NotFoundError, PermissionDenied.
    """
    question = question_for(principal, question_id, *FIRST_MARKERS)
    found = list(AnswerGroup.objects.for_organisation(principal.organisation_id).filter(question=question))
    members: dict[UUID, list[GroupMember]] = {}
    for member in GroupMember.objects.for_organisation(principal.organisation_id).filter(group__in=found):
        members.setdefault(member.group_id, []).append(member)
    every = [one.answer_id for some in members.values() for one in some]
    marks = marks_of(principal.organisation_id, every)
    proposed = _proposed(question)
    samples = {
        one.pk: [one.exemplar_id, *[odd.answer_id for odd in members.get(one.pk, []) if odd.odd][:1]] for one in found
    }
    texts = _texts(principal, question, [key for some in samples.values() for key in some if key is not None])
    views = []
    for one in found:
        inside = members.get(one.pk, [])
        points = Counter(proposed[member.answer_id][0] for member in inside if member.answer_id in proposed)
        sure = [proposed[member.answer_id][1] for member in inside if member.answer_id in proposed]
        exemplar, *odd = samples[one.pk]
        views.append(
            GroupView(
                id=one.pk,
                name=one.name,
                size=len(inside),
                unmarked=sum(1 for member in inside if current_of(marks.get(member.answer_id, {})) is None),
                purity=one.purity,
                odd=sum(1 for member in inside if member.odd),
                mixed=len(points) > 1,
                points=dict(sorted(points.items())),
                confidence=sum(sure) / len(sure) if sure else 0.0,
                made_by_hand=one.made_by_hand,
                exemplar_id=one.exemplar_id,
                sample=(texts.get(exemplar, ""),) if exemplar is not None else ("",),
                odd_sample=tuple(texts[key] for key in odd if key in texts),
            )
        )
    return sorted(views, key=lambda view: (-view.unmarked, -view.size, view.id))


def group_members(principal: Principal, group_id: UUID, *, start: int = 0, size: int = 50) -> list[MemberView]:
    """Return members of a group with their texts, the odd ones out first.

    Raises:
        NotFoundError, PermissionDenied.
    """
    group = group_for(principal, group_id, *FIRST_MARKERS)
    members = list(
        GroupMember.objects.for_organisation(principal.organisation_id)
        .filter(group=group)
        .select_related("answer__submission")
        .order_by("-odd", "answer__submission__shuffle", "pk")[start : start + size]
    )
    ids = [one.answer_id for one in members]
    texts = _texts(principal, group.question, ids)
    marks = marks_of(principal.organisation_id, ids)
    views = []
    for one in members:
        mark = current_of(marks.get(one.answer_id, {}))
        views.append(
            MemberView(
                answer_id=one.answer_id,
                pseudonym=one.answer.submission.pseudonym,
                text=texts.get(one.answer_id, ""),
                odd=one.odd,
                marked=mark is not None,
                points=mark.points if mark is not None else None,
            )
        )
    return views


def group_size(principal: Principal, group_id: UUID) -> int:
    """Return how many answers are in a group. Raises NotFoundError or PermissionDenied."""
    group = group_for(principal, group_id, *FIRST_MARKERS)
    return GroupMember.objects.for_organisation(principal.organisation_id).filter(group=group).count()


def grouping_job(principal: Principal, question_id: UUID) -> JobView | None:
    """Return the latest work on a question's groups. Raises NotFoundError or PermissionDenied."""
    question = question_for(principal, question_id, *FIRST_MARKERS)
    jobs = MarkingJob.objects.for_organisation(principal.organisation_id).filter(question=question)
    job = jobs.filter(kind=MarkingJob.Kind.GROUPS).first()
    if job is None:
        return None
    return JobView(job.pk, job.kind, job.state, job.total, job.done, job.error_code, job.created_at)


def _proposed(question: Question) -> dict[UUID, tuple[str, float]]:
    run = applied_run(question)
    if run is None:
        return {}
    proposals = Proposal.objects.for_organisation(question.organisation_id).filter(
        run=run, decision=Proposal.Decision.PROPOSED
    )
    return {
        answer: (format(points.normalize(), "f"), confidence)
        for answer, points, confidence in proposals.values_list("answer_id", "points", "confidence")
        if points is not None
    }


def _texts(principal: Principal, question: Question, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the answers' texts; that they were read is recorded."""
    found = Answer.objects.for_organisation(principal.organisation_id).filter(pk__in=ids)
    texts = {one.pk: one.text or ", ".join(one.choices) for one in found}
    if texts:
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.answers_read",
            object=Ref("question", question.pk),
            purpose="groups",
            digests={"count": len(texts)},
        )
    return texts
