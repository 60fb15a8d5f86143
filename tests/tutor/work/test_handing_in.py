from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.models import Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def handed_in(school: School, pupil: Principal, attempt: Submission) -> Submission:
    from tutor.work.services import hand_in, save_answer
    from tutor.work.writing import Written

    save_answer(pupil, attempt.pk, school.question.pk, Written("It evaporates."), expected_revision=0)
    return hand_in(pupil, attempt.pk)


def test_handing_in_twice_is_handing_in_once(pupil: Principal, handed_in: Submission) -> None:
    from tutor.work.services import hand_in

    again = hand_in(pupil, handed_in.pk)
    assert (again.submitted_at, again.digest) == (handed_in.submitted_at, handed_in.digest)


def test_the_log_holds_the_digest(school: School, handed_in: Submission) -> None:
    from llmasos.audit.models import Entry

    entry = Entry.objects.get(organisation_id=school.id, action="tutor.work_handed_in")
    assert entry.digests["submission"] == handed_in.digest
    answer = handed_in.answers.get()
    assert entry.digests["answers"][str(answer.question_id)]["answer"] == answer.digest
    assert (entry.subject_id, entry.object_id) == (school.pupil.pk, handed_in.pk)


def test_the_digest_can_be_computed_again_from_what_is_stored(handed_in: Submission) -> None:
    from tutor.models import Submission
    from tutor.work.queries import is_intact

    stored = Submission.objects.for_organisation(handed_in.organisation_id).get(pk=handed_in.pk)
    assert is_intact(stored)
    stored.digest = "0" * 64
    assert not is_intact(stored)


def test_every_question_has_an_answer_afterwards(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.services import hand_in

    hand_in(pupil, attempt.pk)
    assert [one.text for one in attempt.answers.all()] == [""]


def test_a_handed_in_answer_takes_no_more_words(school: School, pupil: Principal, handed_in: Submission) -> None:
    from tutor.work.errors import HandedInError
    from tutor.work.services import save_answer
    from tutor.work.writing import Written

    with pytest.raises(HandedInError):
        save_answer(pupil, handed_in.pk, school.question.pk, Written("More"), expected_revision=1)


def test_the_database_itself_keeps_a_handed_in_answer(handed_in: Submission) -> None:
    answer = handed_in.answers.get()
    answer.text = "Better words"
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        answer.save()


def test_the_database_itself_keeps_a_handed_in_attempt(handed_in: Submission) -> None:
    handed_in.state = "open"
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        handed_in.save()


def test_an_answer_cannot_be_moved_into_a_handed_in_attempt(
    school: School, pupil: Principal, handed_in: Submission
) -> None:
    from tutor.models import Submission

    draft = Submission.objects.create(
        organisation=school.organisation, assignment=school.assignment, learner=school.pupil, attempt=7,
        pseudonym="Wren 1", shuffle=1,
    )  # fmt: skip
    answer = draft.answers.create(organisation=school.organisation, question=school.question, learner=school.pupil)
    answer.submission = handed_in
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        answer.save()


def test_text_that_was_complete_in_time_is_not_late(
    school: School, pupil: Principal, attempt: Submission, change_assignment: Callable[..., None]
) -> None:
    from django.utils import timezone

    from tutor.work.services import hand_in, save_answer
    from tutor.work.writing import Written

    save_answer(pupil, attempt.pk, school.question.pk, Written("In time"), expected_revision=0)
    attempt.answers.update(saved_at=timezone.now() - timedelta(hours=2))
    change_assignment(due_at=timezone.now() - timedelta(hours=1), late_days_allowed=1)
    assert hand_in(pupil, attempt.pk).late_seconds == 0


def test_text_that_changed_after_the_deadline_is_late(
    school: School, pupil: Principal, attempt: Submission, change_assignment: Callable[..., None]
) -> None:
    from django.utils import timezone

    from tutor.work.services import hand_in, save_answer
    from tutor.work.writing import Written

    change_assignment(due_at=timezone.now() - timedelta(hours=1), late_days_allowed=1)
    save_answer(pupil, attempt.pk, school.question.pk, Written("Late"), expected_revision=0)
    assert 3_600 <= hand_in(pupil, attempt.pk).late_seconds < 3_700


def test_an_extension_moves_the_deadline(
    school: School, pupil: Principal, attempt: Submission, due_in: Callable[..., None]
) -> None:
    from django.utils import timezone

    from tutor.models import Extension
    from tutor.work.services import hand_in

    due_in(days=-3)
    Extension.objects.create(
        organisation=school.organisation, assignment=school.assignment, learner=school.pupil,
        due_at=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    assert hand_in(pupil, attempt.pk).late_seconds == 0


def test_staff_hand_in_what_was_done_on_paper(school: School, acting: None) -> None:
    from tutor.work.services import submit_for
    from tutor.work.writing import Written

    teacher = school.principal(school.teacher)
    paper = submit_for(teacher, school.pupil.pk, school.assignment.pk, {school.question.pk: Written("On paper")})
    assert (paper.state, paper.handed_in_by, paper.answers.get().text) == ("submitted", "staff", "On paper")


def test_a_second_marker_cannot_hand_in_for_a_pupil(school: School) -> None:
    from tutor.work.services import submit_for

    with pytest.raises(PermissionDenied):
        submit_for(school.principal(school.second_teacher), school.pupil.pk, school.assignment.pk, {})


def test_nothing_is_handed_in_for_a_pupil_who_left(school: School) -> None:
    from tutor.courses.enrolling import withdraw
    from tutor.courses.errors import CourseError
    from tutor.work.services import submit_for

    teacher = school.principal(school.teacher)
    withdraw(teacher, school.course.pk, school.pupil.pk)
    with pytest.raises(CourseError):
        submit_for(teacher, school.pupil.pk, school.assignment.pk, {})
