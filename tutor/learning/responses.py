"""What learners were seen to do: released marks and practice, in the order in which it was done. Never a draft."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutor.marking.points import share
from tutor.models import Course, Mark, PracticeTry, QuestionSkill, Release
from tutor.tracing.histories import History
from tutor.tracing.mastery import RIGHT_FROM

AT_ONCE = 5_000
_PRACTICE = ("learner", "exercise", "share", "answered_at")


@dataclass(frozen=True, slots=True)
class Response:
    """One answer of a learner to something that needed a skill: its share of the points (0 to 1) and its time."""

    skill_id: UUID
    share: float
    at: datetime

    @property
    def is_right(self) -> bool:
        return self.share >= RIGHT_FROM


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A released mark with the skills that its question needs; ``at`` is when the answer was handed in."""

    mark: Mark
    skill_ids: tuple[UUID, ...]
    at: datetime

    @property
    def share(self) -> float:
        return share(self.mark.points, maximum=self.mark.answer.question.points)


def shown_marks(course: Course, learner_ids: Collection[UUID] | None = None) -> dict[UUID, list[ShownMark]]:
    """Return the marks that are released now, by learner (all of the course without ``learner_ids``), oldest first."""
    releases = Release.objects.for_organisation(course.organisation_id).filter(
        submission__assignment__course=course, withdrawn_at=None
    )
    if learner_ids is not None:
        releases = releases.filter(submission__learner__in=learner_ids)
    ids = [mark_id for marks in releases.values_list("marks", flat=True) for mark_id in marks]
    skills = _skills_of_questions(course)
    found: dict[UUID, list[ShownMark]] = defaultdict(list)
    for mark in _marks(course, ids):
        at = mark.answer.submission.submitted_at or mark.answer.submission.started_at
        found[mark.learner_id].append(ShownMark(mark, skills.get(mark.answer.question_id, ()), at))
    for marks in found.values():
        marks.sort(key=lambda one: (one.at, one.mark.answer.question.position, str(one.mark.pk)))
    return found


def practised(course: Course, learner_ids: Collection[UUID] | None = None) -> dict[UUID, list[Response]]:
    """Return what was practised, by learner, oldest first: of each exercise the first answer of a day.

    Who has just read what a good answer says, and writes it, has shown nothing.
    """
    tries = PracticeTry.objects.for_organisation(course.organisation_id).filter(
        exercise__course=course, share__isnull=False, answered_at__isnull=False
    )
    if learner_ids is not None:
        tries = tries.filter(learner__in=learner_ids)
    found: dict[UUID, list[Response]] = defaultdict(list)
    seen = set()
    for one in tries.select_related("exercise").only("exercise__skill", *_PRACTICE).order_by("answered_at", "pk"):
        if one.share is None or one.answered_at is None:
            continue
        first_of_day = (one.learner_id, one.exercise_id, one.answered_at.date())
        if first_of_day not in seen:
            seen.add(first_of_day)
            found[one.learner_id].append(Response(one.exercise.skill_id, one.share, one.answered_at))
    return found


def responses_of(marks: Iterable[ShownMark], practice: Iterable[Response] = ()) -> list[Response]:
    """Return a learner's responses, oldest first; an answer that needed several skills is one response to each."""
    marked = [Response(skill_id, one.share, one.at) for one in marks for skill_id in one.skill_ids]
    return sorted([*marked, *practice], key=lambda one: one.at)


def history_of(responses: Sequence[Response]) -> History:
    return History(tuple(str(one.skill_id) for one in responses), tuple(int(one.is_right) for one in responses))


def _marks(course: Course, ids: Sequence[UUID]) -> Iterable[Mark]:
    for start in range(0, len(ids), AT_ONCE):
        yield from (
            Mark.objects.for_organisation(course.organisation_id)
            .filter(pk__in=ids[start : start + AT_ONCE])
            .select_related("answer__question", "answer__submission", "rubric")
            # Only who, what and how many points: no word of an answer is opened for this.
            .defer("feedback", "answer__text")
        )


def _skills_of_questions(course: Course) -> dict[UUID, tuple[UUID, ...]]:
    links = QuestionSkill.objects.for_organisation(course.organisation_id).filter(question__assignment__course=course)
    found: dict[UUID, tuple[UUID, ...]] = {}
    for question_id, skill_id in links.order_by("skill_id").values_list("question_id", "skill_id"):
        found[question_id] = (*found.get(question_id, ()), skill_id)
    return found
