"""One mark for many answers: previewed, given to exactly what was shown, and undone as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.jobs import Step, unseen
from tutor.marking.access import FIRST_MARKERS, question_for, require_person, standing_for
from tutor.marking.errors import NotFoundError, NothingToDoError, PreviewChangedError
from tutor.marking.group_types import GroupPreview, Skipped, SkipReason, Undone
from tutor.marking.learning import learn_from_marks
from tutor.marking.queries.queues import question_queue
from tutor.marking.services.groups import group_for
from tutor.marking.services.marks import checked_reason, origin_of, value_of
from tutor.marking.services.storing import Value, new_mark, store_marks
from tutor.marking.services.undoing import take_back
from tutor.marking.shown import applied_run, marks_of, proposed_levels
from tutor.models import Answer, AnswerGroup, GroupAct, GroupMember, Mark, MarkingLock, Proposal, Question
from tutor.permissions import courses_of


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an act would do: the answers that it marks, with what is proposed for them, and those that it leaves out."""

    takes: tuple[Answer, ...]
    proposals: Mapping[UUID, Proposal]
    skipped: tuple[Skipped, ...]


def preview_group(
    principal: Principal, group_id: UUID, *, levels: Mapping[str, str] | None = None, points: Decimal | None = None
) -> GroupPreview:
    """Return which members would get the mark, and which are left out and why. Nothing is written.

    Raises:
        NotFoundError, PermissionDenied, InvalidMarkError.
    """
    with acting_in(principal.organisation_id):
        group = group_for(principal, group_id, *FIRST_MARKERS)
        value = value_of(group.question, levels=levels, points=points)
        return _preview(group.question, _group_plan(principal, group), {}, value=value, group=group)


def apply_group(
    principal: Principal,
    group_id: UUID,
    *,
    preview_digest: str,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    override_reason: str = "",
    client_id: UUID | None = None,
    step: Step = unseen,
) -> GroupAct:
    """Give the mark to exactly the members of the preview. A repeated ``client_id`` gives back the act that it made.

    Raises:
        NotFoundError, PermissionDenied, InvalidMarkError.
        PreviewChangedError: it would do anything else than the preview showed.
        ReasonNeededError: it overrides proposals, and no reason was given.
        NothingToDoError: nobody would get a mark.
    """
    require_person(principal)
    with acting_in(principal.organisation_id):
        group = group_for(principal, group_id, *FIRST_MARKERS)
        if (made := _made(principal, client_id)) is not None:
            return made
        value = value_of(group.question, levels=levels, points=points)
        plan = _group_plan(principal, group, lock=True)
        seen = _preview(group.question, plan, {}, value=value, group=group)
        reason = checked_reason(override_reason, needed=bool(seen.overridden))
        values = dict.fromkeys((one.pk for one in plan.takes), value)
        return _give(
            principal, group.question, plan, values, seen, preview_digest, group=group, feedback=feedback,
            reason=reason, client_id=client_id, step=step,
        )  # fmt: skip


def preview_confirm(principal: Principal, question_id: UUID) -> GroupPreview:
    """Return which answers of the queue "confirm" would get what is proposed for them. Nothing is written.

    Raises:
        NotFoundError, PermissionDenied.
    """
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        plan, values = _confirm_plan(principal, question)
        return _preview(question, plan, values)


def confirm_proposals(
    principal: Principal,
    question_id: UUID,
    *,
    preview_digest: str,
    client_id: UUID | None = None,
    step: Step = unseen,
) -> GroupAct:
    """Confirm exactly the proposals of the preview, each as it stands. Raises as ``apply_group``."""
    require_person(principal)
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        if (made := _made(principal, client_id)) is not None:
            return made
        plan, values = _confirm_plan(principal, question, lock=True)
        seen = _preview(question, plan, values)
        return _give(principal, question, plan, values, seen, preview_digest, client_id=client_id, step=step)


def undo_group_act(principal: Principal, act_id: UUID, *, step: Step = unseen) -> Undone:
    """Take back every mark of an act that still stands; what a person has changed since stays.

    Raises:
        NotFoundError, PermissionDenied: acts are undone by who did them, or by a teacher.
        NothingToDoError: it was undone already.
    """
    require_person(principal)
    with acting_in(principal.organisation_id):
        act = (
            GroupAct.objects.for_organisation(principal.organisation_id)
            .select_for_update(of=("self",))
            .select_related("question__assignment")
            .filter(pk=act_id, question__assignment__course__in=courses_of(principal))
            .first()
        )
        if act is None:
            raise NotFoundError
        return take_back(
            principal,
            act,
            require_person(principal),
            Mark.objects.for_organisation(principal.organisation_id).filter(group_act=act),
            course_id=act.question.assignment.course_id,
            action="tutor.group_undone",
            marked=Ref("question", act.question_id),
            name="act",
            step=step,
        )


def _made(principal: Principal, client_id: UUID | None) -> GroupAct | None:
    if client_id is None:
        return None
    return GroupAct.objects.for_organisation(principal.organisation_id).filter(client_id=client_id).first()


def _group_plan(principal: Principal, group: AnswerGroup, *, lock: bool = False) -> _Plan:
    pinned = dict(
        GroupMember.objects.for_organisation(principal.organisation_id)
        .filter(group=group)
        .values_list("answer_id", "answer_digest")
    )
    return _plan(principal, group.question, pinned, lock=lock)


def _confirm_plan(principal: Principal, question: Question, *, lock: bool = False) -> tuple[_Plan, dict[UUID, Value]]:
    ids = question_queue(principal, question.pk, queue="confirm").ids
    answers = Answer.objects.for_organisation(principal.organisation_id).filter(pk__in=ids)
    plan = _plan(principal, question, dict(answers.values_list("pk", "digest")), lock=lock)
    values = {}
    for one in plan.takes:
        proposal = plan.proposals[one.pk]
        levels = proposed_levels(proposal)
        values[one.pk] = value_of(question, levels=levels or None, points=None if levels else proposal.points)
    return plan, values


def _plan(principal: Principal, question: Question, pinned: Mapping[UUID, str], *, lock: bool) -> _Plan:
    """Sort the answers at their pinned versions into those that would be marked and those that are left out."""
    rows = standing_for(question).filter(pk__in=list(pinned)).select_related("submission")
    answers = list(rows.select_for_update(of=("self",)) if lock else rows)
    marks = marks_of(principal.organisation_id, pinned)
    locked = set(
        MarkingLock.objects.for_organisation(principal.organisation_id)
        .filter(answer__in=list(pinned), expires_at__gt=timezone.now())
        .exclude(person_id=require_person(principal))
        .values_list("answer_id", flat=True)
    )
    run = applied_run(question)
    proposals = Proposal.objects.for_organisation(principal.organisation_id).filter(run=run, answer__in=list(pinned))
    takes, skipped = [], []
    for answer in answers:
        answer.question = question
        why: SkipReason | None = None
        if {"first", "final"} & set(marks.get(answer.pk, {})):
            why = "marked"
        elif answer.digest != pinned[answer.pk]:
            why = "changed"
        elif answer.pk in locked:
            why = "locked"
        if why is None:
            takes.append(answer)
        else:
            skipped.append(Skipped(answer.pk, answer.submission.pseudonym, why))
    return _Plan(tuple(takes), {one.answer_id: one for one in proposals} if run else {}, tuple(skipped))


def _preview(
    question: Question,
    plan: _Plan,
    values: Mapping[UUID, Value],
    *,
    value: Value | None = None,
    group: AnswerGroup | None = None,
) -> GroupPreview:
    overridden = 0
    lines: list[Sequence[Any]] = []
    for one in plan.takes:
        given = value or values[one.pk]
        overridden += origin_of(given, plan.proposals.get(one.pk)) == Mark.Origin.OVERRIDDEN
        lines.append([str(one.pk), one.digest, dict(given.levels), str(given.points)])
    rubric = question.rubric.digest if question.rubric is not None else ""
    content = json.dumps([rubric, lines], sort_keys=True)
    return GroupPreview(
        group_id=group.pk if group is not None else None,
        points=value.points if value is not None else None,
        levels=value.levels if value is not None else {},
        takes=tuple((one.pk, one.submission.pseudonym) for one in plan.takes),
        skipped=plan.skipped,
        overridden=overridden,
        digest=hashlib.sha256(content.encode()).hexdigest(),
    )


def _give(
    principal: Principal,
    question: Question,
    plan: _Plan,
    values: Mapping[UUID, Value],
    seen: GroupPreview,
    preview_digest: str,
    *,
    group: AnswerGroup | None = None,
    feedback: str = "",
    reason: str = "",
    client_id: UUID | None = None,
    step: Step,
) -> GroupAct:
    if seen.digest != preview_digest:
        raise PreviewChangedError
    if not plan.takes:
        raise NothingToDoError
    act = GroupAct.objects.create(
        organisation_id=principal.organisation_id,
        question=question,
        group=group,
        person_id=principal.id,
        count=len(plan.takes),
        client_id=client_id,
    )
    marks = []
    for answer in plan.takes:
        value, proposal = values[answer.pk], plan.proposals.get(answer.pk)
        origin = origin_of(value, proposal)
        overrides = origin == Mark.Origin.OVERRIDDEN
        marks.append(
            new_mark(
                principal,
                answer,
                kind=Mark.Kind.FIRST,
                origin=origin if group is None else Mark.Origin.GROUP,
                value=value,
                replaces=None,
                proposal=proposal,
                feedback=feedback,
                override_reason=reason if overrides else "",
                group_act=act,
            )
        )
    store_marks(principal, marks, digests={"act": str(act.pk)}, step=step)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.group_marked",
        object=Ref("question", question.pk),
        digests={
            "act": str(act.pk),
            "group": str(group.pk) if group is not None else "",
            "count": act.count,
            "preview": preview_digest,
            "overridden": seen.overridden,
        },
    )
    learn_from_marks(principal, question)
    return act
