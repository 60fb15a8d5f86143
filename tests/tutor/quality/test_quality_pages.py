from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from tests.tutor.conftest import School
from tutor.quality.reading import QuestionQuality

if TYPE_CHECKING:
    from tutor.models import Answer

pytestmark = pytest.mark.django_db
MARKING = "/o/shop/tutor/marking/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
HandedIn = Callable[..., list["Answer"]]
Decided = Callable[..., None]
TEN = [f"Answer number {number}" for number in range(10)]


@pytest.fixture
def teacher(client: Client, school: School) -> Client:
    client.force_login(school.teacher, backend=BACKEND)
    return client


def quality(school: School) -> QuestionQuality:
    from llmasos.accounts.tenancy import acting_in
    from tutor.quality.reading import question_quality

    with acting_in(school.organisation):
        return question_quality(school.principal(school.teacher), school.question.pk)


def test_marks_given_before_proposals_are_told_from_marks_given_after_seeing_them(
    school: School, handed_in: HandedIn, decided: Decided
) -> None:
    answers = handed_in([f"Answer {number}" for number in range(22)])
    decided(answers[:10], [2.0] * 10, proposed=[2.0] * 8 + [1.0] * 2)
    decided(answers[10:], [1.0] * 12, proposed=[1.0] * 12, seen=True)
    found = quality(school)
    # The run of the second call is applied now and has no proposal for the first ten answers.
    assert (found.independent.pairs.total, len(found.seen.pairs.pairs)) == (0, 12)
    assert found.seen.agreement.exact.value == 1.0


def test_a_mark_is_compared_with_what_is_proposed_now(school: School, handed_in: HandedIn, decided: Decided) -> None:
    decided(handed_in(TEN), [2.0] * 10, proposed=[2.0] * 7 + [1.0] * 2 + [None])
    found = quality(school).independent
    assert (len(found.pairs.pairs), found.pairs.unproposed) == (9, 1)
    assert found.agreement.exact.value == pytest.approx(7 / 9)


def test_overrides_are_counted_by_their_reason(school: School, handed_in: HandedIn, decided: Decided) -> None:
    decided(handed_in(TEN), [1.0] * 10, proposed=[2.0] * 3 + [1.0] * 7, seen=True)
    assert quality(school).overrides == (("The proposal is too high", 3),)


def test_two_people_are_compared_on_the_answers_that_both_marked(
    school: School, handed_in: HandedIn, decided: Decided
) -> None:
    answers = handed_in(TEN)
    decided(answers, [2.0] * 5 + [1.0] * 5)
    decided(answers, [2.0] * 4 + [1.0] * 6, kind="second")
    people = quality(school).people
    assert people is not None
    assert people.exact.value == pytest.approx(0.9)


def test_under_ten_pairs_no_figure_is_shown(
    teacher: Client, school: School, handed_in: HandedIn, decided: Decided
) -> None:
    decided(handed_in(TEN[:9]), [1.0] * 9, proposed=[1.0] * 9)
    page = teacher.get(f"{MARKING}questions/{school.question.pk}/quality/").content.decode()
    assert "Figures are shown from 10 pairs on; there are 9." in page
    assert "Weighted kappa" not in page


def test_the_page_shows_figures_with_intervals_and_charts(
    teacher: Client, school: School, handed_in: HandedIn, decided: Decided
) -> None:
    decided(handed_in(TEN), [1.0] * 10, proposed=[1.0] * 8 + [2.0] * 2)
    page = teacher.get(f"{MARKING}questions/{school.question.pk}/quality/").content.decode()
    assert "49\N{NO-BREAK SPACE}% to 94\N{NO-BREAK SPACE}%" in page
    assert page.count('class="graph"') == 3
    assert "accura" not in page


def test_figures_come_as_a_table_too(teacher: Client, school: School, handed_in: HandedIn, decided: Decided) -> None:
    decided(handed_in(TEN), [1.0] * 10, proposed=[1.0] * 8 + [2.0] * 2)
    text = teacher.get(f"{MARKING}questions/{school.question.pk}/quality.csv").content.decode("utf-8-sig")
    assert "independent,exact,,0.8,0.4902,0.9433,10" in text.splitlines()


def test_a_second_marker_sees_no_figures_of_proposals(client: Client, school: School) -> None:
    client.force_login(school.second_teacher, backend=BACKEND)
    assert client.get(f"{MARKING}questions/{school.question.pk}/quality/").status_code == 403


def test_a_questions_difficulty_is_the_share_of_its_points(
    school: School, handed_in: HandedIn, decided: Decided
) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.quality.items import analyse

    decided(handed_in(TEN), [2.0] * 5 + [0.0] * 5)
    with acting_in(school.organisation):
        found = analyse(school.assignment)
    assert (found.items[0].difficulty.value, found.complete, found.alpha.known) == (0.5, 10, False)


def test_nine_marked_answers_say_nothing_of_a_question(
    teacher: Client, school: School, handed_in: HandedIn, decided: Decided
) -> None:
    decided(handed_in(TEN[:9]), [2.0] * 9)
    page = teacher.get(f"{MARKING}assignments/{school.assignment.pk}/quality/").content.decode()
    assert "shown from 10 marked answers on; there are 9" in page


def test_choices_are_counted_with_what_the_rest_of_the_work_is_like(school: School, handed_in: HandedIn) -> None:
    from decimal import Decimal

    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Answer, Mark, Question
    from tutor.quality.items import analyse

    owned: dict[str, Any] = {"organisation": school.organisation}
    first = handed_in(TEN + TEN)
    with acting_in(school.organisation):
        choice = Question.objects.create(
            **owned, assignment=school.assignment, kind="choice", prompt="Which?", points=Decimal(1), position=2,
            options=[{"id": "a", "text": "Heat", "correct": True}, {"id": "b", "text": "Cold", "correct": False}],
        )  # fmt: skip
        for at, answer in enumerate(first):
            # Those who do well on the first question choose the wrong option of the second.
            picked = "b" if at < 10 else "a"
            other = Answer.objects.create(
                **owned, submission=answer.submission, question=choice, learner_id=answer.learner_id, choices=[picked]
            )
            for one, points in ((answer, 2 if at < 10 else at % 2), (other, picked == "a")):
                Mark.objects.create(
                    **owned, answer=one, learner_id=one.learner_id, answer_digest="", origin="own",
                    points=Decimal(int(points)),
                )  # fmt: skip
        item = analyse(school.assignment).items[1]
    right, wrong = item.options
    assert (right.chosen.value, right.misleads, wrong.misleads) == (0.5, False, True)
    assert item.check
