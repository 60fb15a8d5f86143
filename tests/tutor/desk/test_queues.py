from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.marking.types import MarkKind, QueueName
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]


def queue(school: School, name: QueueName = "all", *, by: Any = None, kind: MarkKind = "first") -> list[Any]:
    from tutor.marking.queries import question_queue

    with acting_in(school.organisation):
        principal = school.principal(by or school.teacher)
        return list(question_queue(principal, school.question.pk, queue=name, kind=kind).ids)


def change(school: School, **values: Any) -> None:
    with acting_in(school.organisation):
        for name, value in values.items():
            setattr(school.assignment, name, value)
        school.assignment.save()


def test_an_answer_without_a_proposal_must_be_marked(school: School, answer: Answer) -> None:
    assert queue(school, "must") == [answer.pk]


def test_a_sure_proposal_is_to_be_confirmed(school: School, answer: Answer, propose: Any) -> None:
    propose(answer)
    assert (queue(school, "confirm"), queue(school, "must")) == ([answer.pk], [])


def test_a_marked_answer_leaves_its_queue(school: School, answer: Answer, give: Give) -> None:
    give(answer)
    assert (queue(school, "must"), queue(school, "marked")) == ([], [answer.pk])


def test_everybody_marks_in_the_same_order_that_is_not_the_alphabets(school: School, answer: Answer) -> None:
    answers = [answer, school.answer(school.other_pupil, "It dries.")]
    with acting_in(school.organisation):
        order = sorted(answers, key=lambda one: one.submission.shuffle)
    assert queue(school) == [one.pk for one in order]


def test_an_earlier_attempt_is_in_no_queue(school: School, answer: Answer) -> None:
    latest = school.answer(school.pupil, "Heat makes it evaporate.", attempt=2)
    assert queue(school) == [latest.pk]


def test_a_second_marker_sees_only_what_is_marked_twice(school: School, answer: Answer) -> None:
    assert queue(school, by=school.second_teacher) == []
    change(school, second_marking_percent=100)
    assert queue(school, "must", by=school.second_teacher) == [answer.pk]


def test_marks_that_differ_wait_for_moderation(school: School, answer: Answer, give: Give) -> None:
    from tests.tutor.marking.conftest import RIGHT
    from tutor.marking.queries import question_queue

    change(school, second_marking_percent=100)
    give(answer)
    give(answer, by=school.second_teacher, levels=RIGHT)
    with acting_in(school.organisation):
        principal = school.principal(school.teacher)
        state = question_queue(principal, school.question.pk, kind="final")
    found = state.progress
    assert state.ids == (answer.pk,)
    assert (found.total, found.marked, found.moderation, found.second_given) == (1, 1, 1, 1)


def test_a_run_is_compared_before_it_is_shown(school: School, answer: Answer, propose: Any) -> None:
    from decimal import Decimal

    from tutor.marking.queries import run_difference
    from tutor.models import Proposal, ProposalRun

    propose(answer)
    with acting_in(school.organisation):
        assert school.question.rubric is not None
        owned = {"organisation": school.organisation}
        run = ProposalRun.objects.create(**owned, question=school.question, rubric=school.question.rubric, state="done")
        Proposal.objects.create(
            **owned, run=run, answer=answer, answer_digest=answer.digest, decision="proposed", points=Decimal(2)
        )
        found = run_difference(school.principal(school.teacher), run.pk)
    assert (found.raised, found.same, found.mean_change) == (1, 0, Decimal("1.00"))
