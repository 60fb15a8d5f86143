from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.utils import timezone

from tests.tutor.conftest import School
from tests.tutor.marking.conftest import log

if TYPE_CHECKING:
    from tutor.models import Answer, Skill

__all__ = ["log"]


@pytest.fixture
def skill(school: School) -> Skill:
    """What the school's one question needs."""
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import QuestionSkill, Skill

    with acting_in(school.organisation):
        made = Skill.objects.create(organisation=school.organisation, course=school.course, name="Change of state")
        QuestionSkill.objects.create(organisation=school.organisation, question=school.question, skill=made)
        return made


@pytest.fixture
def marked(school: School, skill: Skill) -> Callable[..., Answer]:
    """An answer of the pupil with a mark by criterion, released unless told otherwise, handed in `days_ago`."""

    def make(
        *, evaporates: str = "yes", energy: str = "no", released: bool = True, days_ago: float = 20, learner: Any = None
    ) -> Answer:
        from llmasos.accounts.tenancy import acting_in
        from tutor.models import Answer, Mark, Release, Submission

        learner = learner or school.pupil
        owned = {"organisation": school.organisation}
        levels = {"evaporates": evaporates, "energy": energy}
        with acting_in(school.organisation):
            submission = Submission.objects.create(
                **owned,
                assignment=school.assignment,
                learner=learner,
                attempt=Submission.objects.for_organisation(school.organisation).filter(learner=learner).count() + 1,
                state="submitted",
                submitted_at=before(days_ago),
                pseudonym=f"Heron {uuid4().hex[:6]}",
                shuffle=1,
            )
            answer = Answer.objects.create(
                **owned,
                submission=submission,
                question=school.question,
                learner=learner,
                text="It evaporates.",
                revision=1,
                digest="a" * 64,
            )
            mark = Mark.objects.create(
                **owned, answer=answer, learner=learner, rubric=school.question.rubric,
                answer_digest=answer.digest, levels=levels, points=Decimal(list(levels.values()).count("yes")),
                origin="own", marker=school.teacher,
            )  # fmt: skip
            if released:
                Release.objects.create(**owned, submission=submission, marks=[mark.pk])
        return answer

    return make


@pytest.fixture
def compute(school: School) -> Callable[..., None]:
    """Ask for the pupil's estimates, or `learners`', and do the work."""

    def done(*learners: Any) -> None:
        from llmasos.accounts.tenancy import acting_in
        from tutor.learning import asking, computing

        with acting_in(school.organisation):
            asking.ask(school.id, school.course.pk, [one.pk for one in learners or (school.pupil,)])
        computing.work(school.id, school.course.pk)

    return done


@pytest.fixture
def page(school: School) -> Callable[[], Any]:
    """What the pupil's page shows now."""

    def read() -> Any:
        from llmasos.accounts.tenancy import acting_in
        from tutor.learning.queries import own_learning

        with acting_in(school.organisation):
            return own_learning(school.principal(school.pupil_person), school.course.pk)

    return read


def before(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)
