"""What a file of marks would do: whose answers its rows mean, and which of them can be marked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.vault import blind, normalising
from tutor.interchange.marks.reading import GivenMark, MarksFile, Shape, read_marks
from tutor.interchange.problems import Problem
from tutor.interchange.tables import Table
from tutor.marking.access import standing
from tutor.marking.shown import applied_run, marks_of
from tutor.models import (
    Answer,
    Assignment,
    Enrolment,
    Learner,
    Mark,
    MarkingLock,
    Proposal,
    Question,
    Release,
    Submission,
)

_PURPOSE: Final = "tutor.learner.identifier"
Effect = Literal["new", "replaces", "same", "kept"]


@dataclass(frozen=True, slots=True)
class PlannedMark:
    """A row's mark on its answer. ``kept`` has another mark that stays because nobody said to replace it."""

    line: int
    number: int
    answer: Answer
    points: Decimal
    feedback: str
    before: Mark | None
    effect: Effect


@dataclass(frozen=True, slots=True)
class MarksPlan:
    """What importing a file would do, to the last row. ``digest`` goes back with the act."""

    marks: tuple[PlannedMark, ...]
    problems: tuple[Problem, ...]
    empty: int
    digest: str

    @property
    def given(self) -> tuple[PlannedMark, ...]:
        """The marks that would be given."""
        return tuple(one for one in self.marks if one.effect in {"new", "replaces"})

    def count(self, effect: Effect) -> int:
        return sum(one.effect == effect for one in self.marks)


def questions_of(assignment: Assignment) -> list[Question]:
    """Return the assignment's questions in their order; a file's question 1 is the first."""
    rows = Question.objects.for_organisation(assignment.organisation_id).filter(assignment=assignment)
    return list(rows.select_related("rubric").order_by("position", "created_at"))


def plan_marks(
    assignment: Assignment, table: Table, *, person_id: UUID | None, replace: bool, lock: bool = False
) -> MarksPlan:
    """Say for every row of a table what it would do, as person ``person_id`` (None: a program). Inside ``acting_in``.

    Where marking is anonymous, work that is not released is named by its pseudonym alone. ``lock`` holds the answers'
    rows until the transaction ends.

    Raises:
        UnreadableFileError: the table holds no marks of this assignment.
    """
    questions = questions_of(assignment)
    read = read_marks(table, Shape(assignment.title, tuple(one.points for one in questions)))
    people = _People(assignment, read)
    answers = standing(assignment.organisation_id).filter(submission__assignment=assignment)
    held = answers.select_for_update(of=("self",)) if lock else answers
    by_place: dict[tuple[UUID, UUID], Answer] = {}
    for answer in held.select_related("submission").order_by("pk"):
        by_place[answer.submission_id, answer.question_id] = answer
    places = _Places(assignment, questions, people, by_place, person_id, replace=replace)
    marks: list[PlannedMark] = []
    problems = list(read.problems)
    for given in read.marks:
        for found in places.of(given):
            if isinstance(found, Problem):
                problems.append(found)
            else:
                marks.append(found)
    problems.sort(key=lambda one: one.line)
    return MarksPlan(tuple(marks), tuple(problems), read.empty, _digest(marks))


def proposals_of(questions: Iterable[Question], answer_ids: Sequence[UUID]) -> dict[UUID, Proposal]:
    """Return the proposals that markers are shown, by answer."""
    found: dict[UUID, Proposal] = {}
    for question in questions:
        run = applied_run(question)
        if run is not None:
            rows = Proposal.objects.for_organisation(question.organisation_id).filter(run=run, answer__in=answer_ids)
            found |= {one.answer_id: one for one in rows.filter(answer_digest=F("answer__digest"))}
    return found


class _People:
    """Whose work a row means, by the identifiers or the pseudonym in it."""

    def __init__(self, assignment: Assignment, read: MarksFile) -> None:
        of = assignment.organisation_id
        self.anonymous = assignment.anonymous
        self.has_pseudonyms = any(given.pseudonym for given in read.marks)
        handed_in = Submission.objects.for_organisation(of).filter(
            assignment=assignment, state=Submission.State.SUBMITTED
        )
        latest: dict[UUID, UUID] = {}
        self.by_pseudonym: dict[str, UUID] = {}
        for pk, learner_id, pseudonym in handed_in.order_by("attempt").values_list("pk", "learner_id", "pseudonym"):
            latest[learner_id] = pk
            self.by_pseudonym[pseudonym.casefold()] = pk
        self.latest = latest
        released = Release.objects.for_organisation(of).filter(submission__in=latest.values(), withdrawn_at=None)
        self.released = set(released.values_list("submission_id", flat=True)) if self.anonymous else set()
        self.entries = {
            value: blind.digests(of, _PURPOSE, normalising.identifier_entries(value))
            for given in read.marks
            for value in given.identifiers
        }
        wanted = [digest for digests in self.entries.values() for digest in digests]
        course = Enrolment.objects.for_organisation(of).filter(course=assignment.course_id).values("learner_id")
        known = Learner.objects.for_organisation(of).filter(pk__in=course, identifier_index__overlap=wanted)
        self.by_digest: dict[bytes, set[UUID]] = {}
        for pk, index in known.values_list("pk", "identifier_index"):
            for digest in index:
                self.by_digest.setdefault(bytes(digest), set()).add(pk)

    def submission_of(self, given: GivenMark) -> UUID | Problem:
        """Return the submission that counts for the row, or what is wrong with the row."""
        learners = {
            learner
            for value in given.identifiers
            for digest in self.entries[value]
            for learner in self.by_digest.get(digest, ())
        }
        if given.pseudonym:
            found = self.by_pseudonym.get(given.pseudonym.casefold())
            if found is None:
                return _problem(given, _("Nobody handed anything in under this pseudonym: look at it again."))
            return found
        found = self.latest.get(next(iter(learners))) if len(learners) == 1 else None
        # Said of everybody alike: what a row comes to would tell whose work it is.
        if self.anonymous and found not in self.released:
            advice = _("Marking is anonymous until the release: use the sheet, which names pseudonyms.")
            return _problem(given, advice)
        # Both together would say which pseudonym is whose.
        if self.anonymous and (self.has_pseudonyms or given.digest):
            advice = _("Marking is anonymous here: a file names people or pseudonyms, not both. Make two files.")
            return _problem(given, advice)
        if len(learners) > 1:
            return _problem(given, _("The number and the address belong to two learners: correct or remove one."))
        if not learners:
            return _problem(given, _("Nobody in this course has this number or address: correct it."))
        if found is None:
            return _problem(given, _("This learner has handed nothing in: there is nothing to mark."))
        return found


class _Places:
    """The answers that rows mean, and what keeps some of them from being marked."""

    def __init__(
        self,
        assignment: Assignment,
        questions: Sequence[Question],
        people: _People,
        answers: Mapping[tuple[UUID, UUID], Answer],
        person_id: UUID | None,
        *,
        replace: bool,
    ) -> None:
        of = assignment.organisation_id
        self.questions, self.people, self.answers = questions, people, answers
        self.person_id, self.replace = person_id, replace
        ids = [one.pk for one in answers.values()]
        self.marks = marks_of(of, ids)
        locks = MarkingLock.objects.for_organisation(of).filter(answer__in=ids, expires_at__gt=timezone.now())
        others = locks if person_id is None else locks.exclude(person_id=person_id)
        self.locked = set(others.values_list("answer_id", flat=True))
        self.seen: dict[UUID, int] = {}

    def of(self, given: GivenMark) -> Iterator[PlannedMark | Problem]:
        """Give the marks that a row means: one, or one a question where it gives nothing or everything."""
        submission = self.people.submission_of(given)
        if isinstance(submission, Problem):
            yield submission
            return
        if given.question or len(self.questions) == 1:
            yield self._mark(given, submission, given.question or 1, given.points)
            return
        whole = sum((one.points for one in self.questions), Decimal(0))
        if given.points not in {Decimal(0), whole}:
            advice = _(
                "These are points for %(count)s questions at once: give a column to each, “question 1” and so on."
            )
            yield _problem(given, advice % {"count": len(self.questions)})
        elif given.feedback:
            yield _problem(given, _("Say which question the feedback is for: give a column to each."))
        else:
            for number, question in enumerate(self.questions, start=1):
                yield self._mark(given, submission, number, question.points if given.points else Decimal(0))

    def _mark(self, given: GivenMark, submission: UUID, number: int, points: Decimal) -> PlannedMark | Problem:
        question = self.questions[number - 1]
        answer = self.answers.get((submission, question.pk))
        if answer is None:
            return _problem(given, _("This work has no answer to that question, or a later attempt was handed in."))
        answer.question = question
        if given.digest and given.digest != answer.digest:
            return _problem(given, _("The answer has changed since the sheet was made: take a new sheet for this row."))
        if (line := self.seen.setdefault(answer.pk, given.line)) != given.line:
            return _problem(given, _("Line %(line)s marks the same answer: remove one of the two.") % {"line": line})
        stands = self.marks.get(answer.pk, {})
        before, final = stands.get(Mark.Kind.FIRST), stands.get(Mark.Kind.FINAL)
        planned = PlannedMark(given.line, number, answer, points, given.feedback, before, "new")
        current = final or before
        if current is not None and current.points == points and given.feedback in {"", current.feedback}:
            return _with(planned, "same")
        if before is not None and not self.replace:
            return _with(planned, "kept")
        if final is not None:
            return _problem(given, _("This answer was moderated: change its mark under Moderation."))
        second = stands.get(Mark.Kind.SECOND)
        if self.person_id is not None and second is not None and second.marker_id == self.person_id:
            return _problem(given, _("You gave the second mark here: somebody else has to give the first."))
        if answer.pk in self.locked:
            return _problem(given, _("Another marker has this answer open: import this row again in five minutes."))
        return _with(planned, "replaces" if before is not None else "new")


def _with(planned: PlannedMark, effect: Effect) -> PlannedMark:
    return PlannedMark(
        planned.line, planned.number, planned.answer, planned.points, planned.feedback, planned.before, effect
    )


def _problem(given: GivenMark, advice: str) -> Problem:
    return Problem(given.line, given.column, advice)


def _digest(marks: Sequence[PlannedMark]) -> str:
    lines = [
        [
            str(one.answer.pk),
            one.answer.digest,
            str(one.points),
            hashlib.sha256(one.feedback.encode()).hexdigest(),
            str(one.before.pk) if one.before is not None else "",
            one.effect,
        ]
        for one in marks
    ]
    return hashlib.sha256(json.dumps(lines).encode()).hexdigest()
