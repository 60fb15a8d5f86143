"""The work on one course: mastery, review dates and advice of every learner for whom they were asked.

Everything follows from released marks and practice, so that computing again gives the same. While passages are searched
for no row is held; a learner for whom it was asked again meanwhile is computed again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.errors import InferenceError
from tutor.learning.advising import Item, State, advise
from tutor.learning.asking import publish
from tutor.learning.passages import PassageFinder, passages_of
from tutor.learning.responses import Response, ShownMark, history_of, practised, responses_of, shown_marks
from tutor.learning.tracing import Tracing, refit
from tutor.models import Advice, Course, LearnerProgress, Skill, SkillMastery
from tutor.tracing.mastery import Mastery, review

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200
LOST_AFTER: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Computed:
    """What one learner's answers come to."""

    mastery: Mapping[UUID, Mastery]
    states: Mapping[UUID, State]
    items: Sequence[Item]
    last_at: Mapping[UUID, datetime]


def work(organisation_id: UUID, course_id: UUID) -> None:
    """Compute what was asked for in a course. Delivered twice, it has one effect."""
    with acting_in(organisation_id):
        course = Course.objects.for_organisation(organisation_id).filter(pk=course_id).first()
        if course is None:
            return
        tracing = refit(course)
        # Estimates made with other parameters would not be comparable with the new ones.
        LearnerProgress.objects.for_organisation(organisation_id).filter(
            course=course, computed_at__isnull=False
        ).exclude(tracing=tracing.digest).filter(computed_at__gte=F("asked_at")).update(asked_at=timezone.now())
    try:
        _work_off(course, tracing)
    except InferenceError:
        # The rows still wait: the clock hands the course out again.
        logger.warning("advice waits for the model service", extra={"course": str(course_id)})


def _work_off(course: Course, tracing: Tracing) -> None:
    find = PassageFinder(course)
    for batch in _batches(course):
        with acting_in(course.organisation_id):
            learners = [one.learner_id for one in batch]
            marks, practice = shown_marks(course, learners), practised(course, learners)
            known = _known(course, learners)
            computed = {
                one: _compute(marks.get(one, []), practice.get(one, []), tracing, known.get(one, []))
                for one in learners
            }
            kept = _kept_passages(course, known)
        for progress in batch:
            items = computed[progress.learner_id].items
            chunks = {one.key: kept.get((progress.learner_id, one.key)) or find(_sought(one)) for one in items}
            _store(progress, computed[progress.learner_id], chunks, tracing)


def take_up(organisation_id: UUID) -> None:
    """Ask again for learners who have a date that came since, and queue courses in which somebody waits too long."""
    now = timezone.now()
    with acting_in(organisation_id):
        progress = LearnerProgress.objects.for_organisation(organisation_id)
        come = SkillMastery.objects.for_organisation(organisation_id).filter(
            learner=OuterRef("learner"),
            skill__course=OuterRef("course"),
            due_at__gt=OuterRef("computed_at"),
            due_at__lte=now,
        )
        due = progress.filter(Exists(come), computed_at__gte=F("asked_at"))
        courses = set(due.values_list("course", flat=True))
        due.update(asked_at=now)
        courses |= set(_waiting(progress).filter(asked_at__lt=now - LOST_AFTER).values_list("course", flat=True))
    for course_id in sorted(courses):
        publish(organisation_id, course_id)


def _waiting(progress: QuerySet[LearnerProgress]) -> QuerySet[LearnerProgress]:
    return progress.filter(Q(computed_at=None) | Q(computed_at__lt=F("asked_at")))


def _batches(course: Course) -> Iterator[list[LearnerProgress]]:
    """Yield the learners who wait, each once, a batch at a time."""
    last: UUID | None = None
    while True:
        with acting_in(course.organisation_id):
            rows = _waiting(LearnerProgress.objects.for_organisation(course.organisation_id)).filter(course=course)
            if last is not None:
                rows = rows.filter(pk__gt=last)
            batch = list(rows.order_by("pk")[:AT_ONCE])
        if not batch:
            return
        last = batch[-1].pk
        yield batch


def _compute(
    marks: Sequence[ShownMark], practice: Sequence[Response], tracing: Tracing, known: Sequence[Advice]
) -> Computed:
    responses = responses_of(marks, practice)
    history = history_of(responses)
    by_skill: dict[UUID, list[Response]] = {}
    for one in responses:
        by_skill.setdefault(one.skill_id, []).append(one)
    mastery = {skill_id: tracing.of(history, str(skill_id)) for skill_id in by_skill}
    states = {
        skill_id: State(
            skill_id,
            None if mastery[skill_id].basis == "too few" else mastery[skill_id].probability,
            len(own),
            _due(own),
        )
        for skill_id, own in by_skill.items()
    }
    items = advise(
        marks, responses, states, vetoed=[one.key for one in known if one.vetoed_at is not None], now=timezone.now()
    )
    return Computed(mastery, states, items, {skill_id: own[-1].at for skill_id, own in by_skill.items()})


def _due(responses: Sequence[Response]) -> datetime:
    """Return the next date of a skill, by going through its answers from the first."""
    step = review(None, share=responses[0].share, at=responses[0].at)
    for one in responses[1:]:
        step = review(step.card, share=one.share, at=one.at)
    return step.due_at


def _known(course: Course, learner_ids: Sequence[UUID]) -> dict[UUID, list[Advice]]:
    found: dict[UUID, list[Advice]] = {}
    rows = Advice.objects.for_organisation(course.organisation_id).filter(course=course, learner__in=learner_ids)
    for one in rows.defer("veto_reason"):
        found.setdefault(one.learner_id, []).append(one)
    return found


def _kept_passages(course: Course, known: Mapping[UUID, Sequence[Advice]]) -> dict[tuple[UUID, str], int]:
    """Return the passages that advice names already and that are still there, by learner and key."""
    rows = [one for own in known.values() for one in own]
    there = passages_of(course, [one.chunk for one in rows])
    return {(one.learner_id, one.key): one.chunk for one in rows if one.chunk is not None and one.chunk in there}


def _sought(item: Item) -> str:
    """Return what the material is searched for: the criterion with its question, as the staff wrote them."""
    if item.missed is None:
        return ""
    mark = item.missed.mark.mark
    criteria = mark.rubric.criteria if mark.rubric is not None else []
    texts = [str(one["text"]) for one in criteria if str(one["id"]) == item.missed.criterion]
    return " ".join([*texts, mark.answer.question.prompt])


def _store(progress: LearnerProgress, computed: Computed, chunks: Mapping[str, int | None], tracing: Tracing) -> None:
    organisation_id = progress.organisation_id
    with acting_in(organisation_id):
        held = (
            LearnerProgress.objects.for_organisation(organisation_id)
            .select_for_update()
            .filter(pk=progress.pk, asked_at=progress.asked_at)
            .first()
        )
        if held is None or (held.computed_at is not None and held.computed_at >= held.asked_at):
            # Asked for again since, or done by another delivery of the task.
            return
        _store_mastery(progress, computed)
        _store_advice(progress, computed.items, chunks)
        held.computed_at, held.tracing = timezone.now(), tracing.digest
        held.save(update_fields=["computed_at", "tracing"])
        record(
            organisation_id=organisation_id,
            actor=system_principal(organisation_id).actor,
            action="tutor.learning_computed",
            subject=Ref("learner", progress.learner_id),
            object=Ref("course", progress.course_id),
            digests={
                "tracing": tracing.digest,
                "skills": len(computed.mastery),
                "responses": sum(one.responses for one in computed.states.values()),
                "advice": len(computed.items),
            },
        )


def _store_mastery(progress: LearnerProgress, computed: Computed) -> None:
    of = SkillMastery.objects.for_organisation(progress.organisation_id)
    own = Skill.objects.for_organisation(progress.organisation_id).filter(course=progress.course_id)
    of.filter(learner=progress.learner_id, skill__in=own).exclude(skill__in=list(computed.mastery)).delete()
    there = set(own.values_list("pk", flat=True))
    SkillMastery.objects.bulk_create(
        [
            SkillMastery(
                organisation_id=progress.organisation_id,
                learner_id=progress.learner_id,
                skill_id=skill_id,
                responses=one.responses,
                probability=one.probability,
                low=one.low,
                high=one.high,
                basis=one.basis,
                last_at=computed.last_at[skill_id],
                due_at=computed.states[skill_id].due_at,
            )
            for skill_id, one in computed.mastery.items()
            if skill_id in there
        ],
        update_conflicts=True,
        unique_fields=["learner", "skill"],
        update_fields=["responses", "probability", "low", "high", "basis", "last_at", "due_at"],
    )


def _store_advice(progress: LearnerProgress, items: Sequence[Item], chunks: Mapping[str, int | None]) -> None:
    """Put the advice in the place of what was there; what teachers vetoed stays, to be remembered."""
    of = Advice.objects.for_organisation(progress.organisation_id).filter(
        learner=progress.learner_id, course=progress.course_id, vetoed_at=None
    )
    of.exclude(key__in=[one.key for one in items]).delete()
    vetoed = set(
        Advice.objects.for_organisation(progress.organisation_id)
        .filter(learner=progress.learner_id, course=progress.course_id, vetoed_at__isnull=False)
        .values_list("key", flat=True)
    )
    for position, item in enumerate(items):
        if item.key in vetoed:
            continue
        values = {
            "kind": item.kind,
            "position": position,
            "skill_id": item.skill_id,
            "mark_id": item.missed.mark.mark.pk if item.missed else None,
            "criterion": item.missed.criterion if item.missed else "",
            "chunk": chunks.get(item.key),
        }
        Advice.objects.for_organisation(progress.organisation_id).update_or_create(
            learner_id=progress.learner_id,
            course_id=progress.course_id,
            key=item.key,
            defaults=values,
            create_defaults={"organisation_id": progress.organisation_id, **values},
        )
