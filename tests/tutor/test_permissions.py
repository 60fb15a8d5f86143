"""Who reaches which course and which learners."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member
from tutor import permissions
from tutor.models import Course, Guardian

pytestmark = pytest.mark.django_db


def test_teachers_reach_only_the_courses_that_they_are_staff_of(school: School) -> None:
    outsider = member(school.organisation, "outsider", "teacher")
    with acting_in(school.organisation):
        assert permissions.courses_of(school.principal(school.teacher)).count() == 1
        assert permissions.courses_of(school.principal(outsider)).count() == 0


def test_a_second_marker_is_denied_what_only_teachers_may(school: School) -> None:
    with acting_in(school.organisation), pytest.raises(PermissionDenied):
        permissions.course_for(school.principal(school.second_teacher), school.course.pk, permissions.TEACHER)


def test_a_course_of_another_school_does_not_exist(school: School, stranger: object, other_organisation) -> None:
    with acting_in(other_organisation), pytest.raises(Course.DoesNotExist):
        permissions.course_for(Principal(other_organisation.pk, "system"), school.course.pk)


def test_a_key_without_the_scope_reaches_no_course(school: School) -> None:
    with acting_in(school.organisation):
        assert not permissions.courses_of(Principal(school.id, "key", scopes=frozenset({"generate"}))).exists()
        assert permissions.courses_of(Principal(school.id, "key", scopes=frozenset({"tutor"}))).exists()


def test_guardians_see_their_child_only_where_the_course_allows_it(school: School) -> None:
    guardian = member(school.organisation, "guardian", "guardian")
    principal = school.principal(guardian)
    with acting_in(school.organisation):
        Guardian.objects.create(organisation=school.organisation, learner=school.pupil, person=guardian)
        assert not permissions.learners_of_guardian(principal).exists()
        Course.objects.for_organisation(school.id).update(guardians_may_read=True)
        assert list(permissions.learners_of_guardian(principal)) == [school.pupil]
