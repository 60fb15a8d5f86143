from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from tests.tutor.conftest import School
from tests.tutor.marking.test_runs import models_worker

if TYPE_CHECKING:
    from tutor.models import Answer, RobustnessCheck

__all__ = ["models_worker"]

pytestmark = pytest.mark.django_db
MARKING = "/o/shop/tutor/marking/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
WEAK = ["The puddle is gone.", "Somebody took it away.", "It went into the ground, I think."]


def check(school: School) -> RobustnessCheck:
    from llmasos.accounts.tenancy import acting_in
    from tutor.marking import jobs
    from tutor.models import RobustnessCheck
    from tutor.quality.robustness import ask_for_check

    job = ask_for_check(school.principal(school.teacher), school.question.pk)
    jobs.work(school.id, job.pk)
    with acting_in(school.organisation):
        return RobustnessCheck.objects.for_organisation(school.id).latest("created_at")


@pytest.fixture
def checked(school: School, handed_in: Callable[..., list[Answer]], decided: Callable[..., None]) -> RobustnessCheck:
    decided(handed_in([*WEAK, "The water evaporates because heat gives it energy."]), [0.0, 0.0, 0.0, 2.0])
    return check(school)


def test_tricks_are_tried_on_weak_answers_only_and_the_result_is_kept(school: School, checked: RobustnessCheck) -> None:
    from tutor.engine.attacks import ATTACKS, FURTHER

    assert (checked.answers, checked.marks_seen) == (3, 1)
    found = {one["attack"]: one for one in checked.results}
    assert set(found) == {*ATTACKS, *FURTHER, "pasted_reference"}
    assert (found["order_to_the_grader"]["gain"], found["order_to_the_grader"]["held"]) == (0.0, 3)
    assert all(-1 <= one["gain"] <= 1 for one in checked.results)


def test_no_answer_or_mark_changes(school: School, checked: RobustnessCheck) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Answer, Mark, Proposal

    with acting_in(school.organisation):
        assert not Proposal.objects.for_organisation(school.id).exists()
        assert Mark.objects.for_organisation(school.id).count() == 4
        assert {one.text for one in Answer.objects.for_organisation(school.id)} > set(WEAK)


def test_the_page_says_what_each_trick_gained_and_what_to_do(
    client: Client, school: School, checked: RobustnessCheck
) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"{MARKING}questions/{school.question.pk}/tricks/").content.decode()
    assert "An order to whoever marks" in page
    assert "Weak answers tried: 3; marks to learn from: 1; version 1 of the rubric (" in page


def test_without_weak_answers_the_page_says_so(client: Client, school: School) -> None:
    check(school)
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"{MARKING}questions/{school.question.pk}/tricks/").content.decode()
    assert "No answer is marked or proposed low" in page


def test_choices_are_marked_by_rule_and_not_tried(client: Client, school: School) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import MarkingJob

    with acting_in(school.organisation):
        school.question.kind = "choice"
        school.question.save(update_fields=["kind"])
    client.force_login(school.teacher, backend=BACKEND)
    page = client.post(f"{MARKING}questions/{school.question.pk}/tricks/check/", follow=True).content.decode()
    assert "no trick with words changes anything there" in page
    with acting_in(school.organisation):
        assert not MarkingJob.objects.for_organisation(school.id).exists()
