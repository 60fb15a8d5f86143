"""One answer as a marker sees it. That it was opened is recorded."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.answering.sentences import split
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import answer_for, is_drawn, is_superseded, kind_for, marks_blind
from tutor.marking.mapping import text_of
from tutor.marking.points import level_points, rounded
from tutor.marking.services.locks import lock_state
from tutor.marking.shown import applied_run, current_of, differ, proposal_for
from tutor.marking.types import (
    AnswerView,
    CriterionProposalView,
    CriterionView,
    DraftView,
    EarlierView,
    FileView,
    LevelView,
    MarkKind,
    MarkView,
    NeighbourView,
    ProposalView,
    RubricView,
)
from tutor.models import (
    Answer,
    AnswerFile,
    FeedbackDraft,
    GroupMember,
    Mark,
    Proposal,
    Question,
    Release,
    Reveal,
    RubricVersion,
)
from tutor.notes.queries import notes_of
from tutor.permissions import MARKERS

LEAST_ALIKE = 0.2


def answer_view(principal: Principal, answer_id: UUID, *, kind: MarkKind = "first") -> AnswerView:
    """Return an answer with everything that its marker needs; the read is recorded.

    Raises:
        NotFoundError, PermissionDenied.
    """
    answer = answer_for(principal, answer_id, *MARKERS)
    question, submission = answer.question, answer.submission
    assignment = submission.assignment
    kind = kind_for(principal, assignment.course_id, kind)
    blind = marks_blind(principal, assignment.course_id)
    history = _history(answer)
    stands = {mark.kind: mark for mark in history if mark.withdrawn_at is None}
    current = current_of(stands)
    proposal = None if blind else _proposal(answer)
    draft = None if blind else _draft(principal, answer)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.answer_read",
        subject=Ref("learner", answer.learner_id),
        object=Ref("answer", answer.pk),
        purpose="marking",
        digests={
            "answer": answer.digest,
            "proposal": str(proposal.pk) if proposal is not None else "",
            "neighbours": [one["answer"] for one in proposal.neighbours] if proposal is not None else [],
            "earlier": str(draft.earlier.answer_id) if draft is not None and draft.earlier is not None else "",
        },
    )
    by_kind = {one: mark_view(mark) for one, mark in stands.items()}
    name = _name(principal, answer)
    return AnswerView(
        id=answer.pk,
        question_id=question.pk,
        assignment_id=assignment.pk,
        course_id=assignment.course_id,
        submission_id=submission.pk,
        pseudonym=submission.pseudonym,
        name=name,
        text=answer.text,
        choices=tuple(answer.choices),
        digest=answer.digest,
        files=_files(answer, named=bool(name)),
        prompt=question.prompt,
        question_kind=question.kind,
        options=tuple(question.options) if question.kind == Question.Kind.CHOICE else (),
        max_points=question.points,
        rubric=_rubric(question.rubric, maximum=question.points),
        kind=kind,
        proposal=_proposal_view(answer, proposal) if proposal is not None else None,
        mark=by_kind.get(kind),
        current=None if blind or current is None else mark_view(current),
        history=tuple(mark_view(mark) for mark in history if not blind or mark.kind == Mark.Kind.SECOND),
        notes=() if blind else notes_of(answer),
        draft=draft,
        lock=lock_state(answer, principal.id),
        group_id=None if blind else _group_id(answer),
        needs_second=is_drawn(submission.shuffle, assignment.second_marking_percent),
        needs_moderation=differ(stands),
        superseded=is_superseded(answer),
        released=Release.objects.for_organisation(principal.organisation_id)
        .filter(submission=submission, withdrawn_at=None)
        .exists(),
        late_seconds=submission.late_seconds,
    )


def _history(answer: Answer) -> list[Mark]:
    marks = Mark.objects.for_organisation(answer.organisation_id).filter(answer=answer)
    return list(marks.select_related("marker").order_by("-created_at"))


def _group_id(answer: Answer) -> UUID | None:
    members = GroupMember.objects.for_organisation(answer.organisation_id).filter(answer=answer)
    return members.values_list("group_id", flat=True).first()


def _name(principal: Principal, answer: Answer) -> str:
    """Return whose work it is, where the assignment is not anonymous or the marker had it revealed."""
    if answer.submission.assignment.anonymous:
        revealed = Reveal.objects.for_organisation(answer.organisation_id).filter(submission=answer.submission)
        if principal.id is None or not revealed.filter(person_id=principal.id).exists():
            return ""
    return str(answer.learner.name)


def _files(answer: Answer, *, named: bool) -> tuple[FileView, ...]:
    files = AnswerFile.objects.for_organisation(answer.organisation_id).filter(answer=answer).order_by("uploaded_at")
    return tuple(
        FileView(one.pk, one.name if named else "", one.media_type, one.size) for one in files.defer("content")
    )


def _draft(principal: Principal, answer: Answer) -> DraftView | None:
    drafts = FeedbackDraft.objects.for_organisation(answer.organisation_id).select_related("earlier__marker")
    found = drafts.filter(answer=answer, answer_digest=answer.digest).first()
    # A draft on another version of the rubric says what nobody asks for any more; words taken back are not said again.
    if found is None or found.sources.get("rubric") != str(answer.question.rubric_id):
        return None
    if found.earlier is not None and found.earlier.withdrawn_at is not None:
        return None
    return DraftView(
        found.text,
        found.sources.get("levels", {}),
        own=bool(found.sources.get("comments")),
        earlier=_earlier(principal, found.earlier, found) if found.earlier is not None else None,
    )


def _earlier(principal: Principal, mark: Mark, draft: FeedbackDraft) -> EarlierView:
    sentences = (" ".join(one.text.split()) for one in split(mark.feedback))
    return EarlierView(
        mark.answer_id,
        "" if mark.marker_id == principal.id else _marker_of(mark),
        draft.sources["alike"],
        tuple(one for one in sentences if one in draft.text),
    )


def _rubric(rubric: RubricVersion | None, *, maximum: Decimal) -> RubricView | None:
    if rubric is None:
        return None
    table = level_points(rubric.criteria, maximum=maximum)
    criteria = tuple(
        CriterionView(
            id=one["id"],
            text=one["text"],
            points=rounded(max(table[one["id"]].values())),
            levels=tuple(
                LevelView(
                    level["id"],
                    level["label"],
                    rounded(table[one["id"]][level["id"]]),
                    level.get("description", ""),
                    tuple(level.get("examples", ())),
                )
                for level in one["levels"]
            ),
        )
        for one in rubric.criteria
    )
    return RubricView(rubric.pk, rubric.number, rubric.digest, tuple(rubric.references), criteria)


def _proposal(answer: Answer) -> Proposal | None:
    return proposal_for(answer, applied_run(answer.question))


def _proposal_view(answer: Answer, proposal: Proposal) -> ProposalView:
    return ProposalView(
        id=proposal.pk,
        run_id=proposal.run_id,
        decision=proposal.decision,
        reason=proposal.reason,
        situation=proposal.situation,
        points=proposal.points,
        confidence=proposal.confidence,
        criteria=tuple(
            CriterionProposalView(
                criterion=one["criterion"],
                level=one["level"],
                points=Decimal(str(one["points"])),
                confidence=one.get("confidence", 0.0),
                start=one.get("start"),
                end=one.get("end"),
                missing=tuple(one.get("missing", ())),
            )
            for one in proposal.criteria
        ),
        neighbours=_neighbours(answer, proposal),
        model_digest=proposal.model_digest,
    )


def _neighbours(answer: Answer, proposal: Proposal) -> tuple[NeighbourView, ...]:
    """Return the marked answers that the proposal leans on, as they are now.

    Those that are gone are left out, and those so little alike that nobody would call them near.
    """
    told = {UUID(one["answer"]): one for one in proposal.neighbours}
    found = Answer.objects.for_organisation(answer.organisation_id).filter(pk__in=list(told), question=answer.question)
    texts: dict[UUID, str] = {}
    for one in found:
        one.question = answer.question
        texts[one.pk] = text_of(one)
    return tuple(
        NeighbourView(key, texts[key], Decimal(str(one["points"])), one["similarity"])
        for key, one in told.items()
        if key in texts and one["similarity"] >= LEAST_ALIKE
    )


def _marker_of(mark: Mark) -> str:
    if mark.marker is not None:
        return mark.marker.name
    return _("another system") if mark.origin == Mark.Origin.IMPORTED else ""


def mark_view(mark: Mark) -> MarkView:
    """Return a mark as markers see it."""
    return MarkView(
        id=mark.pk,
        kind=mark.kind,  # type: ignore[arg-type]
        origin=mark.origin,
        marker_id=mark.marker_id,
        marker=_marker_of(mark),
        levels=mark.levels,
        points=mark.points,
        feedback=mark.feedback,
        feedback_drafted=mark.feedback_drafted,
        override_reason=mark.override_reason,
        created_at=mark.created_at,
        withdrawn_at=mark.withdrawn_at,
    )
