"""Acts on many rows: asked for on a page, done by a worker, all or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member

if TYPE_CHECKING:
    from llmasos.accounts.models import Person
    from tutor.models import Answer, BulkAct, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
Log = Callable[[str], list[Any]]
BACKEND = "django.contrib.auth.backends.ModelBackend"
VIEWS = ("tutor.desk.views.groups", "tutor.desk.views.release", "tutor.interchange.marks.views")


@pytest.fixture(autouse=True)
def everything_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row is many here, and what would be queued is done by the tests themselves."""
    for module in VIEWS:
        monkeypatch.setattr(f"{module}.LONG", 0)
    monkeypatch.setattr("tutor.bulk.acts.publish", lambda organisation_id, act_id: None)


@pytest.fixture
def browser(client: Client, school: School) -> Client:
    client.force_login(school.teacher, backend=BACKEND)
    return client


def acts(school: School) -> list[BulkAct]:
    from tutor.models import BulkAct

    with acting_in(school.organisation):
        return list(BulkAct.objects.all())


def left(school: School) -> list[tuple[str, str, str]]:
    """Return how each act stands, and what it holds."""
    from tutor.models import BulkAct

    with acting_in(school.organisation):
        return [(one.state, one.content, one.result) for one in BulkAct.objects.all()]


def work(school: School) -> None:
    from tutor.bulk.acts import work

    for one in acts(school):
        work(school.id, one.pk)


def release(browser: Client, school: School) -> str:
    """Ask for the release of all that is ready, and return where the browser is sent."""
    return browser.post(f"/o/shop/tutor/marking/assignments/{school.assignment.pk}/release/", {"act": "all"})[
        "Location"
    ]


def post(browser: Client, school: School, path: str, **values: Any) -> str:
    return browser.post(f"/o/shop/tutor/assignments/{school.assignment.pk}/{path}", values)["Location"]


def test_a_long_release_asked_for_twice_is_done_once(
    browser: Client, school: School, answer: Answer, give: Give, log: Log
) -> None:
    give(answer)
    page = release(browser, school)
    assert release(browser, school) == page
    assert "Waits for its turn" in browser.get(page).content.decode()
    assert log("tutor.released") == []
    work(school)
    work(school)
    assert len(log("tutor.released")) == 1
    assert "1 learner sees the result now." in browser.get(page).content.decode()


def test_a_stopped_release_shows_nobody_anything(
    browser: Client, school: School, answer: Answer, give: Give, log: Log
) -> None:
    give(answer)
    page = release(browser, school)
    stopped = browser.post(f"{page}act/", {"act": "stop"}, follow=True).content.decode()
    assert "Stopped before its end." in stopped
    work(school)
    assert log("tutor.released") == []
    assert len(log("tutor.bulk_stopped")) == 1


def test_what_was_stopped_while_it_was_done_is_taken_back_as_a_whole(
    browser: Client, school: School, answer: Answer, give: Give, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor import jobs

    give(answer)
    release(browser, school)
    monkeypatch.setattr(jobs, "end", lambda *_job, **_how: False)
    work(school)
    assert log("tutor.released") == []


def test_a_lost_workers_act_is_taken_up_again(
    browser: Client, school: School, answer: Answer, give: Give, log: Log
) -> None:
    from tutor.bulk.acts import take_up_lost
    from tutor.models import BulkAct

    give(answer)
    page = release(browser, school)
    with acting_in(school.organisation):
        BulkAct.objects.update(state="running", heartbeat_at=timezone.now() - timedelta(minutes=3))
    assert "not been heard" in browser.get(page).content.decode()
    work(school)
    assert log("tutor.released") == []
    assert take_up_lost(school.id, lost_after=timedelta(minutes=2)) == 1
    work(school)
    assert len(log("tutor.released")) == 1


def test_why_nothing_was_done_is_said(browser: Client, school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.services import withdraw_mark

    mark = give(answer)
    page = release(browser, school)
    withdraw_mark(school.principal(school.teacher), mark.pk)
    work(school)
    said = browser.get(page).content.decode()
    assert "Nothing of it was done." in said
    assert "Something went wrong" not in said


def test_what_is_not_there_any_more_is_no_lack_of_a_right(
    browser: Client, school: School, answer: Answer, give: Give
) -> None:
    give(answer)
    page = release(browser, school)
    with acting_in(school.organisation):
        answer.submission.delete()
    work(school)
    said = browser.get(page).content.decode()
    assert "is there no more" in said
    assert "no right" not in said


def test_an_assistant_does_not_stop_what_a_teacher_asked_for(
    browser: Client, school: School, answer: Answer, log: Log
) -> None:
    from tutor.models import BulkAct, CourseStaff

    post(browser, school, "marks/sheet/", unmarked="1")
    (act,) = acts(school)
    with acting_in(school.organisation):
        BulkAct.objects.update(kind=BulkAct.Kind.CONFIRMING, given={"question": str(school.question.pk)})
        CourseStaff.objects.filter(person=school.second_teacher).update(role="assistant")
    other = Client()
    other.force_login(school.second_teacher, backend=BACKEND)
    page = f"/o/shop/tutor/acts/{act.pk}/"
    assert 'value="stop"' not in other.get(page).content.decode()
    assert other.post(f"{page}act/", {"act": "stop"}).status_code == 403
    assert log("tutor.bulk_stopped") == []


def test_a_long_file_of_marks_is_looked_at_and_given_once(
    browser: Client, school: School, answer: Answer, log: Log
) -> None:
    with acting_in(school.organisation):
        school.assignment.anonymous = False
        school.assignment.save()
    file = SimpleUploadedFile("m.csv", b"number,points\nPupil,1.5\nNobody,1\n")
    page = post(browser, school, "marks/import/", file=file)
    work(school)
    shown = browser.get(page).content.decode()
    assert "1 answer would get a mark" in shown
    assert "Line 3" in shown
    for _press in range(2):
        browser.post(f"{page}act/", {"act": "marks"})
    work(school)
    assert "1 mark was imported." in browser.get(page).content.decode()
    assert len(log("tutor.marked")) == 1
    assert [one.content for one in acts(school)] == [""]


def test_a_long_sheet_is_handed_to_who_asked_and_each_time_recorded(
    browser: Client, school: School, answer: Answer, log: Log
) -> None:
    from tutor.models import CourseStaff

    page = post(browser, school, "marks/sheet/", unmarked="1")
    work(school)
    assert b"evaporates" in browser.post(f"{page}file/").content
    assert len(log("tutor.marking_sheet_exported")) == 2
    colleague: Person = member(school.organisation, "colleague", "teacher")
    with acting_in(school.organisation):
        CourseStaff.objects.create(
            organisation=school.organisation, course=school.course, person=colleague, role="teacher"
        )
    other = Client()
    other.force_login(colleague, backend=BACKEND)
    assert other.post(f"{page}file/").status_code == 404


def test_what_waits_goes_when_a_learner_is_erased_and_after_a_day(
    browser: Client, school: School, answer: Answer
) -> None:
    from llmasos.audit.types import Ref
    from llmasos.privacy.registry import stores_of
    from tutor.bulk.acts import take_up_lost
    from tutor.models import BulkAct

    post(browser, school, "marks/sheet/", unmarked="1")
    work(school)
    store = next(one for one in stores_of("learner") if one.name == "tutor.bulk_acts")
    with acting_in(school.organisation):
        store.erase(school.id, Ref("learner", school.other_pupil.pk))
    assert acts(school) == []
    post(browser, school, "marks/sheet/", unmarked="1")
    work(school)
    with acting_in(school.organisation):
        BulkAct.objects.update(created_at=timezone.now() - timedelta(hours=25))
    take_up_lost(school.id, lost_after=timedelta(minutes=2))
    assert len(acts(school)) == 1
    with acting_in(school.organisation):
        BulkAct.objects.update(finished_at=timezone.now() - timedelta(hours=25))
    take_up_lost(school.id, lost_after=timedelta(minutes=2))
    assert acts(school) == []


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_sheet_under_way_when_a_learner_is_erased_ends_with_nothing(
    browser: Client, school: School, answer: Answer, state: str
) -> None:
    from llmasos.audit.types import Ref
    from llmasos.privacy.registry import stores_of
    from tutor.models import BulkAct

    page = post(browser, school, "marks/sheet/", unmarked="1")
    store = next(one for one in stores_of("learner") if one.name == "tutor.bulk_acts")
    with acting_in(school.organisation):
        BulkAct.objects.update(state=state)
        store.erase(school.id, Ref("learner", school.other_pupil.pk))
    work(school)
    assert left(school) == [("failed", "", "")]
    assert "Stopped before its end." in browser.get(page).content.decode()


@pytest.mark.parametrize(
    "change", [{"tries": 3, "heartbeat_at": timedelta(minutes=3)}, {"created_at": timedelta(hours=25)}]
)
def test_an_act_that_ends_its_workers_or_is_a_day_old_is_given_up_and_emptied(
    browser: Client, school: School, answer: Answer, change: dict[str, Any]
) -> None:
    from tutor.bulk.acts import take_up_lost
    from tutor.models import BulkAct

    page = post(browser, school, "marks/import/", file=SimpleUploadedFile("m.csv", b"pseudonym,points\nHeron,1\n"))
    ago = {name: timezone.now() - by if isinstance(by, timedelta) else by for name, by in change.items()}
    with acting_in(school.organisation):
        BulkAct.objects.update(state="running", **ago)
    assert take_up_lost(school.id, lost_after=timedelta(minutes=2)) == 0
    assert left(school) == [("failed", "", "")]
    assert "Something went wrong on our side." in browser.get(page).content.decode()


def test_going_on_with_the_same_file_twice_leads_to_the_one_under_way(
    browser: Client, school: School, answer: Answer, log: Log
) -> None:
    pages = []
    for _upload in range(2):
        file = SimpleUploadedFile("m.csv", b"pseudonym,points\nHeron,1\n")
        pages.append(post(browser, school, "marks/import/", file=file))
        work(school)
    assert pages[0] != pages[1]
    led = [browser.post(f"{page}act/", {"act": "marks"})["Location"] for page in pages]
    assert led == [pages[0], pages[0]]


def test_the_cards_of_a_class_can_be_read_until_they_are_deleted(browser: Client, school: School) -> None:
    from tutor.cards.services import make_cards
    from tutor.courses.enrolling import Entry, enrol, enrolled_learner
    from tutor.courses.services import renew_class_code

    teacher = school.principal(school.teacher)
    enrol(teacher, school.course.pk, [Entry("Ada", number="A-1"), Entry("Bob", number="B-2")])
    renew_class_code(teacher, school.course.pk)
    cards = f"/o/shop/tutor/courses/{school.course.pk}/cards/"
    page = browser.post(cards)["Location"]
    work(school)
    first = re.findall(r">([0-9]{6})<", browser.get(page).content.decode())
    assert len(first) == 2
    assert "Ready" in browser.get(f"/o/shop/tutor/courses/{school.course.pk}/learners/").content.decode()
    with acting_in(school.organisation):
        ada = enrolled_learner(teacher, school.course.pk, "A-1").pk
    make_cards(teacher, school.course.pk, [ada])
    assert len(re.findall(r">([0-9]{6})<", browser.get(page).content.decode())) == 1
    browser.post(f"{page}act/", {"act": "discard"})
    assert browser.get(page).status_code == 404
    page = browser.post(cards)["Location"]
    work(school)
    assert "Everybody who can have a card has one" in browser.get(page).content.decode()


def test_a_large_group_is_marked_and_taken_back_by_the_worker(
    browser: Client, school: School, answer: Answer, log: Log
) -> None:
    from tutor.marking.services import preview_group
    from tutor.models import AnswerGroup, GroupAct, GroupMember

    owned = {"organisation": school.organisation}
    with acting_in(school.organisation):
        group = AnswerGroup.objects.create(**owned, question=school.question)
        GroupMember.objects.create(**owned, group=group, answer=answer, answer_digest=answer.digest)
    levels = {"evaporates": "yes", "energy": "no"}
    seen = preview_group(school.principal(school.teacher), group.pk, levels=levels)
    desk = "/o/shop/tutor/marking/"
    entered = {f"level-{key}": value for key, value in levels.items()}
    page = browser.post(f"{desk}groups/{group.pk}/apply/", {"preview": seen.digest, "feedback": "Why?", **entered})
    work(school)
    assert "1 answer was marked." in browser.get(page["Location"]).content.decode()
    with acting_in(school.organisation):
        act = GroupAct.objects.get()
        assert [one.feedback for one in act.marks.all()] == ["Why?"]
    page = browser.post(f"{desk}acts/{act.pk}/undo/")
    work(school)
    assert "1 mark was taken back." in browser.get(page["Location"]).content.decode()
    assert len(log("tutor.mark_withdrawn")) == 1
