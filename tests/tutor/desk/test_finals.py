from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tests.tutor.marking.conftest import HALF, RIGHT

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def final(school: School, answer: Answer, give: Give) -> Mark:
    """A moderated mark of two points, above a first of one and a second of two."""
    from tutor.marking.services import moderate

    give(answer)
    give(answer, by=school.second_teacher, levels=RIGHT)
    teacher = school.principal(school.teacher)
    return moderate(teacher, answer.pk, expected_digest=answer.digest, expected_mark_id=None, levels=RIGHT)


def counting(school: School, answer: Answer) -> Mark | None:
    from tutor.marking.shown import current_of, marks_of

    with acting_in(school.organisation):
        return current_of(marks_of(school.id, [answer.pk])[answer.pk])


def test_a_final_mark_is_taken_back_for_a_reason(
    school: School, answer: Answer, final: Mark, client: Client, log: Any
) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/shop/tutor/marking/answers/{answer.pk}/final/"
    assert address in client.get(f"/o/shop/tutor/marking/answers/{answer.pk}/").content.decode()
    given = {"expected_mark": str(final.pk), "back": "1"}
    assert "Say why" in client.post(address, given, follow=True).content.decode()
    assert "taken back" in client.post(address, {**given, "reason": "slip"}, follow=True).content.decode()
    standing = counting(school, answer)
    assert standing is not None
    assert (standing.kind, standing.points) == ("first", Decimal(1))
    assert log("tutor.mark_withdrawn")[-1].digests["correction"] == "slip"


def test_a_final_mark_is_replaced_and_the_learner_sees_it_after_a_release(
    school: School, answer: Answer, final: Mark, client: Client
) -> None:
    from tutor.marking.services import release
    from tutor.models import Release

    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])
    client.force_login(school.teacher, backend=BACKEND)
    levels = {f"level-{key}": value for key, value in HALF.items()}
    given = {"expected_mark": str(final.pk), "reason": "rubric", **levels}
    client.post(f"/o/shop/tutor/marking/answers/{answer.pk}/final/", given)
    standing = counting(school, answer)
    assert standing is not None
    assert (standing.kind, standing.points, standing.replaces_id) == ("final", Decimal(1), final.pk)
    with acting_in(school.organisation):
        assert Release.objects.for_organisation(school.id).get(withdrawn_at=None).marks == [final.pk]


def test_a_second_marker_changes_no_final_mark(school: School, answer: Answer, final: Mark) -> None:
    from tutor.marking.services import take_back_final

    second = school.principal(school.second_teacher)
    with pytest.raises(PermissionDenied):
        take_back_final(second, answer.pk, expected_mark_id=final.pk, reason="slip")


def test_another_final_mark_than_the_one_shown_is_left(school: School, answer: Answer, final: Mark) -> None:
    from tutor.marking.errors import MarkConflictError
    from tutor.marking.services import replace_final

    teacher = school.principal(school.teacher)
    with pytest.raises(MarkConflictError):
        replace_final(teacher, answer.pk, expected_mark_id=None, reason="slip", levels=HALF)
