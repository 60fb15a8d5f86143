"""The two readable parts of an appeal bundle: facts without words, and the words that belong to them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from llmasos.audit.canonical import written_time
from llmasos.audit.models import Position
from tutor.marking.points import hundredths
from tutor.marking.running import features_digest
from tutor.marking.services.storing import levels_digest
from tutor.models import Answer, AnswerFile, Mark, Proposal, RegradeMessage, RubricVersion
from tutor.work.digests import question_digest, submission_document
from tutor.work.freezing import document_of

FORMAT, VERSION = "llmasos-appeal", 1
Document = dict[str, Any]


def facts_of(
    answer: Answer, marks: Sequence[Mark], proposals: Sequence[Proposal], shown: Sequence[Position]
) -> Document:
    """Return what the log says about a mark, with what its digests are taken of; no name and no word of anybody."""
    submission = answer.submission
    siblings = Answer.objects.for_organisation(answer.organisation_id).filter(submission=submission)
    handed_in = document_of(submission, list(siblings.select_related("question")))
    return {
        "format": FORMAT,
        "version": VERSION,
        "organisation": str(answer.organisation_id),
        "learner": str(answer.learner_id),
        "submission": submission_document(handed_in),
        "submission_digest": submission.digest,
        "answer": str(answer.pk),
        "answer_digest": answer.digest,
        "question": str(answer.question_id),
        "question_digest": question_digest(answer.question),
        "late_seconds": submission.late_seconds,
        "marks": [_mark(one) for one in marks],
        "proposals": [_proposal(one) for one in proposals],
        "entries": [
            {"seq": one.seq, "id": str(one.entry_id), "action": one.entry.action,
             "at": written_time(one.entry.recorded_at)}
            for one in shown
        ],
    }  # fmt: skip


def words_of(answer: Answer, marks: Sequence[Mark], *, name: str, for_staff: bool) -> Document:
    """Return the words that the digests in the facts are of. References are part of it for the staff alone."""
    of = answer.organisation_id
    files = AnswerFile.objects.for_organisation(of).filter(answer=answer).defer("content")
    messages = RegradeMessage.objects.for_organisation(of).filter(request__answer=answer)
    rubrics = RubricVersion.objects.for_organisation(of).filter(
        pk__in={one.rubric_id for one in marks if one.rubric_id is not None}
    )
    question = answer.question
    return {
        "learner": name,
        "answer": {
            "text": answer.text,
            "choices": sorted(answer.choices),
            "files": sorted(one.digest for one in files),
        },
        "question": {
            "id": str(question.pk),
            "kind": str(question.kind),
            "prompt": question.prompt,
            "points": format(question.points.normalize(), "f"),
            "options": [{"id": str(one.get("id", "")), "text": str(one.get("text", ""))} for one in question.options],
        },
        "rubrics": [
            {"digest": one.digest, "criteria": one.criteria, "references": one.references if for_staff else []}
            for one in rubrics.order_by("number")
        ],
        "feedback": {str(one.pk): one.feedback for one in marks if one.feedback},
        "regrade": [
            {"request": str(one.request_id), "at": written_time(one.created_at), "text": one.text}
            for one in messages.order_by("created_at", "pk")
        ],
    }


def shown_marks(answer: Answer, entries: Collection[Position]) -> list[Mark]:
    """Return the marks that the entries tell of, oldest first."""
    told = {UUID(key) for one in entries if (key := one.entry.digests.get("mark", "")) and isinstance(key, str)}
    rows = Mark.objects.for_organisation(answer.organisation_id).filter(answer=answer, pk__in=told)
    return list(rows.select_related("rubric").order_by("created_at", "pk"))


def shown_proposals(answer: Answer, entries: Collection[Position]) -> list[Proposal]:
    """Return the proposals that the entries tell of, oldest first."""
    told = {UUID(key) for one in entries if (key := one.entry.digests.get("proposal", "")) and isinstance(key, str)}
    rows = Proposal.objects.for_organisation(answer.organisation_id).filter(answer=answer, pk__in=told)
    return list(rows.select_related("run__rubric").order_by("created_at", "pk"))


def _mark(mark: Mark) -> Document:
    return {
        "id": str(mark.pk),
        "kind": str(mark.kind),
        "origin": str(mark.origin),
        "hundredths": hundredths(mark.points),
        "levels": dict(mark.levels),
        "levels_digest": levels_digest(mark.levels),
        "rubric_digest": mark.rubric.digest if mark.rubric is not None else "",
        "marker": str(mark.marker_id) if mark.marker_id else "",
        "replaces": str(mark.replaces_id) if mark.replaces_id else "",
        "given_at": written_time(mark.created_at),
    }


def _proposal(proposal: Proposal) -> Document:
    """Numbers stand as they are digested: as text of JSON with sorted keys, without spaces."""
    content = {"features": proposal.features, "criteria": proposal.criteria}
    return {
        "id": str(proposal.pk),
        "run": str(proposal.run_id),
        "decision": str(proposal.decision),
        "hundredths": hundredths(proposal.points),
        "model_digest": proposal.model_digest,
        "rubric_digest": proposal.run.rubric.digest,
        "features": json.dumps(content, sort_keys=True, separators=(",", ":")),
        "features_digest": features_digest(proposal),
        "neighbours": [str(one["answer"]) for one in proposal.neighbours],
    }
