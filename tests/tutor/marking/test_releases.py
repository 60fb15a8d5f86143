from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tests.tutor.marking.conftest import RIGHT

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]


def shown(school: School, answer: Answer) -> list[Any]:
    from tutor.results.queries import results_of

    with acting_in(school.organisation):
        return [row.points for row in results_of(school.principal(school.pupil_person), answer.submission_id).rows]


def show(school: School, *answers: Answer, by: Any = None, **options: Any) -> Any:
    from tutor.marking.services import release

    principal = school.principal(by or school.teacher)
    return release(principal, school.assignment.pk, [one.submission_id for one in answers], **options)


def test_a_learner_sees_a_mark_when_it_is_released_and_not_before(school: School, answer: Answer, give: Give) -> None:
    give(answer)
    assert shown(school, answer) == []
    show(school, answer)
    assert shown(school, answer) == [1]


def test_a_class_is_released_by_as_few_queries_as_one_learner(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.services import withdraw_release

    other = school.answer(school.other_pupil, "It dries.")
    give(answer)
    give(other)
    asked = []
    for some in ((answer,), (answer, other)):
        with CaptureQueriesContext(connection) as queries:
            batch, _count = show(school, *some)
        asked.append(len(queries))
        withdraw_release(school.principal(school.teacher), school.assignment.pk, batch=batch)
    assert asked[0] == asked[1]


def test_what_is_marked_after_the_release_waits_for_the_next(school: School, answer: Answer, give: Give) -> None:
    first = give(answer)
    show(school, answer)
    give(answer, levels=RIGHT, expected_mark_id=first.pk)
    assert shown(school, answer) == [1]
    assert show(school, answer)[1] == 1
    assert shown(school, answer) == [2]


def test_released_again_without_a_change_nothing_happens(school: School, answer: Answer, give: Give, log: Any) -> None:
    give(answer)
    show(school, answer)
    assert show(school, answer)[1] == 0
    assert len(log("tutor.released")) == 1


def test_work_without_a_mark_is_not_released(school: School, answer: Answer) -> None:
    from tutor.marking.errors import IncompleteError

    with pytest.raises(IncompleteError) as refused:
        show(school, answer)
    assert [one.missing for one in refused.value.incomplete] == [((school.question.pk, "mark"),)]


def test_work_that_is_marked_twice_waits_for_the_second_mark(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import IncompleteError

    school.assignment.second_marking_percent = 100
    with acting_in(school.organisation):
        school.assignment.save()
    give(answer)
    with pytest.raises(IncompleteError):
        show(school, answer)
    give(answer, by=school.second_teacher)
    assert show(school, answer)[1] == 1


def test_a_batch_is_taken_back_as_one(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.services import withdraw_release

    other = school.answer(school.other_pupil, "It dries.")
    give(answer), give(other)
    batch, count = show(school, answer, other)
    assert count == 2
    assert withdraw_release(school.principal(school.teacher), school.assignment.pk, batch=batch) == 2
    assert shown(school, answer) == []


def test_only_a_teacher_of_the_course_releases(school: School, answer: Answer, give: Give) -> None:
    give(answer)
    with pytest.raises(PermissionDenied):
        show(school, answer, by=school.second_teacher)


def ask(school: School, answer: Answer) -> Any:
    from tutor.marking.services import open_regrade

    return open_regrade(school.principal(school.pupil_person), answer.pk, text="Energy is in the second sentence.")


def decide(school: School, request: Any, *, by: Any = None, **values: Any) -> Any:
    from tutor.marking.services import decide_regrade

    values = {"outcome": "changed", "text": "You are right.", **values}
    return decide_regrade(school.principal(by or school.second_teacher), request.pk, **values)


def test_a_regrade_changes_what_the_learner_sees(school: School, answer: Answer, give: Give) -> None:
    first = give(answer)
    show(school, answer)
    decided = decide(school, ask(school, answer), levels=RIGHT, expected_mark_id=first.pk)
    assert decided.state == "changed"
    assert shown(school, answer) == [2]


def test_a_mark_that_is_kept_stays(school: School, answer: Answer, give: Give, log: Any) -> None:
    first = give(answer)
    show(school, answer)
    assert decide(school, ask(school, answer), outcome="kept", expected_mark_id=first.pk).state == "kept"
    assert shown(school, answer) == [1]
    assert log("tutor.regrade_decided")[0].digests["outcome"] == "kept"


def test_the_first_marker_does_not_decide_where_somebody_else_can(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import SameMarkerError
    from tutor.models import CourseStaff

    first = give(answer)
    show(school, answer)
    request = ask(school, answer)
    with pytest.raises(SameMarkerError):
        decide(school, request, by=school.teacher, levels=RIGHT, expected_mark_id=first.pk)
    with acting_in(school.organisation):
        CourseStaff.objects.for_organisation(school.id).filter(person=school.second_teacher).delete()
    assert decide(school, request, by=school.teacher, levels=RIGHT, expected_mark_id=first.pk).state == "changed"


def test_lowering_a_mark_has_to_be_meant(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import LowersMarkError

    first = give(answer)
    show(school, answer)
    request = ask(school, answer)
    none = {"evaporates": "no", "energy": "no"}
    with pytest.raises(LowersMarkError):
        decide(school, request, levels=none, expected_mark_id=first.pk)
    decide(school, request, levels=none, expected_mark_id=first.pk, may_lower=True)
    assert shown(school, answer) == [0]


def test_a_learner_is_told_in_words(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import MarkingError

    first = give(answer)
    show(school, answer)
    with pytest.raises(MarkingError):
        decide(school, ask(school, answer), text=" ", levels=RIGHT, expected_mark_id=first.pk)
