"""A small school: one course, its teacher and a second one, two pupils, a short-answer assignment."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmasos.accounts.models import Organisation, Person
    from llmasos.accounts.principals import Principal
    from tutor.models import Answer, Assignment, Course, Learner, Question


def principal_of(organisation: Organisation, person: Person) -> Principal:
    from llmasos.accounts.models import Membership
    from llmasos.accounts.principals import Principal
    from llmasos.accounts.tenancy import acting_in

    with acting_in(organisation):
        roles = Membership.objects.for_organisation(organisation).filter(person=person).values_list("role", flat=True)
        return Principal(organisation.pk, "person", person.pk, frozenset(roles))


def member(organisation: Organisation, name: str, role: str) -> Person:
    from llmasos.accounts.models import Membership, Person
    from llmasos.accounts.tenancy import acting_in

    # Without a password: nobody types one here, and computing its digest takes longer than most tests.
    person = Person.objects.create_user(f"{name}@shop.example", name=name.title())
    with acting_in(organisation):
        Membership.objects.create(organisation=organisation, person=person, role=role)
    return person


@dataclass(frozen=True)
class School:
    """The cast of a course and its one assignment, as rows."""

    organisation: Organisation
    course: Course
    assignment: Assignment
    question: Question
    teacher: Person
    second_teacher: Person
    pupil_person: Person
    other_pupil_person: Person
    pupil: Learner
    other_pupil: Learner
    answer: Callable[..., Answer]

    @property
    def id(self) -> UUID:
        return self.organisation.pk

    def principal(self, person: Person) -> Principal:
        return principal_of(self.organisation, person)


@pytest.fixture
def school(organisation: Organisation) -> School:
    """A published assignment with one short question of two criteria; `answer(learner, text)` hands one in."""
    from llmasos.accounts.tenancy import acting_in
    from tutor import models

    teacher = member(organisation, "teacher", "teacher")
    second_teacher = member(organisation, "second", "teacher")
    pupil_person = member(organisation, "pupil", "student")
    other_pupil_person = member(organisation, "other", "student")
    owned = {"organisation": organisation}
    with acting_in(organisation):
        course = models.Course.objects.create(**owned, name="Physics 9")
        for person, role in ((teacher, "teacher"), (second_teacher, "second_marker")):
            models.CourseStaff.objects.create(**owned, course=course, person=person, role=role)
        learners = []
        for person in (pupil_person, other_pupil_person):
            learner = models.Learner.objects.create(**owned, person=person, name=person.name, number=person.name)
            models.Enrolment.objects.create(**owned, course=course, learner=learner)
            learners.append(learner)
        assignment = models.Assignment.objects.create(**owned, course=course, title="Heat", state="published")
        question = models.Question.objects.create(
            **owned, assignment=assignment, prompt="Why does a puddle vanish on a warm day?", points=Decimal(2)
        )
        rubric = models.RubricVersion.objects.create(
            **owned,
            question=question,
            number=1,
            digest="1" * 64,
            references=["The water evaporates because heat gives its molecules the energy to leave the surface."],
            criteria=[
                _criterion("evaporates", "Says that the water evaporates"),
                _criterion("energy", "Says that heat gives molecules energy"),
            ],
        )
        question.rubric = rubric
        question.save(update_fields=["rubric"])

    def answer(learner: models.Learner, text: str, *, attempt: int = 1, late_seconds: int = 0) -> models.Answer:
        import hashlib

        with acting_in(organisation):
            submission = models.Submission.objects.create(
                **owned,
                assignment=assignment,
                learner=learner,
                attempt=attempt,
                state="submitted",
                late_seconds=late_seconds,
                pseudonym=f"Heron {uuid4().hex[:6]}",
                shuffle=uuid4().int % 1_000_000,
            )
            digest = hashlib.sha256(text.encode()).hexdigest()
            return models.Answer.objects.create(
                **owned, submission=submission, question=question, learner=learner, text=text, revision=1, digest=digest
            )

    return School(
        organisation, course, assignment, question, teacher, second_teacher, pupil_person, other_pupil_person,
        learners[0], learners[1], answer,
    )  # fmt: skip


def _criterion(key: str, text: str) -> dict[str, object]:
    return {
        "id": key,
        "text": text,
        "weight": 1,
        "levels": [
            {"id": "no", "label": "No", "points": 0, "description": "", "examples": []},
            {"id": "yes", "label": "Yes", "points": 1, "description": "", "examples": []},
        ],
    }
