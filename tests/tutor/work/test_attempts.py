from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.models import Submission

pytestmark = pytest.mark.django_db


def write(school: School, pupil: Principal, attempt: Submission, text: str) -> None:
    from tutor.work.services import save_answer
    from tutor.work.writing import Written

    save_answer(pupil, attempt.pk, school.question.pk, Written(text), expected_revision=0)


def test_beginning_again_continues_the_open_attempt(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.services import start_attempt

    assert start_attempt(pupil, school.assignment.pk).pk == attempt.pk


def test_used_attempts_are_used(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.errors import NoAttemptLeftError
    from tutor.work.services import hand_in, start_attempt

    hand_in(pupil, attempt.pk)
    with pytest.raises(NoAttemptLeftError):
        start_attempt(pupil, school.assignment.pk)


@pytest.mark.parametrize(("copy", "text"), [(True, "First words"), (False, None)])
def test_a_new_attempt_starts_from_a_copy_or_from_nothing(
    school: School, pupil: Principal, attempt: Submission, change_assignment: Callable[..., None], copy: bool, text: str
) -> None:
    from tutor.work.services import hand_in, start_attempt

    change_assignment(attempts_allowed=2)
    write(school, pupil, attempt, "First words")
    hand_in(pupil, attempt.pk)
    second = start_attempt(pupil, school.assignment.pk, copy=copy)
    assert second.attempt == 2
    assert second.pseudonym != attempt.pseudonym
    assert getattr(second.answers.first(), "text", None) == text


def test_nothing_begins_before_it_opens(
    school: School, pupil: Principal, change_assignment: Callable[..., None]
) -> None:
    from django.utils import timezone

    from tutor.work.errors import NotOpenError
    from tutor.work.services import start_attempt

    change_assignment(opens_at=timezone.now() + timedelta(hours=1))
    with pytest.raises(NotOpenError):
        start_attempt(pupil, school.assignment.pk)


def test_a_draft_of_the_teacher_is_not_there(
    school: School, pupil: Principal, change_assignment: Callable[..., None]
) -> None:
    from tutor.models import Assignment
    from tutor.work.services import start_attempt

    change_assignment(state="draft")
    with pytest.raises(Assignment.DoesNotExist):
        start_attempt(pupil, school.assignment.pk)


def test_the_deadline_hands_in_what_was_saved(
    school: School, pupil: Principal, attempt: Submission, due_in: Callable[..., None]
) -> None:
    from tutor.work.freezing import close_due

    write(school, pupil, attempt, "As far as I got")
    attempt.answers.update(saved_at=attempt.started_at - timedelta(hours=1))
    due_in(minutes=-5)
    assert close_due() == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.handed_in_by, attempt.late_seconds) == ("submitted", "deadline", 0)


def test_the_deadline_hands_nothing_in_where_nothing_was_written(
    attempt: Submission, due_in: Callable[..., None]
) -> None:
    from tutor.work.freezing import close_due

    due_in(minutes=-5)
    assert close_due() == 0


def test_work_that_may_be_late_stays_open(
    school: School, pupil: Principal, attempt: Submission, change_assignment: Callable[..., None]
) -> None:
    from django.utils import timezone

    from tutor.work.freezing import close_due

    write(school, pupil, attempt, "Not done yet")
    change_assignment(due_at=timezone.now() - timedelta(hours=5), late_days_allowed=1)
    assert close_due() == 0


def test_closing_the_assignment_hands_in_what_was_saved(
    school: School, pupil: Principal, attempt: Submission, change_assignment: Callable[..., None]
) -> None:
    from tutor.work.freezing import close_due

    write(school, pupil, attempt, "Not done yet")
    change_assignment(state="closed")
    assert close_due() == 1


def test_more_time_given_after_the_deadline_handed_in_lets_the_learner_go_on(
    school: School, pupil: Principal, attempt: Submission, due_in: Callable[..., None]
) -> None:
    from django.utils import timezone

    from tutor.models import Extension
    from tutor.work.freezing import close_due
    from tutor.work.services import start_attempt

    write(school, pupil, attempt, "As far as I got")
    due_in(minutes=-5)
    close_due()
    Extension.objects.create(
        organisation=school.organisation, assignment=school.assignment, learner=school.pupil,
        due_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert start_attempt(pupil, school.assignment.pk, copy=True).answers.get().text == "As far as I got"
