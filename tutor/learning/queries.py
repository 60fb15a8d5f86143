"""Reads of learning, each recorded: a learner's own page, a course for its staff, one learner for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.retrieval.models import Chunk
from tutor.learning import wording
from tutor.learning.access import STAFF_ROLES, learner_in, own_course, readable_course, settings_of, taken_courses
from tutor.learning.passages import PassageView, passage_of, passages_of, quoted
from tutor.learning.types import AdviceRow, CourseLearning, LearnerLine, Learning, SkillCounts, SkillRow
from tutor.models import (
    Advice,
    Course,
    Enrolment,
    Learner,
    LearnerProgress,
    LearningSettings,
    Question,
    Release,
    Skill,
    SkillMastery,
)
from tutor.permissions import course_for
from tutor.practice.choosing import next_exercises
from tutor.work.access import own_learner


def own_courses(principal: Principal) -> list[Course]:
    """Return the courses that the signed-in learner takes. Raises PermissionDenied."""
    return list(taken_courses(own_learner(principal)).order_by("name", "created_at"))


def own_settings(principal: Principal) -> list[LearningSettings]:
    """Return what each course that the signed-in learner takes gives its learners. Raises PermissionDenied."""
    return [settings_of(course) for course in own_courses(principal)]


def own_learning(principal: Principal, course_id: UUID) -> Learning:
    """Return the signed-in learner's page of a course. Raises PermissionDenied, ``Course.DoesNotExist``."""
    learner, course = own_course(principal, course_id)
    return _learning(principal, course, learner, reader="learner")


def learning_of(principal: Principal, course_id: UUID, learner_id: UUID) -> Learning:
    """Return a learner's page for the staff of the course. Raises as ``learner_in``."""
    course, learner = learner_in(principal, course_id, learner_id, *STAFF_ROLES)
    return _learning(principal, course, learner, reader="staff")


def course_learning(principal: Principal, course_id: UUID, *, start: int, size: int) -> CourseLearning:
    """Return how a course stands, with a page of its learners in the order of enrolling; never in one of ability.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``.
    """
    course = course_for(principal, course_id, *STAFF_ROLES)
    enrolled = Enrolment.objects.for_organisation(principal.organisation_id).filter(course=course, withdrawn_at=None)
    total = enrolled.count()
    skills = list(Skill.objects.for_organisation(principal.organisation_id).filter(course=course))
    states: dict[UUID, dict[UUID, str]] = {}
    for one in SkillMastery.objects.for_organisation(principal.organisation_id).filter(
        skill__in=skills, learner__in=enrolled.values("learner")
    ):
        states.setdefault(one.learner_id, {})[one.skill_id] = wording.state_of(one)
    page = list(enrolled.select_related("learner").order_by("enrolled_at", "pk")[start : start + size])
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.learning_listed",
        object=Ref("course", course.pk),
        digests={"count": len(page)},
    )
    return CourseLearning(
        course,
        settings_of(course),
        tuple(_counts(skill, states, total) for skill in skills),
        _lines(course, [one.learner for one in page], states, skills),
        total,
    )


def material(principal: Principal, course_id: UUID, document_id: UUID) -> tuple[Course, list[PassageView]]:
    """Return a document of the course's material, passage by passage; nothing of a learner is in it.

    Raises:
        Course.DoesNotExist: the principal neither takes nor teaches such a course.
        Chunk.DoesNotExist: the course's material has no such document.
    """
    course = readable_course(principal, course_id)
    chunks = list(
        Chunk.objects.for_organisation(principal.organisation_id)
        .filter(document=document_id, document__deleted_at=None, collection=course.collection_id)
        .select_related("document")
        .defer("embedding")
        .order_by("position")
    )
    if not chunks:
        raise Chunk.DoesNotExist
    return course, [passage_of(one) for one in chunks]


def _learning(principal: Principal, course: Course, learner: Learner, *, reader: str) -> Learning:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.learning_read",
        subject=Ref("learner", learner.pk),
        object=Ref("course", course.pk),
        digests={"reader": reader},
    )
    of = principal.organisation_id
    mastery = {
        one.skill_id: one
        for one in SkillMastery.objects.for_organisation(of).filter(learner=learner, skill__course=course)
    }
    skills = Skill.objects.for_organisation(of).filter(course=course)
    progress = LearnerProgress.objects.for_organisation(of).filter(course=course, learner=learner).first()
    computed_at = progress.computed_at if progress is not None else None
    rows = _advice(course, learner, mastery)
    return Learning(
        course,
        learner,
        settings_of(course),
        tuple(_skill(skill, mastery[skill.pk]) for skill in skills if skill.pk in mastery),
        tuple(skill.name for skill in skills if skill.pk not in mastery),
        tuple(one for one in rows if one.vetoed_at is None),
        tuple(one for one in rows if one.vetoed_at is not None),
        is_waiting=progress is not None and (computed_at is None or computed_at < progress.asked_at),
        computed_at=computed_at,
    )


def _skill(skill: Skill, mastery: SkillMastery) -> SkillRow:
    state = wording.state_of(mastery)
    return SkillRow(
        name=skill.name,
        state=state,
        said=wording.said(state),
        band=wording.band_in_words(mastery),
        responses=mastery.responses,
        low=round(mastery.low * 100),
        high=round(mastery.high * 100),
        at=round(mastery.probability * 100),
        due_at=mastery.due_at,
        is_due=mastery.due_at <= timezone.now(),
    )


def _advice(course: Course, learner: Learner, mastery: Mapping[UUID, SkillMastery]) -> list[AdviceRow]:
    """Return the learner's advice. What stands on a mark that is no longer released is left out at once."""
    found = list(
        Advice.objects.for_organisation(course.organisation_id)
        .filter(course=course, learner=learner)
        .select_related(
            "skill", "mark__rubric", "mark__answer__question", "mark__answer__submission__assignment", "vetoed_by"
        )
        .defer("mark__feedback", "mark__answer__text")
    )
    releases = Release.objects.for_organisation(course.organisation_id).filter(
        submission__learner=learner, submission__assignment__course=course, withdrawn_at=None
    )
    shown = {mark_id for marks in releases.values_list("marks", flat=True) for mark_id in marks}
    found = [one for one in found if one.mark_id is None or one.mark_id in shown]
    passages = passages_of(course, [one.chunk for one in found])
    numbers = _numbers(course, {one.mark.answer.submission.assignment_id for one in found if one.mark is not None})
    exercises = next_exercises(course, learner) if settings_of(course).practice else {}
    return [_advice_row(one, passages, numbers, mastery, exercises) for one in found]


def _advice_row(
    advice: Advice,
    passages: Mapping[int, PassageView],
    numbers: Mapping[UUID, int],
    mastery: Mapping[UUID, SkillMastery],
    exercises: Mapping[UUID, UUID],
) -> AdviceRow:
    answer = advice.mark.answer if advice.mark is not None else None
    state = mastery.get(advice.skill_id) if advice.skill_id is not None else None
    passage = passages.get(advice.chunk) if advice.chunk is not None else None
    criterion = _criterion(advice)
    return AdviceRow(
        id=advice.pk,
        kind=advice.kind,
        skill=advice.skill.name if advice.skill is not None else "",
        assignment=answer.submission.assignment.title if answer is not None else "",
        submission_id=answer.submission_id if answer is not None else None,
        number=numbers.get(answer.question_id, 0) if answer is not None else 0,
        criterion=criterion,
        passage=passage,
        quote=quoted(passage.text, criterion or (answer.question.prompt if answer else "")) if passage else "",
        exercise_id=exercises.get(advice.skill_id) if advice.skill_id is not None else None,
        last_at=state.last_at if state is not None else None,
        vetoed_at=advice.vetoed_at,
        veto_reason=advice.veto_reason,
        vetoed_by=advice.vetoed_by.name if advice.vetoed_by is not None else "",
    )


def _criterion(advice: Advice) -> str:
    rubric = advice.mark.rubric if advice.mark is not None else None
    criteria = rubric.criteria if rubric is not None else []
    return next((str(one["text"]) for one in criteria if str(one["id"]) == advice.criterion), "")


def _numbers(course: Course, assignment_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the number that each question has on its page."""
    found: dict[UUID, int] = {}
    counted: Counter[UUID] = Counter()
    rows = Question.objects.for_organisation(course.organisation_id).filter(assignment__in=assignment_ids)
    for question_id, assignment_id in rows.values_list("pk", "assignment_id"):
        counted[assignment_id] += 1
        found[question_id] = counted[assignment_id]
    return found


def _counts(skill: Skill, states: Mapping[UUID, Mapping[UUID, str]], total: int) -> SkillCounts:
    counted = Counter(own[skill.pk] for own in states.values() if skill.pk in own)
    known = sum(counted[one] for one in (wording.LIKELY, wording.UNSURE, wording.UNLIKELY))
    return SkillCounts(
        skill.name, counted[wording.LIKELY], counted[wording.UNSURE], counted[wording.UNLIKELY], total - known
    )


def _lines(
    course: Course, learners: Sequence[Learner], states: Mapping[UUID, Mapping[UUID, str]], skills: Sequence[Skill]
) -> tuple[LearnerLine, ...]:
    given: Counter[UUID] = Counter()
    vetoed: Counter[UUID] = Counter()
    rows = Advice.objects.for_organisation(course.organisation_id).filter(course=course, learner__in=learners)
    for learner_id, vetoed_at in rows.values_list("learner_id", "vetoed_at"):
        (given if vetoed_at is None else vetoed)[learner_id] += 1
    lines = []
    for learner in learners:
        counted = Counter(states.get(learner.pk, {}).values())
        known = sum(counted[one] for one in (wording.LIKELY, wording.UNSURE, wording.UNLIKELY))
        lines.append(
            LearnerLine(
                learner.pk,
                learner.name,
                counted[wording.LIKELY],
                counted[wording.UNSURE],
                counted[wording.UNLIKELY],
                len(skills) - known,
                given[learner.pk],
                vetoed[learner.pk],
            )
        )
    return tuple(lines)
