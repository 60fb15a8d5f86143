from __future__ import annotations

import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
Make = Callable[..., Any]


@pytest.fixture
def archive(school: School, client: Client) -> Callable[[], zipfile.ZipFile]:
    """What the pupil downloads."""

    def download() -> zipfile.ZipFile:
        client.force_login(school.pupil_person, backend=BACKEND)
        response = client.post(f"/o/{school.organisation.slug}/tutor/learn/record/")
        assert response.status_code == 200
        return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))  # type: ignore[attr-defined]

    return download


def read(archive: zipfile.ZipFile) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(archive.read("record.json"))
    return content


def test_it_holds_work_results_practice_and_estimates(
    school: School, marked: Make, exercise: Make, answer: Make, compute: Make, archive: Make, log: Make
) -> None:
    marked()
    answer(exercise(), "4")
    compute()
    (course,) = read(archive())["courses"]
    (work,) = course["work"]
    assert (work["answers"][0]["text"], work["result"]["points"]) == ("It evaporates.", "1")
    assert work["answers"][0]["result"]["criteria"][1] == {
        "text": "Says that heat gives molecules energy",
        "points": "0",
        "of": "1",
    }
    assert (course["practice"][0]["answer"], course["skills"][0]["answers"]) == ("4", 2)
    assert [one.subject_id for one in log("tutor.own_record_exported")] == [school.pupil.pk]


def test_it_names_the_learning_platforms_and_what_was_sent_there(school: School, archive: Make) -> None:
    from llmasos.audit.types import Ref
    from llmasos.privacy.registry import stores
    from tutor import models

    owned = {"organisation": school.organisation}
    with acting_in(school.organisation):
        platform = models.LtiPlatform.objects.create(**owned, name="Campus", deployment_ids=["1"])
        models.LtiLearner.objects.create(**owned, platform=platform, digest="1", learner=school.pupil, sub="user-7")
        context = models.LtiContext.objects.create(**owned, platform=platform, course=school.course)
        link = models.LtiLink.objects.create(**owned, context=context, assignment=school.assignment)
        models.LtiScore.objects.create(**owned, link=link, learner=school.pupil, state="sent", points=1, maximum=2)
        exported, *_work = stores()["tutor.work"].export(school.id, Ref("learner", school.pupil.pk))
    record = read(archive())
    assert record["learning_platforms"] == exported["learning_platforms"] == [{"platform": "Campus", "user": "user-7"}]
    (score,) = record["scores_sent"]
    assert (score["assignment"], score["points"], score["of"]) == ("Heat", "1.00", "2.00")


def test_a_draft_is_not_in_it(marked: Make, archive: Make) -> None:
    marked(released=False)
    (work,) = read(archive())["courses"][0]["work"]
    assert (work["result"], work["answers"][0]["result"]) == (None, None)


def test_a_classmates_work_is_not_in_it(school: School, marked: Make, archive: Make) -> None:
    marked(learner=school.other_pupil)
    assert read(archive())["courses"][0]["work"] == []


def test_files_lie_where_the_page_links_them(school: School, archive: Make) -> None:
    from tutor.models import Answer, AnswerFile, Submission

    owned = {"organisation": school.organisation, "learner": school.pupil}
    with acting_in(school.organisation):
        attempt = Submission.objects.create(**owned, assignment=school.assignment, pseudonym="Heron", shuffle=1)
        answer = Answer.objects.create(**owned, submission=attempt, question=school.question, text="Read it.")
        AnswerFile.objects.create(
            **owned, answer=answer, name="essay.txt", media_type="text/plain", size=4, digest="d" * 64,
            content=b64encode(b"Ice.").decode(),
        )  # fmt: skip
    found = archive()
    (file,) = read(found)["courses"][0]["work"][0]["answers"][0]["files"]
    assert found.read(file["path"]) == b"Ice."
    assert f'href="{file["path"]}"' in found.read("record.html").decode()


def test_staff_have_no_such_record(school: School, client: Client) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    assert client.post(f"/o/{school.organisation.slug}/tutor/learn/record/").status_code == 403
