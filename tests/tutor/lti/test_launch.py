"""Launches: who comes in, where they get to, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from jwcrypto.jwk import JWK

from llmasos.accounts.models import Membership
from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member
from tests.tutor.lti.conftest import Launched
from tests.tutor.lti.platform import ROLE, LearningPlatform

pytestmark = pytest.mark.django_db
TEACHES = {"sub": "teacher-1", "lti_roles": [f"{ROLE}#Instructor"]}
BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(client: Client) -> str:
    return str(client.session.get("_auth_user_id", ""))


def test_a_learner_gets_an_account_a_place_in_the_course_and_the_work(
    school: School, connected: None, launch: Launched
) -> None:
    from tutor.models import Enrolment

    client = Client()
    page = launch(client, name="Ada Lovelace", email="ada@elsewhere.example")
    assert page.redirect_chain[-1][0].endswith(f"/work/assignments/{school.assignment.pk}/")  # type: ignore[attr-defined]
    assert page.status_code == 200
    with acting_in(school.organisation):
        learner = Enrolment.objects.get(learner__person_id=signed_in(client)).learner
        assert (learner.name, learner.email) == ("Ada Lovelace", "ada@elsewhere.example")


def test_the_same_user_comes_back_to_the_same_account(connected: None, launch: Launched) -> None:
    first, second = Client(), Client()
    launch(first)
    launch(second)
    assert signed_in(first) == signed_in(second) != ""


def test_a_teacher_connects_the_class_and_the_link_once(
    school: School, registered: object, launch: Launched, begin: object
) -> None:
    client = Client()
    page = launch(client, **TEACHES)
    place = f"/o/{school.organisation.slug}/tutor/lti/connect/"
    assert "A new course: Physics on Moodle" in page.content.decode()
    page = client.post(place, {"chosen": "none"}, follow=True)  # type: ignore[assignment]
    assert "What does this link open?" in page.content.decode()
    page = client.post(place, {"chosen": "none"}, follow=True)  # type: ignore[assignment]
    assert "/tutor/courses/" in page.redirect_chain[-1][0]  # type: ignore[attr-defined]
    assert "/tutor/courses/" in launch(client, **TEACHES).redirect_chain[-1][0]  # type: ignore[attr-defined]


def test_an_instructor_teaches_the_connected_course(school: School, connected: None, launch: Launched) -> None:
    client = Client()
    launch(client, **TEACHES)
    with acting_in(school.organisation):
        assert school.course.staff.get(person_id=signed_in(client)).role == "teacher"


def test_a_learner_of_a_class_that_nobody_connected_is_told_so(registered: object, launch: Launched) -> None:
    page = launch(Client())
    assert page.status_code == 403
    assert "has not connected this class" in page.content.decode()


def test_an_account_with_the_same_address_is_linked_by_its_owner_alone(
    school: School, connected: None, launch: Launched
) -> None:
    client = Client()
    page = launch(client, email="pupil@shop.example")
    assert signed_in(client) == ""
    assert "Sign in yourself" in page.content.decode()
    client.force_login(school.pupil_person, backend=BACKEND)
    place = f"/o/{school.organisation.slug}/tutor/lti/arrive/"
    assert "Both are me" in client.get(place).content.decode()
    client.post(place, {"act": "link"})
    again = Client()
    launch(again, email="pupil@shop.example")
    assert signed_in(again) == str(school.pupil_person.pk)


def test_who_is_somebody_else_than_the_one_signed_in_gets_an_account_of_their_own(
    school: School, connected: None, launch: Launched
) -> None:
    client = Client()
    client.force_login(school.pupil_person, backend=BACKEND)
    launch(client)
    client.post(f"/o/{school.organisation.slug}/tutor/lti/arrive/", {"act": "new"})
    assert signed_in(client) not in {"", str(school.pupil_person.pk)}


def test_a_launch_opens_no_administrators_account(school: School, connected: None, launch: Launched) -> None:
    client = Client()
    launch(client, **TEACHES)
    with acting_in(school.organisation):
        Membership.objects.create(organisation=school.organisation, person_id=signed_in(client), role="administrator")
    again = Client()
    page = launch(again, **TEACHES)
    assert signed_in(again) == ""
    assert "Sign in yourself" in page.content.decode()


def test_who_was_deactivated_stays_out(school: School, connected: None, launch: Launched) -> None:
    from django.utils import timezone

    client = Client()
    launch(client)
    with acting_in(school.organisation):
        Membership.objects.filter(person_id=signed_in(client)).update(deactivated_at=timezone.now())
    again = Client()
    assert launch(again).status_code == 403
    assert signed_in(again) == ""


def test_a_launch_works_once(
    school: School, connected: None, begin: Callable[[Client], tuple[str, str]], moodle: LearningPlatform
) -> None:
    client = Client()
    state, nonce = begin(client)
    sent = {"state": state, "id_token": moodle.id_token(nonce)}
    place = f"/o/{school.organisation.slug}/tutor/lti/launch/"
    assert [client.post(place, sent).status_code for _ in range(2)] == [302, 403]


def test_a_launch_from_another_browser_is_refused(
    school: School, connected: None, begin: Callable[[Client], tuple[str, str]], moodle: LearningPlatform
) -> None:
    state, nonce = begin(Client())
    place = f"/o/{school.organisation.slug}/tutor/lti/launch/"
    assert Client().post(place, {"state": state, "id_token": moodle.id_token(nonce)}).status_code == 403


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"aud": "another"}, "audience"),
        ({"aud": ["client-1", "another"]}, "audience"),
        ({"iss": "https://another.example"}, "audience"),
        ({"lti_deployment_id": "another"}, "deployment"),
        ({"key": JWK.generate(kty="RSA", size=2048)}, "signature"),
        ({"exp": int(time.time()) - 5}, "signature"),
        ({"lti_message_type": "LtiDeepLinkingRequest"}, "message"),
        ({"lti_context": {}}, "incomplete"),
        ({"lti_roles": []}, "role"),
    ],
)
def test_what_is_not_as_it_must_be_is_refused_and_recorded(
    school: School, connected: None, launch: Launched, changes: dict[str, Any], reason: str
) -> None:
    from llmasos.audit.models import Entry

    client = Client()
    assert launch(client, **changes).status_code == 403
    assert signed_in(client) == ""
    with acting_in(school.organisation):
        assert Entry.objects.filter(action="tutor.lti_refused").latest("recorded_at").digests["reason"] == reason


@pytest.mark.parametrize("place", ["login/", "keys/", "arrive/"])
def test_a_school_without_a_platform_answers_as_if_it_were_not_there(school: School, place: str) -> None:
    assert Client().get(f"/o/{school.organisation.slug}/tutor/lti/{place}").status_code == 404


def test_a_platform_that_is_not_registered_is_refused(school: School, registered: object) -> None:
    asked = {"iss": "https://unknown.example", "login_hint": "hint"}
    page = Client().get(f"/o/{school.organisation.slug}/tutor/lti/login/", asked)
    assert page.status_code == 403
    assert "not registered here" in page.content.decode()
    # Inside the platform's frame it is read too.
    assert "frame-ancestors https:" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page


def test_inside_a_frame_a_window_of_its_own_is_offered(school: School, registered: object) -> None:
    place = f"/o/{school.organisation.slug}/tutor/lti/login/?iss=x&login_hint=y"
    page = Client().get(place, headers={"Sec-Fetch-Dest": "iframe"})
    assert 'target="_blank"' in page.content.decode()
    assert "frame-ancestors https:" in page["Content-Security-Policy"]
    assert "X-Frame-Options" not in page


def test_another_organisation_does_not_know_the_platform(registered: object, stranger: object) -> None:
    asked = {"iss": "https://x.example", "login_hint": "hint"}
    assert Client().get("/o/clinic/tutor/lti/login/", asked).status_code in {403, 404}


def test_a_learner_of_the_class_list_without_an_account_is_the_same_learner(
    school: School, connected: None, launch: Launched
) -> None:
    from tutor.models import Learner

    with acting_in(school.organisation):
        listed = Learner.objects.create(organisation=school.organisation, name="Ada", email="ada@elsewhere.example")
    client = Client()
    launch(client, email="ada@elsewhere.example")
    with acting_in(school.organisation):
        assert Learner.objects.get(person_id=signed_in(client)).pk == listed.pk


def test_a_member_of_another_organisation_too_signs_in_themselves(
    school: School, connected: None, launch: Launched, other_organisation: Any
) -> None:
    client = Client()
    launch(client)
    person_id = signed_in(client)
    with acting_in(other_organisation):
        Membership.objects.create(organisation=other_organisation, person_id=person_id, role="student")
    again = Client()
    launch(again)
    assert signed_in(again) == ""


def test_only_teachers_of_the_class_connect_it(school: School, registered: object, launch: Launched) -> None:
    client = Client()
    launch(client, sub="aide", lti_roles=[f"{ROLE}/Instructor#TeachingAssistant"])
    assert client.get(f"/o/{school.organisation.slug}/tutor/lti/connect/").status_code == 404
    client.force_login(member(school.organisation, "curious", "teacher"), backend=BACKEND)
    assert client.get(f"/o/{school.organisation.slug}/tutor/lti/connect/").status_code == 404
