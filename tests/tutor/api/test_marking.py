"""Work from elsewhere, proposals, marks and what learners are shown, over the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from rest_framework.test import APIClient

pytestmark = pytest.mark.django_db
Post = Callable[..., Any]


def work(school: School, text: str = "The heat makes it evaporate.", **named: str) -> dict[str, Any]:
    answers = [{"question": str(school.question.pk), "text": text}]
    return {"submissions": [{**(named or {"learner": str(school.pupil.pk)}), "answers": answers}]}


def test_imported_work_is_frozen_with_its_digests(school: School, post: Post) -> None:
    from tutor.models import Submission
    from tutor.work.queries import is_intact

    (done,) = post(f"assignments/{school.assignment.pk}/submissions", work(school, identifier="Pupil"))["submissions"]
    assert (done["learner"], done["is_new"]) == (str(school.pupil.pk), True)
    with acting_in(school.organisation):
        submission = Submission.objects.for_organisation(school.id).get(pk=done["submission"])
        assert (submission.handed_in_by, submission.digest) == ("staff", done["digest"])
        assert is_intact(submission)


def test_the_same_work_again_is_the_attempt_that_was_imported(school: School, post: Post) -> None:
    path = f"assignments/{school.assignment.pk}/submissions"
    (first,) = post(path, work(school))["submissions"]
    (again,) = post(path, work(school))["submissions"]
    (other,) = post(path, work(school, "It dries."))["submissions"]
    assert (again["submission"], again["is_new"], other["attempt"]) == (first["submission"], False, 2)


def test_work_with_one_wrong_answer_is_not_taken_at_all(school: School, post: Post, api: APIClient) -> None:
    both = work(school)
    wrong = {"learner": str(school.other_pupil.pk), "answers": [{"question": str(school.course.pk), "text": "?"}]}
    both["submissions"].append(wrong)
    assert post(f"assignments/{school.assignment.pk}/submissions", both, status=400)["param"] == "answers"
    assert api.get(f"/api/tutor/assignments/{school.assignment.pk}/submissions").data["count"] == 0


def test_work_of_a_learner_who_was_taken_out_is_refused(school: School, post: Post, api: APIClient) -> None:
    api.delete(f"/api/tutor/courses/{school.course.pk}/learners/{school.pupil.pk}")
    refused = post(f"assignments/{school.assignment.pk}/submissions", work(school), status=409)
    assert "taken out of the course" in refused["detail"]
    assert api.get(f"/api/tutor/assignments/{school.assignment.pk}/submissions").data["count"] == 0


def test_answers_are_read_under_pseudonyms_and_the_read_is_recorded(
    school: School, api: APIClient, log: Callable[[str], list[Any]]
) -> None:
    answer = school.answer(school.pupil, "It evaporates.")
    (row,) = api.get(f"/api/tutor/questions/{school.question.pk}/answers").data["results"]
    assert (row["text"], row["pseudonym"][:5]) == ("It evaporates.", "Heron")
    assert "Pupil" not in str(row)
    assert [entry.digests["answers"] for entry in log("tutor.answers_read")] == [[str(answer.pk)]]


def test_a_run_is_asked_for_and_its_proposals_are_read(
    school: School, post: Post, api: APIClient, propose: Callable[..., Any]
) -> None:
    made = propose(school.answer(school.pupil, "The water evaporates."))
    asked = post(f"questions/{school.question.pk}/runs", status=202)
    assert asked["state"] == "queued"
    rows = api.get(f"/api/tutor/runs/{made.run_id}/proposals?confidence_from=0.5").data["results"]
    assert [(row["points"], row["criteria"][0]["end"]) for row in rows] == [("1.00", 21)]
    assert api.get(f"/api/tutor/runs/{made.run_id}/proposals?confidence_from=0.95").data["count"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("answers/{answer}/marks", {"expected_digest": "0", "points": "1"}),
        ("assignments/{assignment}/releases", {"submissions": ["{answer}"]}),
        ("assignments/{assignment}/releases/withdraw", {"batch": "{answer}"}),
        ("regrades/{answer}/messages", {"text": "No."}),
    ],
)
def test_what_people_decide_is_refused_to_a_key(school: School, post: Post, path: str, body: dict[str, Any]) -> None:
    answer = str(school.answer(school.pupil, "It evaporates.").pk)
    filled = {
        name: [answer] if isinstance(value, list) else value.replace("{answer}", answer) for name, value in body.items()
    }
    refused = post(path.format(answer=answer, assignment=school.assignment.pk), filled, status=403)
    assert refused["code"] == "person_needed"
    assert "decisions of people" in refused["detail"]


def test_a_released_result_and_the_gradebook_are_handed_to_the_school(
    school: School, api: APIClient, give: Callable[..., Any], log: Callable[[str], list[Any]]
) -> None:
    from tutor.marking.services import release

    answer = school.answer(school.pupil, "It evaporates.")
    give(answer)
    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])
    learner = f"/api/tutor/courses/{school.course.pk}/learners/{school.pupil.pk}/results"
    (result,) = api.get(learner).data["results"]
    assert (result["points"], result["most"], result["left"]) == ("1.00", "2.00", "1.00")
    table = api.get(f"/api/tutor/assignments/{school.assignment.pk}/gradebook?layout=moodle")
    assert table["Content-Type"].startswith("text/csv")
    assert "Pupil,Pupil,,Graded,1,2" in table.content.decode()
    assert log("tutor.gradebook_exported")
    (mark,) = api.get(f"/api/tutor/questions/{school.question.pk}/marks").data["results"]
    assert (mark["points"], mark["levels"]) == ("1.00", {"evaporates": "yes", "energy": "no"})


def test_what_marks_say_is_read_with_its_gaps(school: School, api: APIClient, give: Callable[..., Any]) -> None:
    give(school.answer(school.pupil, "It evaporates."))
    quality = api.get(f"/api/tutor/questions/{school.question.pk}/quality").data
    assert (quality["marked"], quality["independent"]["hidden"], quality["independent"]["agreement"]) == (1, True, None)
    dial = api.get(f"/api/tutor/questions/{school.question.pk}/dial").data
    assert (dial["steps"], dial["marks"] < dial["needed"]) == ([], True)


def test_how_a_learner_stands_is_read_and_recorded(
    school: School, api: APIClient, log: Callable[[str], list[Any]]
) -> None:
    found = api.get(f"/api/tutor/courses/{school.course.pk}/learners/{school.pupil.pk}/learning").data
    assert (found["skills"], found["advice"]) == ([], [])
    assert [entry.subject_id for entry in log("tutor.learning_read")] == [school.pupil.pk]
