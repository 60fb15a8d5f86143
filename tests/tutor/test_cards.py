from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from llmasos.accounts.models import Person

pytestmark = pytest.mark.django_db
COURSES = "/o/shop/tutor/courses/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def code(school: School) -> str:
    """The class code; two pupils without an address are in the course, beside two with accounts."""
    from tutor.courses.enrolling import Entry, enrol
    from tutor.courses.services import renew_class_code

    cache.clear()
    teacher = school.principal(school.teacher)
    enrol(teacher, school.course.pk, [Entry("Ada", number="A-1"), Entry("Bob", number="B-2")])
    return str(renew_class_code(teacher, school.course.pk).class_code)


def card(school: School, number: str) -> str:
    """Make a card and return its PIN."""
    from tutor.cards.services import make_cards
    from tutor.courses.enrolling import enrolled_learner

    teacher = school.principal(school.teacher)
    with acting_in(school.organisation):
        learner = enrolled_learner(teacher, school.course.pk, number)
    return make_cards(teacher, school.course.pk, [learner.pk])[0].pin


def sign_in(code: str, number: str, pin: str, client: Client | None = None) -> tuple[int, str]:
    reply = (client or Client()).post("/join/", {"code": code, "number": number, "pin": pin})
    return reply.status_code, reply.get("Location", "") or reply.content.decode()


def test_cards_are_made_for_those_who_have_none_and_for_one_learner(client: Client, school: School, code: str) -> None:
    from tutor.cards.services import make_cards
    from tutor.courses.enrolling import enrolled_learner

    teacher = school.principal(school.teacher)
    assert [one.name for one in make_cards(teacher, school.course.pk)] == ["Ada", "Bob"]
    assert make_cards(teacher, school.course.pk) == []
    client.force_login(school.teacher, backend=BACKEND)
    with acting_in(school.organisation):
        ada = enrolled_learner(teacher, school.course.pk, "A-1").pk
    page = client.post(f"{COURSES}{school.course.pk}/cards/", {"learner": str(ada)}).content.decode()
    assert len(re.findall(r">[0-9]{6}<", page)) == 1
    assert "http://testserver/join/" in page


def test_a_garbled_learner_makes_cards_for_nobody(client: Client, school: School, code: str) -> None:
    from tutor.models import BulkAct

    client.force_login(school.teacher, backend=BACKEND)
    assert client.post(f"{COURSES}{school.course.pk}/cards/", {"learner": "nobody"}).status_code == 404
    with acting_in(school.organisation):
        assert not BulkAct.objects.exists()


def test_a_pupil_signs_in_with_the_card_and_sees_the_own_work_alone(school: School, code: str) -> None:
    pupil = Client()
    status, to = sign_in(f" {code.lower()} ", "a-1", card(school, "A-1"), pupil)
    assert (status, to) == (302, "/o/shop/tutor/work/")
    assert "Heat" in pupil.get(to).content.decode()
    assert pupil.get(f"{COURSES}{school.course.pk}/").status_code == 403


def test_a_new_pin_takes_the_place_of_the_old_one(school: School, code: str) -> None:
    old, new = card(school, "A-1"), card(school, "A-1")
    assert sign_in(code, "A-1", old)[0] == (302 if old == new else 422)
    assert sign_in(code, "A-1", new)[0] == 302


def test_a_card_of_somebody_else_a_closed_code_and_a_pupil_who_left_open_nothing(school: School, code: str) -> None:
    from tutor.courses.enrolling import enrolled_learner, withdraw
    from tutor.courses.services import close_class_code

    pin = card(school, "A-1")
    refused = {sign_in(code, "B-2", pin), sign_in("WRONGONE", "A-1", pin), sign_in(code, "nobody", pin)}
    teacher = school.principal(school.teacher)
    with acting_in(school.organisation):
        withdraw(teacher, school.course.pk, enrolled_learner(teacher, school.course.pk, "A-1").pk)
    refused.add(sign_in(code, "A-1", pin))
    close_class_code(teacher, school.course.pk)
    refused.add(sign_in(code, "A-1", pin))
    assert {status for status, _page in refused} == {422}


def test_too_many_tries_close_one_card_for_a_while_and_no_other(school: School, code: str) -> None:
    pins = {number: card(school, number) for number in ("A-1", "B-2")}
    assert {sign_in(code, "A-1", "x")[0] for _ in range(5)} == {422}
    assert sign_in(code, "A-1", pins["A-1"])[0] == 429
    assert sign_in(code, "B-2", pins["B-2"])[0] == 302


def test_tries_at_once_are_counted_before_they_are_answered(
    school: School, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.cards import views

    looked_at: list[tuple[str, ...]] = []

    def another_try_meanwhile(*card: str) -> None:
        looked_at.append(card)
        if len(looked_at) < 8:
            sign_in(code, "A-1", "000000")

    monkeypatch.setattr(views, "pupil_of", another_try_meanwhile)
    sign_in(code, "A-1", "000000")
    assert len(looked_at) == 5


@pytest.mark.parametrize("more", ["role", "address", "left"])
def test_a_pin_opens_no_account_that_can_do_more_than_a_pupils(school: School, code: str, more: str) -> None:
    from llmasos.accounts.models import Membership
    from tutor.courses.enrolling import enrolled_learner

    pin = card(school, "A-1")
    with acting_in(school.organisation):
        person = enrolled_learner(school.principal(school.teacher), school.course.pk, "A-1").person
        assert person is not None
        if more == "role":
            Membership.objects.create(organisation=school.organisation, person=person, role="teacher")
        elif more == "left":
            Membership.objects.for_organisation(school.id).filter(person=person).delete()
        else:
            person.email = "ada@school.example"
            person.save()
    assert sign_in(code, "A-1", pin)[0] == 422


def test_signing_in_and_failing_are_in_the_log(school: School, code: str) -> None:
    from llmasos.audit.models import Entry

    pin = card(school, "A-1")
    sign_in(code, "A-1", "wrong")
    sign_in(code, "A-1", pin)
    with acting_in(school.organisation):
        actions = set(Entry.objects.filter(organisation_id=school.id).values_list("action", flat=True))
    assert {"tutor.card_made", "accounts.sign_in_failed", "accounts.signed_in"} <= actions


def test_who_has_an_account_with_an_address_gets_no_card(school: School, code: str) -> None:
    from tutor.cards.services import make_cards
    from tutor.courses.errors import CourseError

    with pytest.raises(CourseError):
        make_cards(school.principal(school.teacher), school.course.pk, [school.pupil.pk])


def test_a_second_marker_makes_no_cards(school: School, code: str) -> None:
    from tutor.cards.services import make_cards

    with pytest.raises(PermissionDenied):
        make_cards(school.principal(school.second_teacher), school.course.pk)


def test_erasing_a_pupil_takes_the_account_along(school: School, code: str) -> None:
    from llmasos.accounts.models import Person
    from llmasos.audit.types import Ref
    from llmasos.privacy.registry import stores
    from tutor.courses.enrolling import enrolled_learner

    card(school, "A-1")
    with acting_in(school.organisation):
        learner = enrolled_learner(school.principal(school.teacher), school.course.pk, "A-1")
        stores()["tutor.work"].erase(school.id, Ref("learner", learner.pk))
    assert not Person.objects.filter(pk=learner.person_id).exists()


def test_the_address_of_a_pupil_without_one_is_shown_to_nobody(
    school: School, code: str, client: Client, owner: Person
) -> None:
    card(school, "A-1")
    client.force_login(owner, backend=BACKEND)
    page = client.get("/o/shop/people/").content.decode()
    assert "no e-mail" in page
    assert "without-mail" not in page
