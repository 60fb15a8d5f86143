from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.models import Question, Submission

pytestmark = pytest.mark.django_db


def save(principal: Principal, attempt: Submission, question: Question, text: str, expected: int) -> Any:
    from tutor.work.services import save_answer
    from tutor.work.writing import Written

    return save_answer(principal, attempt.pk, question.pk, Written(text), expected_revision=expected)


def test_each_save_is_the_next_revision(school: School, pupil: Principal, attempt: Submission) -> None:
    assert save(pupil, attempt, school.question, "Wa", 0).revision == 1
    assert save(pupil, attempt, school.question, "Water", 1).revision == 2
    assert attempt.answers.get().text == "Water"


def test_a_save_whose_reply_was_lost_can_be_repeated(school: School, pupil: Principal, attempt: Submission) -> None:
    save(pupil, attempt, school.question, "Water", 0)
    assert save(pupil, attempt, school.question, "Water", 0).revision == 1


def test_a_second_tab_does_not_overwrite_the_first(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.errors import ConflictError

    save(pupil, attempt, school.question, "First tab", 0)
    with pytest.raises(ConflictError) as conflict:
        save(pupil, attempt, school.question, "Second tab", 0)
    assert (conflict.value.stored.text, conflict.value.revision) == ("First tab", 1)
    assert attempt.answers.get().text == "First tab"


def test_line_ends_of_a_form_are_no_change(school: School, pupil: Principal, attempt: Submission) -> None:
    save(pupil, attempt, school.question, "one\ntwo", 0)
    assert save(pupil, attempt, school.question, "one\r\ntwo", 0).revision == 1


def test_a_text_beyond_all_measure_is_refused(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.errors import InvalidAnswerError

    with pytest.raises(InvalidAnswerError):
        save(pupil, attempt, school.question, "x" * 100_001, 0)


def test_another_pupil_cannot_write_here(school: School, attempt: Submission) -> None:
    from tutor.models import Submission

    with pytest.raises(Submission.DoesNotExist):
        save(school.principal(school.other_pupil_person), attempt, school.question, "Mine", 0)


def test_a_teacher_cannot_write_for_a_pupil(school: School, attempt: Submission) -> None:
    with pytest.raises(PermissionDenied):
        save(school.principal(school.teacher), attempt, school.question, "Mine", 0)


def test_after_the_course_is_left_nothing_can_be_written(school: School, pupil: Principal, attempt: Submission) -> None:
    from django.utils import timezone

    from tutor.models import Submission

    school.pupil.enrolments.update(withdrawn_at=timezone.now())
    with pytest.raises(Submission.DoesNotExist):
        save(pupil, attempt, school.question, "Late", 0)


def test_after_the_close_nothing_can_be_written(
    school: School, pupil: Principal, attempt: Submission, due_in: Callable[..., None]
) -> None:
    from tutor.work.errors import ClosedError

    due_in(minutes=-2)
    with pytest.raises(ClosedError):
        save(pupil, attempt, school.question, "Late", 0)


@pytest.mark.parametrize(
    ("options", "chosen", "code"),
    [
        ([True, False], ("o0", "o1"), "single"),
        ([True, True, False], ("o0", "o1"), None),
        ([True, False], ("o7",), "choice"),
        ([True, False], (), None),
    ],
)
def test_only_what_is_offered_can_be_chosen(
    school: School, pupil: Principal, attempt: Submission, options: list[bool], chosen: tuple[str, ...], code: str
) -> None:
    from tutor.models import Question
    from tutor.work.errors import InvalidAnswerError
    from tutor.work.services import save_answer
    from tutor.work.writing import Written

    question = Question.objects.create(
        organisation=school.organisation,
        assignment=school.assignment,
        kind="choice",
        prompt="Which?",
        options=[{"id": f"o{n}", "text": str(n), "correct": right} for n, right in enumerate(options)],
    )
    written = Written("ignored", chosen)
    if code:
        with pytest.raises(InvalidAnswerError, match=code):
            save_answer(pupil, attempt.pk, question.pk, written, expected_revision=0)
    else:
        save_answer(pupil, attempt.pk, question.pk, written, expected_revision=0)
        assert [(one.text, tuple(one.choices)) for one in attempt.answers.all()] in ([("", chosen)], [])
