"""Marks as they are stored and withdrawn: many in a few statements, each with its own entry in the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record, recorded_together
from llmasos.audit.types import Ref
from llmasos.vault.services import keys_at_hand
from tutor.jobs import Step, in_parts, unseen
from tutor.marking.points import hundredths
from tutor.models import Answer, GroupAct, Mark, MarksImport, Proposal


@dataclass(frozen=True, slots=True)
class Value:
    """What a mark gives: levels by criterion (empty where it was given as a whole), and the points."""

    levels: Mapping[str, str]
    points: Decimal


def new_mark(
    principal: Principal,
    answer: Answer,
    *,
    kind: str,
    origin: Mark.Origin,
    value: Value,
    replaces: Mark | None,
    proposal: Proposal | None = None,
    feedback: str = "",
    feedback_drafted: bool = False,
    override_reason: str = "",
    client_id: UUID | None = None,
    group_act: GroupAct | None = None,
    marks_import: MarksImport | None = None,
) -> Mark:
    """Return a mark that is not stored yet. The caller has checked everything and holds the answer's row."""
    return Mark(
        organisation_id=principal.organisation_id,
        answer=answer,
        learner_id=answer.learner_id,
        rubric=answer.question.rubric,
        answer_digest=answer.digest,
        kind=kind,
        origin=origin,
        # Marks that a program brings in are of people whom it does not name.
        marker_id=principal.id if principal.kind == "person" else None,
        levels=dict(value.levels),
        points=value.points,
        feedback=feedback.strip(),
        feedback_drafted=feedback_drafted and bool(feedback.strip()),
        proposal=proposal,
        override_reason=override_reason,
        replaces=replaces,
        client_id=client_id,
        group_act=group_act,
        marks_import=marks_import,
    )


def store_marks(
    principal: Principal, marks: Sequence[Mark], *, digests: Mapping[str, str] | None = None, step: Step = unseen
) -> None:
    """Store new marks in the place of those that they replace, and record each with ``digests`` beside its own."""
    of = principal.organisation_id
    replaced = [mark.replaces_id for mark in marks if mark.replaces_id is not None]
    Mark.objects.for_organisation(of).filter(pk__in=replaced).update(withdrawn_at=timezone.now())
    for part in in_parts(marks, step):
        learners = {("learner", mark.learner_id) for mark in part}
        with keys_at_hand(organisation_id=of, subjects=learners), recorded_together():
            Mark.objects.bulk_create(part)
            for mark in part:
                _record_given(principal, mark, digests or {})


def withdraw(principal: Principal, marks: Sequence[Mark], *, reason: str = "", step: Step = unseen) -> None:
    """Withdraw marks, let those that they replaced stand again, and record each. The caller holds the answers' rows.

    ``reason`` is a code of ``finals.Correction`` where one has to be given.
    """
    of = Mark.objects.for_organisation(principal.organisation_id)
    now = timezone.now()
    of.filter(pk__in=[mark.pk for mark in marks]).update(withdrawn_at=now)
    again = {
        mark.pk: one for mark in marks if (one := mark.replaces) is not None and one.answer_digest == mark.answer_digest
    }
    of.filter(pk__in=[one.pk for one in again.values()]).update(withdrawn_at=None)
    for part in in_parts(marks, step):
        with recorded_together():
            for mark in part:
                mark.withdrawn_at = now
                _record_withdrawn(principal, mark, again.get(mark.pk), reason)


def levels_digest(levels: Mapping[str, str]) -> str:
    """Return the digest of levels by criterion, for the log; empty where points were given as a whole."""
    return hashlib.sha256(json.dumps(dict(levels), sort_keys=True).encode()).hexdigest() if levels else ""


def _record_withdrawn(principal: Principal, mark: Mark, restored: Mark | None, reason: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.mark_withdrawn",
        subject=Ref("learner", mark.learner_id),
        object=Ref("answer", mark.answer_id),
        digests={
            "mark": str(mark.pk),
            "kind": str(mark.kind),
            "before": hundredths(mark.points),
            "after": hundredths(restored.points) if restored is not None else None,
            "restored": str(restored.pk) if restored is not None else "",
            "correction": reason,
        },
    )


def _record_given(principal: Principal, mark: Mark, digests: Mapping[str, str]) -> None:
    answer, rubric, before, proposal = mark.answer, mark.rubric, mark.replaces, mark.proposal
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.marked",
        subject=Ref("learner", answer.learner_id),
        object=Ref("answer", answer.pk),
        digests={
            "mark": str(mark.pk),
            "kind": str(mark.kind),
            "origin": str(mark.origin),
            "answer": answer.digest,
            "submission": answer.submission.digest,
            "rubric": rubric.digest if rubric is not None else "",
            "before": hundredths(before.points) if before is not None else None,
            "replaces": str(before.pk) if before is not None else "",
            "after": hundredths(mark.points),
            "levels": levels_digest(mark.levels),
            "proposal": str(proposal.pk) if proposal is not None else "",
            "proposed": hundredths(proposal.points) if proposal is not None and proposal.points is not None else None,
            "reason": mark.override_reason,
            "feedback_drafted": mark.feedback_drafted,
            **digests,
        },
    )
