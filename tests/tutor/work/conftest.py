from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.models import Submission


@pytest.fixture
def pupil(school: School) -> Principal:
    return school.principal(school.pupil_person)


@pytest.fixture
def acting(school: School) -> Iterator[None]:
    """Inside the school, for tests that look at rows."""
    from llmasos.accounts.tenancy import acting_in

    with acting_in(school.organisation):
        yield


@pytest.fixture
def attempt(school: School, pupil: Principal, acting: None) -> Submission:
    from tutor.work.services import start_attempt

    return start_attempt(pupil, school.assignment.pk)


@pytest.fixture
def change_assignment(school: School, acting: None) -> Callable[..., None]:
    def change(**values: Any) -> None:
        for name, value in values.items():
            setattr(school.assignment, name, value)
        school.assignment.save()

    return change


@pytest.fixture
def due_in(change_assignment: Callable[..., None]) -> Callable[..., None]:
    def due(**ago: float) -> None:
        from django.utils import timezone

        change_assignment(due_at=timezone.now() + timedelta(**ago))

    return due
