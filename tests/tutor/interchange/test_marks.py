from __future__ import annotations

import csv
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]


@pytest.fixture(autouse=True)
def by_name(school: School) -> None:
    """Marking is by name; what is anonymous says so."""
    with acting_in(school.organisation):
        school.assignment.anonymous = False
        school.assignment.save()


def anonymously(school: School) -> None:
    with acting_in(school.organisation):
        school.assignment.anonymous = True
        school.assignment.save()


def preview(school: School, text: str, *, replace: bool = False, by: Any = None) -> Any:
    from tutor.interchange.marks.services import preview_marks

    principal = school.principal(by or school.teacher)
    return preview_marks(principal, school.assignment.pk, text.encode(), replace=replace)


def bring_in(school: School, text: str, *, replace: bool = False, **values: Any) -> Any:
    from tutor.interchange.marks.services import import_marks

    values = {"preview_digest": preview(school, text, replace=replace).digest, "client_id": uuid4(), **values}
    principal = school.principal(school.teacher)
    return import_marks(principal, school.assignment.pk, text.encode(), replace=replace, **values)


def standing(school: School, answer: Answer) -> Any:
    from tutor.marking.shown import marks_of

    with acting_in(school.organisation):
        return marks_of(school.id, [answer.pk]).get(answer.pk, {}).get("first")


def sheet(school: School, **values: Any) -> str:
    from tutor.interchange.marks.sheet import marking_sheet

    return marking_sheet(school.principal(school.teacher), school.assignment.pk, **values).text


def advice(plan: Any) -> list[tuple[int, str]]:
    return [(one.line, one.advice) for one in plan.problems]


@pytest.mark.parametrize(
    "text",
    [
        "name,number,points\nPupil,Pupil,1.5\n",
        "Student,ID,SIS User ID,SIS Login ID,Section,Heat (4711)\n    Points Possible,,,,,2\nPupil,9,Pupil,,,1.5\n",
        "Full name;ID number;Email address;Grade;Maximum Grade\nPupil;Pupil;;1,5;2\n",
        "First name,Last name,ID number,Assignment: Heat (Real)\nPu,Pil,PUPIL,1.50\n",
        "Student number,Q. 1 /2.00\npupil,1.5\n",
    ],
    ids=["plain", "canvas", "moodle worksheet", "moodle gradebook", "moodle quiz"],
)
def test_marks_come_in_from_the_layouts_of_other_systems(school: School, answer: Answer, text: str) -> None:
    bring_in(school, text)
    mark = standing(school, answer)
    assert (mark.points, mark.origin, mark.marker_id) == (Decimal("1.5"), "imported", school.teacher.pk)


def test_no_row_is_lost(school: School, answer: Answer) -> None:
    from tutor.models import Submission

    with acting_in(school.organisation):
        pseudonym = Submission.objects.for_organisation(school.id).get().pseudonym
    plan = preview(
        school,
        "number,pseudonym,points,feedback,late days\n"
        "Pupil,,1,,\nNobody,,1,,\nOther,,1,,\nPupil,,,,\nPupil,,3,,\nPupil,,x,,\n,,1,,\n"
        f",{pseudonym},1,,\nPupil,,,good,\nPupil,,1,,2\nPupil,,1,,,more\n",
    )
    assert (plan.count("new"), plan.empty) == (1, 1)
    assert [line for line, _words in advice(plan)] == [3, 4, 6, 7, 8, 9, 10, 11, 12]
    words = dict(advice(plan))
    assert "has handed nothing in" in words[4]
    assert "0 to 2" in words[6]
    assert "Line 2 marks the same answer" in words[9]
    assert "before it" in words[11]


@pytest.mark.parametrize("row", ["Pupil,,1,{digest}", "Pupil,,1,\n,{pseudonym},1,"], ids=["digest", "same answer"])
def test_a_file_does_not_tell_whose_pseudonym_it_is(school: School, answer: Answer, row: str) -> None:
    from tutor.models import Release

    anonymously(school)
    with acting_in(school.organisation):
        Release.objects.create(organisation=school.organisation, submission=answer.submission)
    text = row.format(digest=answer.digest, pseudonym=answer.submission.pseudonym)
    plan = preview(school, f"number,pseudonym,points,answer digest\n{text}\n")
    assert ["people or pseudonyms, not both" in words for _line, words in advice(plan)] == [True]


def test_where_marking_is_anonymous_a_file_with_names_tells_nothing_of_anybody(school: School, answer: Answer) -> None:
    anonymously(school)
    plan = preview(school, "number,points\nPupil,1\nOther,1\nNobody,1\n")
    assert (plan.marks, len({words for _line, words in advice(plan)})) == ((), 1)
    assert preview(school, f"pseudonym,points\n{answer.submission.pseudonym},1\n").count("new") == 1


def test_once_released_anonymous_work_is_named_again(school: School, answer: Answer) -> None:
    from tutor.models import Release

    anonymously(school)
    with acting_in(school.organisation):
        Release.objects.create(organisation=school.organisation, submission=answer.submission)
    assert preview(school, "number,points\nPupil,1\nOther,1\n").count("new") == 1


def test_a_mark_that_stands_is_replaced_only_when_that_is_said(school: School, answer: Answer, give: Give) -> None:
    give(answer)
    text = "number,points\nPupil,2\n"
    assert preview(school, text).count("kept") == 1
    bring_in(school, text, replace=True)
    assert standing(school, answer).points == 2


def test_an_import_is_undone_as_a_whole_and_what_it_replaced_stands_again(
    school: School, answer: Answer, give: Give, log: Any
) -> None:
    from tutor.interchange.marks.services import undo_import

    other = school.answer(school.other_pupil, "It runs away.")
    before = give(answer)
    act = bring_in(school, "number,points\nPupil,2\nOther,0\n", replace=True)
    undone = undo_import(school.principal(school.teacher), act.pk)
    assert (undone.withdrawn, standing(school, other)) == (2, None)
    assert standing(school, answer).pk == before.pk
    assert log("tutor.marks_import_undone")[0].digests == {"import": str(act.pk), "withdrawn": 2, "kept": 0}


def test_what_changed_since_the_preview_is_not_done(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.errors import PreviewChangedError

    text = "number,points\nPupil,2\n"
    seen = preview(school, text)
    give(answer)
    with pytest.raises(PreviewChangedError):
        bring_in(school, text, preview_digest=seen.digest)


def test_the_same_request_twice_is_one_import(school: School, answer: Answer) -> None:
    from tutor.models import MarksImport

    values = {"client_id": uuid4(), "preview_digest": preview(school, "number,points\nPupil,2\n").digest}
    bring_in(school, "number,points\nPupil,2\n", **values)
    bring_in(school, "number,points\nPupil,2\n", **values)
    with acting_in(school.organisation):
        assert MarksImport.objects.for_organisation(school.id).count() == 1


def test_points_for_several_questions_at_once_are_taken_only_where_they_leave_no_choice(
    school: School, answer: Answer
) -> None:
    from tutor.models import Answer, Question

    owned = {"organisation": school.organisation}
    with acting_in(school.organisation):
        second = Question.objects.create(**owned, assignment=school.assignment, position=2, prompt="And now?")
        Answer.objects.create(
            **owned, submission=answer.submission, question=second, learner=school.pupil, digest="2" * 64
        )
    assert "a column to each" in advice(preview(school, "number,points\nPupil,2\n"))[0][1]
    assert [one.points for one in preview(school, "number,points\nPupil,3\n").given] == [2, 1]
    given = preview(school, "number,question 1,question 2,feedback 2\nPupil,1,0.5,Nearly.\n").given
    assert [(one.number, one.points, one.feedback) for one in given] == [(1, 1, ""), (2, Decimal("0.5"), "Nearly.")]


@pytest.mark.parametrize(
    "text",
    [
        "Student,SIS User ID,Heat (4)\nPoints Possible,,10\nPupil,Pupil,8\n",
        "number,Question 1 / 10\nPupil,8\n",
        "number,question 2\nPupil,1\n",
        "name,points\nPupil,1\n",
        "number,remarks\nPupil,1\n",
    ],
)
def test_a_file_that_is_not_of_this_assignment_is_refused_as_a_whole(school: School, answer: Answer, text: str) -> None:
    from tutor.interchange.problems import UnreadableFileError

    with pytest.raises(UnreadableFileError):
        preview(school, text)


def test_a_sheet_goes_out_under_pseudonyms_and_comes_back(school: School, answer: Answer, propose: Any) -> None:
    propose(answer)
    text = sheet(school)
    (row,) = csv.DictReader(text.removeprefix("\ufeff").splitlines())
    assert row["proposed points"] == "1"
    assert row["answer"] == answer.text
    assert "Pupil" not in text
    filled = f"{text[: text.rindex(',,')]},2,=good\r\n"
    bring_in(school, filled)
    assert (standing(school, answer).points, standing(school, answer).feedback) == (2, "=good")
    assert sheet(school, unmarked=True).count("\r\n") == 1


def test_an_answer_that_changed_since_the_sheet_was_made_is_refused(school: School, answer: Answer) -> None:
    text = sheet(school)
    filled = f"{text[: text.rindex(',,')]},2,\r\n".replace(answer.digest, "0" * 64)
    assert "has changed since the sheet" in advice(preview(school, filled))[0][1]


def test_a_second_marker_brings_nothing_in(school: School, answer: Answer) -> None:
    with pytest.raises(PermissionDenied):
        preview(school, "number,points\nPupil,2\n", by=school.second_teacher)


def test_the_pages_lead_from_the_file_to_the_marks_and_back(
    client: Client, school: School, answer: Answer, log: Any
) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.force_login(school.teacher, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/o/shop/tutor/assignments/{school.assignment.pk}/marks/"
    assert "No marks were imported yet" in client.get(address).content.decode()
    file = SimpleUploadedFile("marks.csv", b"number,points\nPupil,2\nNobody,1\n")
    reply = client.post(f"{address}import/", {"file": file})
    page = reply.content.decode()
    assert "1 answer would get a mark" in page
    assert "Line 3" in page
    given = {name: str(reply.context[name]) for name in ("content", "client_id")}
    page = client.post(f"{address}import/", given | {"preview": reply.context["preview"]["digest"]}, follow=True)
    assert "1 mark was imported." in page.content.decode()
    assert log("tutor.marks_imported")[0].digests["left_out"] == 1
    act = page.context["imports"][0][0].pk
    page = client.post(f"/o/shop/tutor/marks-imports/{act}/undo/", follow=True)
    assert "1 mark was taken back." in page.content.decode()
    reply = client.post(f"{address}sheet/", {"unmarked": "1"})
    assert reply["Content-Disposition"] == 'attachment; filename="heat-marking.csv"'
    reply = client.post(f"{address}import/", {"file": SimpleUploadedFile("marks.csv", b"number\nPupil\n")})
    assert (reply.status_code, "is missing" in reply.content.decode()) == (422, True)
