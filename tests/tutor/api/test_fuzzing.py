"""Every operation of the platform's own API, asked what its document allows and what it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction

from tests.fuzzing import RUNS, failure_of, operations
from tests.tutor.api.conftest import key_of
from tests.tutor.conftest import School

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(school: School, propose: Callable[..., Any], give: Callable[..., Any]) -> dict[str, str]:
    """Things of the school, by the names that paths give them."""
    from datetime import date

    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Term

    answer = school.answer(school.pupil, "The water evaporates. It is warm.")
    proposal = propose(answer)
    give(answer)
    with acting_in(school.organisation):
        term = Term.objects.create(
            organisation=school.organisation, name="Autumn", starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 18)
        )
    there = {
        "answer_id": answer.pk,
        "assignment_id": school.assignment.pk,
        "course_id": school.course.pk,
        "learner_id": school.pupil.pk,
        "person_id": school.second_teacher.pk,
        "question_id": school.question.pk,
        "run_id": proposal.run_id,
        "submission_id": answer.submission_id,
        "term_id": term.pk,
    }
    return {name: str(value) for name, value in there.items()}


@pytest.fixture(scope="module")
def asked() -> list[schemathesis.APIOperation]:
    """Read before a test's transaction begins, which may not wait for long."""
    every = operations("/api/", app=WSGIHandler())
    # A run of a model is entered over a connection of its own, which does not see the test's transaction: those are
    # asked of the running server, with the addresses under /v1.
    return [one for one in every if one.path not in RUNS]


@pytest.fixture
def one_connection() -> Iterator[None]:
    """Keep the test's connection, and with it its transaction, over the requests."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_answer_is_one_that_the_document_has(
    asked: list[schemathesis.APIOperation], school: School, ids: dict[str, str], one_connection: None
) -> None:
    statuses: list[int] = []
    secret = key_of(school.organisation, "tutor", "search")

    def ask(case: schemathesis.Case) -> Any:
        # What one request changes, the next does not find.
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)
        statuses.append(response.status_code)
        return response

    failed = [failure for one in asked if (failure := failure_of(one, ask, ids))]
    assert not failed, "\n\n".join(failed)
    # What was asked for was there: not all of it was refused at the door.
    assert sum(status < 300 for status in statuses) > len(asked) / 3
