from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.models import Person

pytestmark = pytest.mark.django_db
TUTOR = "/o/shop/tutor/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def administrator(client: Client, owner: Person) -> Client:
    client.force_login(owner, backend=BACKEND)
    return client


def term(school: School, name: str, starts_on: date, ends_on: date) -> Any:
    from tutor.models import Term

    with acting_in(school.organisation):
        return Term.objects.create(organisation=school.organisation, name=name, starts_on=starts_on, ends_on=ends_on)


def course(school: School, name: str, term: Any) -> Any:
    from tutor.models import Course

    with acting_in(school.organisation):
        return Course.objects.create(organisation=school.organisation, name=name, term=term)


def test_a_term_is_added_changed_and_deleted_while_nothing_is_taught_in_it(
    administrator: Client, school: School
) -> None:
    from tutor.models import Term

    first = {"name": "Spring", "starts_on": "2027-02-01", "ends_on": "2027-06-30"}
    assert "The term was saved." in administrator.post(f"{TUTOR}terms/", first, follow=True).content.decode()
    with acting_in(school.organisation):
        made = Term.objects.get(name="Spring")
    address = f"{TUTOR}terms/{made.pk}/"
    assert "before the first" in administrator.post(address, {**first, "ends_on": "2027-01-01"}).content.decode()
    administrator.post(address, {**first, "name": "Summer"})
    taught = course(school, "Biology", made)
    page = administrator.post(f"{address}delete/", follow=True).content.decode()
    assert "Courses are taught in this term" in page
    assert "Summer" in page
    with acting_in(school.organisation):
        taught.delete()
    assert "Summer" not in administrator.post(f"{address}delete/", follow=True).content.decode()


def test_the_name_of_a_term_is_there_once(administrator: Client, school: School) -> None:
    term(school, "Spring", date(2027, 2, 1), date(2027, 6, 30))
    again = {"name": "Spring", "starts_on": "2028-02-01", "ends_on": "2028-06-30"}
    assert "with this name already" in administrator.post(f"{TUTOR}terms/", again).content.decode()


def test_teachers_keep_no_terms(school: School) -> None:
    from tutor.courses.terms import save_term

    values = {"name": "Mine", "starts_on": date(2027, 2, 1), "ends_on": date(2027, 6, 30)}
    with pytest.raises(PermissionDenied):
        save_term(school.principal(school.teacher), values)


def test_courses_are_listed_by_terms_with_the_present_one_first(administrator: Client, school: School) -> None:
    today = timezone.localdate()
    past = term(school, "Last year", today - timedelta(days=400), today - timedelta(days=40))
    present = term(school, "This year", today - timedelta(days=30), today + timedelta(days=30))
    for name, taught_in in (("Astronomy", past), ("Zoology", present)):
        course(school, name, taught_in)
    page = administrator.get(f"{TUTOR}courses/").content.decode()
    assert page.index("Zoology") < page.index("Physics 9") < page.index("Astronomy")
    page = administrator.get(f"{TUTOR}courses/?term={past.pk}").content.decode()
    assert "Astronomy" in page
    assert "Zoology" not in page


def test_a_courses_settings_are_all_on_its_form(administrator: Client, school: School) -> None:
    spring = term(school, "Spring", date(2027, 2, 1), date(2027, 6, 30))
    values = {
        "name": "Physics 9", "language": "en", "term": str(spring.pk), "feedback_tone": "warm",
        "feedback_length": "long", "regrade_days": "3", "guardians_may_read": "on",
    }  # fmt: skip
    administrator.post(f"{TUTOR}courses/{school.course.pk}/edit/", values)
    with acting_in(school.organisation):
        school.course.refresh_from_db()
    assert school.course.term_id == spring.pk
    assert (school.course.feedback_tone, school.course.feedback_length) == ("warm", "long")
    assert (school.course.regrade_days, school.course.guardians_may_read) == (3, True)
