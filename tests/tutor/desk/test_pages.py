from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
MARKING = "/o/shop/tutor/marking/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
Give = Callable[..., "Mark"]


@pytest.fixture
def desk(client: Client, school: School) -> Client:
    client.force_login(school.teacher, backend=BACKEND)
    return client


def form(answer: Answer, **values: str) -> dict[str, str]:
    level = {"level-evaporates": "yes", "level-energy": "no"}
    return {"digest": answer.digest, "expected_mark": "", "client_id": str(uuid4()), "queue": "all", **level, **values}


def test_the_list_says_how_far_an_assignment_is(desk: Client, answer: Answer, give: Give) -> None:
    give(answer)
    assert "1 of 1 marked" in desk.get(MARKING).content.decode()


def test_an_assignment_lists_its_questions(desk: Client, school: School, answer: Answer) -> None:
    page = desk.get(f"{MARKING}assignments/{school.assignment.pk}/").content.decode()
    assert "1 must be marked" in page


def test_who_is_no_second_marker_reaches_the_second_marks_from_the_assignment(
    desk: Client, school: School, answer: Answer
) -> None:
    from llmasos.accounts.tenancy import acting_in

    with acting_in(school.organisation):
        school.assignment.second_marking_percent = 100
        school.assignment.save(update_fields=["second_marking_percent"])
    page = desk.get(f"{MARKING}assignments/{school.assignment.pk}/").content.decode()
    assert f'href="{MARKING}questions/{school.question.pk}/?kind=second">second marks: 0 of 1' in page


def test_a_question_opens_at_what_asks_most_for_a_person(desk: Client, school: School, answer: Answer) -> None:
    page = desk.get(f"{MARKING}questions/{school.question.pk}/", follow=True)
    assert page.redirect_chain[-1][0] == f"{MARKING}answers/{answer.pk}/?queue=must"


def test_an_empty_queue_says_so(desk: Client, school: School) -> None:
    assert "Nothing was handed in" in desk.get(f"{MARKING}questions/{school.question.pk}/").content.decode()


def test_the_desk_shows_a_proposal_with_its_evidence_and_no_name(
    desk: Client, school: School, answer: Answer, propose: Any
) -> None:
    propose(answer)
    page = desk.get(f"{MARKING}answers/{answer.pk}/").content.decode()
    assert "Proposed: 1 of 2" in page
    assert ">The water evaporates.</mark>" in page
    assert school.pupil.name not in page


def test_a_name_shows_after_a_reason(desk: Client, school: School, answer: Answer) -> None:
    desk.post(f"{MARKING}answers/{answer.pk}/reveal/", {"reason": "contact"})
    assert school.pupil.name in desk.get(f"{MARKING}answers/{answer.pk}/").content.decode()


def test_what_is_left_open_takes_the_proposed_level(desk: Client, school: School, answer: Answer, propose: Any) -> None:
    propose(answer)
    given = form(
        answer, **{"level-evaporates": "", "level-energy": "", "ghost-evaporates": "yes", "ghost-energy": "no"}
    )
    reply = desk.post(f"{MARKING}answers/{answer.pk}/mark/", given, headers={"X-Desk": "1"})
    assert (reply.json()["shown"], reply.json()["counts"]["marked"]) == ("1", "1")


def test_a_refused_mark_shows_what_was_entered_beside_what_stands(desk: Client, answer: Answer, give: Give) -> None:
    give(answer)
    reply = desk.post(f"{MARKING}answers/{answer.pk}/mark/", form(answer, feedback="Mine", **{"level-energy": "yes"}))
    assert reply.status_code == 409
    page = reply.content.decode()
    assert "The mark has changed since you opened this answer." in page
    assert ">Mine</textarea>" in page


def test_two_marks_that_differ_are_decided_on_the_desk(
    desk: Client, school: School, answer: Answer, give: Give
) -> None:
    from tests.tutor.marking.conftest import RIGHT

    give(answer)
    give(answer, by=school.second_teacher, levels=RIGHT)
    page = desk.get(f"{MARKING}questions/{school.question.pk}/?kind=final", follow=True).content.decode()
    assert "Moderated mark" in page
    standing = re.search('name="expected_mark" value="([^"]*)"', page)
    assert standing is not None
    given = form(answer, kind="final", expected_mark=standing[1], **{"level-energy": "yes"})
    assert desk.post(f"{MARKING}answers/{answer.pk}/mark/", given, headers={"X-Desk": "1"}).json()["shown"] == "2"


def test_an_assistant_does_not_moderate(client: Client, school: School, answer: Answer) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tests.tutor.conftest import member
    from tutor.models import CourseStaff

    assistant = member(school.organisation, "helper", "teacher")
    with acting_in(school.organisation):
        CourseStaff.objects.create(
            organisation=school.organisation, course=school.course, person=assistant, role="assistant"
        )
    client.force_login(assistant, backend=BACKEND)
    assert client.get(f"{MARKING}questions/{school.question.pk}/").status_code == 302
    assert client.get(f"{MARKING}questions/{school.question.pk}/?kind=final").status_code == 403


def test_undo_from_the_desk(desk: Client, answer: Answer, give: Give) -> None:
    mark = give(answer)
    reply = desk.post(f"{MARKING}marks/{mark.pk}/withdraw/", headers={"Accept": "application/json"})
    assert reply.json() == {"answer": str(answer.pk)}


def test_everything_that_is_ready_is_released_and_taken_back(
    desk: Client, school: School, answer: Answer, give: Give
) -> None:
    address = f"{MARKING}assignments/{school.assignment.pk}/release/"
    give(answer)
    assert "1 learner sees the result now" in desk.post(address, {"act": "all"}, follow=True).content.decode()
    taken = desk.post(address, {"act": "withdraw", "submission": str(answer.submission_id)}, follow=True)
    assert "1 result was taken back" in taken.content.decode()


def test_one_of_many_submissions_is_found_by_its_pseudonym(desk: Client, school: School, answer: Answer) -> None:
    other = school.answer(school.other_pupil, "It dries.")
    names = [one.submission.pseudonym for one in (answer, other)]
    page = desk.post(f"{MARKING}assignments/{school.assignment.pk}/release/", {"pseudonym": names[1].lower()})
    assert [name in page.content.decode() for name in names] == [False, True]


def test_what_lacks_a_mark_is_named_on_the_release_page(desk: Client, school: School, answer: Answer) -> None:
    page = desk.get(f"{MARKING}assignments/{school.assignment.pk}/release/").content.decode()
    assert "question 1: no mark" in page


def test_a_request_is_decided_in_the_inbox(client: Client, school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.services import open_regrade, release

    mark = give(answer)
    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])
    asked = open_regrade(school.principal(school.pupil_person), answer.pk, text="Look at the second sentence.")
    client.force_login(school.second_teacher, backend=BACKEND)
    listed = client.get(f"{MARKING}regrades/").content.decode()
    assert answer.submission.pseudonym in listed
    assert "Heat · Why does a puddle vanish" in listed
    page = client.get(f"{MARKING}regrades/{asked.pk}/").content.decode()
    assert "Look at the second sentence." in page
    assert f'name="expected_mark" value="{mark.pk}"' in page
    decision = {"outcome": "changed", "text": "Right.", "expected_mark": str(mark.pk), "level-evaporates": "yes",
                "level-energy": "yes"}  # fmt: skip
    page = client.post(f"{MARKING}regrades/{asked.pk}/decide/", decision, follow=True).content.decode()
    assert "The mark was changed, and the learner sees it." in page


def test_a_request_shows_the_options_of_a_choice(client: Client, school: School, answer: Answer, give: Give) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.marking.services import open_regrade, release
    from tutor.models import Question

    give(answer)
    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])
    asked = open_regrade(school.principal(school.pupil_person), answer.pk, text="I ticked the right one.")
    options = [{"id": "a", "text": "Oil on a hinge", "correct": True}, {"id": "b", "text": "Sand", "correct": False}]
    with acting_in(school.organisation):
        Question.objects.for_organisation(school.id).filter(pk=school.question.pk).update(
            kind="choice", options=options
        )
    client.force_login(school.second_teacher, backend=BACKEND)
    assert "Oil on a hinge" in client.get(f"{MARKING}regrades/{asked.pk}/").content.decode()


def test_a_stranger_finds_nothing(client: Client, school: School, answer: Answer) -> None:
    from tests.tutor.conftest import member

    client.force_login(member(school.organisation, "elsewhere", "teacher"), backend=BACKEND)
    assert client.get(f"{MARKING}answers/{answer.pk}/").status_code == 404


def test_a_learner_has_no_desk(client: Client, school: School, answer: Answer) -> None:
    client.force_login(school.pupil_person, backend=BACKEND)
    assert client.get(f"{MARKING}answers/{answer.pk}/").status_code == 403


def test_proposals_are_asked_for_from_the_assignment(desk: Client, school: School, answer: Answer) -> None:
    page = desk.post(f"{MARKING}assignments/{school.assignment.pk}/proposals/", follow=True).content.decode()
    assert "Proposals wait for their turn" in page
