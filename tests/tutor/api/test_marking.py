"""Work from elsewhere, proposals, marks and what learners are shown, over the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
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


def test_one_answer_and_its_attempt_are_read_under_the_pseudonym(
    school: School, api: APIClient, log: Callable[[str], list[Any]]
) -> None:
    answer = school.answer(school.pupil, "It evaporates.")
    shown = api.get(f"/api/tutor/answers/{answer.pk}").data
    attempt = api.get(f"/api/tutor/submissions/{answer.submission_id}").data
    assert (shown["text"], shown["pseudonym"]) == ("It evaporates.", attempt["pseudonym"])
    assert [entry.digests["answers"] for entry in log("tutor.answers_read")] == [[str(answer.pk)]]


def test_a_group_is_split_named_and_merged_again(school: School, post: Post, api: APIClient) -> None:
    from tutor.models import AnswerGroup, GroupMember

    answers = [school.answer(one, "It evaporates.") for one in (school.pupil, school.other_pupil)]
    with acting_in(school.organisation):
        group = AnswerGroup.objects.create(organisation_id=school.id, question=school.question, position=1)
        for one in answers:
            GroupMember.objects.create(organisation_id=school.id, group=group, answer=one)
    split = post(f"groups/{group.pk}/split", {"answers": [str(answers[0].pk)]}, status=201)
    assert post(f"groups/{split['id']}", {"name": "Boils"}, method="patch")["name"] == "Boils"
    post(f"groups/{group.pk}/merge", {"groups": [split["id"]]})
    (left,) = api.get(f"/api/tutor/questions/{school.question.pk}/groups").data["results"]
    assert (left["id"], left["size"]) == (str(group.pk), 2)


def test_a_pair_of_similar_answers_is_opened_and_recorded_for_both(
    school: School, api: APIClient, log: Callable[[str], list[Any]]
) -> None:
    from tutor.models import SimilarPair

    first, second = (school.answer(one, "It evaporates.") for one in (school.pupil, school.other_pupil))
    with acting_in(school.organisation):
        SimilarPair.objects.create(
            organisation_id=school.id, question=school.question, first=first, second=second, words=2, share=1.0,
            first_spans=[[0, 2]], second_spans=[[0, 2]],
        )  # fmt: skip
    (pair,) = api.get(f"/api/tutor/questions/{school.question.pk}/similar").data["results"]
    assert pair["first"]["answer"] == str(first.pk)
    texts = api.get(f"/api/tutor/pairs/{pair['id']}").data
    assert texts["sides"][0]["pieces"][0] == {"text": "It", "shared": True}
    assert {entry.subject_id for entry in log("tutor.pair_read")} == {school.pupil.pk, school.other_pupil.pk}


def test_a_check_of_tricks_is_read(school: School, api: APIClient) -> None:
    from tutor.models import RobustnessCheck

    result = {"attack": "typos", "gain": 0.1, "low": 0.0, "high": 0.2, "raised": 1, "held": 0}
    with acting_in(school.organisation):
        RobustnessCheck.objects.create(
            organisation_id=school.id, question=school.question, rubric=school.question.rubric, answers=3,
            marks_seen=0, results=[result],
        )  # fmt: skip
    (check,) = api.get(f"/api/tutor/questions/{school.question.pk}/robustness").data["results"]
    assert [(one["name"], one["gain"]["n"], one["matters"]) for one in check["tricks"]] == [("typos", 3, True)]


@pytest.mark.parametrize("anonymous", [True, False])
def test_the_proof_of_a_mark_is_handed_out_unless_marking_is_anonymous(
    school: School, api: APIClient, post: Post, give: Callable[..., Any], anonymous: bool, settings: Any, tmp_path: Path
) -> None:
    from llmasos.audit import checkpoints
    from llmasos.audit.services import sequence_all
    from tutor.models import Answer, Assignment

    settings.CHECKPOINT_KEY_FOLDER, settings.CHECKPOINT_FOLDER = tmp_path / "keys", tmp_path / "outside"

    (done,) = post(f"assignments/{school.assignment.pk}/submissions", work(school))["submissions"]
    with acting_in(school.organisation):
        answer = Answer.objects.for_organisation(school.id).get(pk=done["answers"][0]["id"])
    give(answer)
    with acting_in(school.organisation):
        Assignment.objects.for_organisation(school.id).update(anonymous=anonymous)
    sequence_all()
    checkpoints.make(school.id)
    reply = api.get(f"/api/tutor/answers/{answer.pk}/proof")
    assert (reply.status_code, reply.content[:2] == b"PK") == ((409, False) if anonymous else (200, True))
