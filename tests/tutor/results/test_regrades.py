"""A learner asks to have a released mark looked at again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from tests.tutor.conftest import School
from tutor.marking import services
from tutor.marking.errors import NotFoundError, RegradeClosedError
from tutor.models import Answer

pytestmark = pytest.mark.django_db
Give = Callable[..., Any]


def test_a_request_is_stored_with_its_words_and_recorded(
    school: School, answer: Answer, mark: Give, release: Give
) -> None:
    release(given := mark())
    request = services.open_regrade(school.principal(school.pupil_person), answer.pk, text="I said energy.")
    with acting_in(school.organisation):
        assert request.messages.get().text == "I said energy."
        entry = Entry.objects.get(organisation_id=school.id, action="tutor.regrade_asked")
    assert (entry.subject_id, entry.digests["mark"]) == (school.pupil.pk, str(given.pk))


def test_nobody_asks_about_an_answer_of_somebody_else(
    school: School, answer: Answer, mark: Give, release: Give
) -> None:
    release(mark())
    with pytest.raises(NotFoundError):
        services.open_regrade(school.principal(school.other_pupil_person), answer.pk, text="Mine?")


def test_nobody_asks_about_a_mark_that_is_not_released(school: School, answer: Answer, mark: Give) -> None:
    mark()
    with pytest.raises(NotFoundError):
        services.open_regrade(school.principal(school.pupil_person), answer.pk, text="When?")


def test_the_time_to_ask_ends(school: School, answer: Answer, mark: Give, release: Give) -> None:
    release(mark(), released_at=timezone.now() - timedelta(days=15))
    with pytest.raises(RegradeClosedError):
        services.open_regrade(school.principal(school.pupil_person), answer.pk, text="Late.")


def test_one_mark_is_asked_about_once_unless_the_request_was_taken_back(
    school: School, answer: Answer, mark: Give, release: Give
) -> None:
    release(mark())
    principal = school.principal(school.pupil_person)
    first = services.open_regrade(principal, answer.pk, text="Please look.")
    services.reply_regrade(principal, first.pk, text="At the second sentence.")
    with pytest.raises(RegradeClosedError):
        services.open_regrade(principal, answer.pk, text="Again.")
    services.take_back_regrade(principal, first.pk)
    assert services.open_regrade(principal, answer.pk, text="Again.").pk != first.pk
    with pytest.raises(RegradeClosedError):
        services.reply_regrade(principal, first.pk, text="Too late.")
