"""Class lists from a platform, and scores to it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tests.tutor.lti.platform import ROLE, LearningPlatform

if TYPE_CHECKING:
    from tutor.models import Answer, LtiContext, LtiLink, LtiPlatform, LtiScore

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be queued is done by the tests themselves."""
    from tutor.lti import class_lists, scores

    for module in (class_lists, scores):
        monkeypatch.setattr(module, "publish", lambda organisation_id, row_id: None)


@pytest.fixture
def link(school: School, moodle: LearningPlatform, registered: LtiPlatform, connected: None) -> LtiLink:
    """The connected link, with a place for scores and both pupils known to the platform."""
    from tutor.lti.protocol import digest_of
    from tutor.models import LtiContext, LtiLearner, LtiLink

    with acting_in(school.organisation):
        LtiContext.objects.update(memberships_url=f"{moodle.address}/members")
        LtiLink.objects.update(line_item_url=f"{moodle.address}/items/1")
        for learner, sub in ((school.pupil, "pupil-1"), (school.other_pupil, "other-1")):
            LtiLearner.objects.create(
                organisation=school.organisation,
                platform=registered,
                learner=learner,
                sub=sub,
                digest=digest_of(registered.pk, sub),
            )
        return LtiLink.objects.select_related("context").get()


def released(school: School, answer: Answer, points: str) -> UUID:
    """Mark an answer, release it, and return the batch."""
    from tutor.marking.services.releases import release
    from tutor.models import Mark

    with acting_in(school.organisation):
        Mark.objects.create(
            organisation=school.organisation,
            answer=answer,
            learner=answer.learner,
            origin="own",
            answer_digest=answer.digest,
            rubric=school.question.rubric,
            points=Decimal(points),
            marker=school.teacher,
        )
    batch, _count = release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id], partly=True)
    return batch


def sent(school: School, link: LtiLink) -> Mapping[str, LtiScore]:
    """Let the worker send what is due, and return the scores by learner."""
    from tutor.lti import scores
    from tutor.models import LtiScore

    scores.work(school.id, link.pk)
    with acting_in(school.organisation):
        rows = LtiScore.objects.filter(link=link).select_related("learner")
        return {one.learner.name: one for one in rows}


def read(school: School, context_id: UUID) -> LtiContext:
    from tutor.lti import class_lists
    from tutor.models import LtiContext

    class_lists.ask(school.principal(school.teacher), context_id)
    class_lists.work(school.id, context_id)
    with acting_in(school.organisation):
        return LtiContext.objects.get(pk=context_id)


def test_the_platforms_learners_come_into_the_class_list_once(
    school: School, moodle: LearningPlatform, link: LtiLink
) -> None:
    from tutor.models import Enrolment

    learner = [f"{ROLE}#Learner"]
    moodle.members += [
        {"user_id": "pupil-1", "roles": learner, "name": "Pupil"},
        {"user_id": "new-1", "roles": ["Learner"], "name": "Grace Hopper"},
        {"user_id": "gone-1", "roles": learner, "name": "Gone", "status": "Inactive"},
        {"user_id": "teacher-1", "roles": [f"{ROLE}#Instructor"], "name": "Teacher"},
    ]
    assert read(school, link.context_id).members_counts == {"present": 1, "added": 1}
    assert read(school, link.context_id).members_counts == {"present": 2}
    with acting_in(school.organisation):
        names = {one.learner.name for one in Enrolment.objects.filter(course=school.course)}
    assert names == {"Pupil", "Other", "Grace Hopper"}


def test_a_class_list_on_a_host_that_is_not_registered_is_not_read(school: School, link: LtiLink) -> None:
    from tutor.models import LtiContext

    with acting_in(school.organisation):
        LtiContext.objects.update(memberships_url="https://elsewhere.example/members")
    found = read(school, link.context_id)
    assert (found.members_state, found.members_error) == ("failed", "address")


def test_a_released_score_goes_to_the_platform_less_what_lateness_takes(
    school: School, moodle: LearningPlatform, link: LtiLink
) -> None:
    with acting_in(school.organisation):
        school.assignment.late_percent_per_day = 25
        school.assignment.save(update_fields=["late_percent_per_day"])
    released(school, school.answer(school.pupil, "It evaporates", late_seconds=3600), "2")
    assert sent(school, link)["Pupil"].state == "sent"
    (score,) = moodle.scores
    assert (score["userId"], score["scoreGiven"], score["scoreMaximum"]) == ("pupil-1", 1.5, 2.0)
    assert score["gradingProgress"] == "FullyGraded"


def test_one_score_that_is_refused_stops_no_other(school: School, moodle: LearningPlatform, link: LtiLink) -> None:
    moodle.refuses.add("pupil-1")
    released(school, school.answer(school.pupil, "It evaporates"), "2")
    released(school, school.answer(school.other_pupil, "Magic"), "1")
    found = sent(school, link)
    assert (found["Pupil"].state, found["Pupil"].error_code) == ("failed", "refused")
    assert found["Other"].state == "sent"
    moodle.refuses.clear()
    client = Client()
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"/o/{school.organisation.slug}/tutor/courses/{school.course.pk}/lti/")
    assert "The platform refused it" in page.content.decode()
    client.post(f"/o/{school.organisation.slug}/tutor/lti/links/{link.pk}/scores/", {"act": "again"})
    assert sent(school, link)["Pupil"].state == "sent"


def test_a_score_that_was_changed_there_is_overwritten_only_when_a_teacher_says_so(
    school: School, moodle: LearningPlatform, link: LtiLink
) -> None:
    from tutor.lti import scores

    moodle.results["pupil-1"] = 0.5
    released(school, school.answer(school.pupil, "It evaporates"), "2")
    assert sent(school, link)["Pupil"].state == "changed"
    assert moodle.scores == []
    assert scores.send_again(school.principal(school.teacher), link.pk, overwrite=True) == 1
    assert sent(school, link)["Pupil"].state == "sent"
    assert moodle.results["pupil-1"] == 2.0


def test_a_release_that_is_withdrawn_is_taken_back(school: School, moodle: LearningPlatform, link: LtiLink) -> None:
    from tutor.marking.services.releases import withdraw_release

    batch = released(school, school.answer(school.pupil, "It evaporates"), "2")
    sent(school, link)
    withdraw_release(school.principal(school.teacher), school.assignment.pk, batch=batch)
    assert sent(school, link)["Pupil"].state == "taken_back"
    assert "scoreGiven" not in moodle.scores[-1]
    assert moodle.results == {}


def test_a_platform_that_is_away_is_tried_again_later(
    school: School, moodle: LearningPlatform, link: LtiLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moodle, "answer", lambda method, path, body: (503, {}))
    released(school, school.answer(school.pupil, "It evaporates"), "2")
    waiting = sent(school, link)["Pupil"]
    assert (waiting.state, waiting.tries, waiting.error_code) == ("waiting", 1, "away")


def test_only_teachers_of_the_course_see_and_send(school: School, link: LtiLink) -> None:
    client = Client()
    client.force_login(school.second_teacher, backend=BACKEND)
    place = f"/o/{school.organisation.slug}/tutor"
    assert client.get(f"{place}/courses/{school.course.pk}/lti/").status_code == 403
    assert client.post(f"{place}/lti/links/{link.pk}/scores/", {"act": "again"}).status_code == 403
    assert client.post(f"{place}/lti/classes/{uuid4()}/members/").status_code == 404
