from __future__ import annotations

import csv
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]


def release(school: School, answer: Answer) -> None:
    from tutor.marking.services import release as released

    released(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])


def rows(school: School, layout: Any = "common", *, by: Any = None) -> list[dict[str, str]]:
    from tutor.interchange.gradebook import gradebook

    text = gradebook(school.principal(by or school.teacher), school.assignment.pk, layout=layout)
    return list(csv.DictReader(text.removeprefix("\ufeff").splitlines()))


def test_only_what_is_released_goes_out(school: School, answer: Answer, give: Give) -> None:
    give(answer)
    assert [one["points"] for one in rows(school)] == ["", ""]
    release(school, answer)
    assert sorted(one["points"] for one in rows(school)) == ["", "1"]


def test_lateness_is_taken_off(school: School, give: Give) -> None:
    school.assignment.late_percent_per_day = 25
    with acting_in(school.organisation):
        school.assignment.save()
    late = school.answer(school.pupil, "It dries.", late_seconds=90_000)
    give(late)
    release(school, late)
    assert {(one["points"], one["late days"]) for one in rows(school) if one["points"]} == {("0.5", "2")}


def test_canvas_has_its_row_of_possible_points(school: School) -> None:
    first = rows(school, "canvas")[0]
    assert (first["Student"].strip(), first["Heat"]) == ("Points Possible", "2")


def test_a_name_that_is_a_formula_runs_nowhere(school: School) -> None:
    from tutor.models import Learner

    with acting_in(school.organisation):
        learner = Learner.objects.for_organisation(school.id).get(pk=school.pupil.pk)
        learner.name = "=HYPERLINK(1)"
        learner.save()
    assert "'=HYPERLINK(1)" in {one["Full name"] for one in rows(school, "moodle")}


def test_a_second_marker_takes_nothing_out(school: School) -> None:
    with pytest.raises(PermissionDenied):
        rows(school, by=school.second_teacher)


def test_an_export_is_in_the_log(client: Client, school: School, log: Any) -> None:
    client.force_login(school.teacher, backend="django.contrib.auth.backends.ModelBackend")
    reply = client.post(f"/o/shop/tutor/assignments/{school.assignment.pk}/gradebook/", {"layout": "moodle"})
    assert reply["Content-Disposition"] == 'attachment; filename="heat-moodle.csv"'
    assert log("tutor.gradebook_exported")[0].digests == {"layout": "moodle", "count": 2}
