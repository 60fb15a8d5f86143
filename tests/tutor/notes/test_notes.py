from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School

if TYPE_CHECKING:
    from tutor.models import Annotation, Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
BACKEND = "django.contrib.auth.backends.ModelBackend"


def add(school: School, answer: Answer, start: int = 4, end: int = 9, text: str = "Which water?") -> Annotation:
    from tutor.notes.services import add_note

    teacher = school.principal(school.teacher)
    return add_note(teacher, answer.pk, start=start, end=end, text=text, expected_digest=answer.digest)


def release(school: School, answer: Answer) -> None:
    from tutor.marking.services import release as released

    released(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])


def learners_notes(school: School, answer: Answer) -> list[str]:
    from tutor.results.queries import results_of

    with acting_in(school.organisation):
        found = results_of(school.principal(school.pupil_person), answer.submission_id)
    return [note.text for row in found.rows for note in row.notes]


def test_a_note_is_seen_with_the_next_release(school: School, answer: Answer, give: Give, log: Any) -> None:
    give(answer)
    add(school, answer)
    release(school, answer)
    assert learners_notes(school, answer) == ["Which water?"]
    add(school, answer, 22, 24, "What does?")
    assert learners_notes(school, answer) == ["Which water?"]
    release(school, answer)
    assert learners_notes(school, answer) == ["Which water?", "What does?"]
    assert "Which water?" not in str([entry.digests for entry in log("tutor.note_added")])


@pytest.mark.parametrize("place", [(4, 4), (9, 4), (0, 5_000)])
def test_a_note_lies_in_its_answer(school: School, answer: Answer, place: tuple[int, int]) -> None:
    from tutor.notes.errors import BadSpanError

    with pytest.raises(BadSpanError):
        add(school, answer, *place)


def test_what_the_learner_sees_does_not_change(school: School, answer: Answer, give: Give) -> None:
    from tutor.marking.services import withdraw_release
    from tutor.notes.errors import NoteShownError
    from tutor.notes.services import change_note, remove_note

    give(answer)
    teacher, note = school.principal(school.teacher), add(school, answer)
    change_note(teacher, note.pk, text="Whose water?")
    release(school, answer)
    with pytest.raises(NoteShownError):
        change_note(teacher, note.pk, text="None.")
    withdraw_release(teacher, school.assignment.pk, submission_ids=[answer.submission_id])
    remove_note(teacher, note.pk)
    release(school, answer)
    assert learners_notes(school, answer) == []


def test_a_second_marker_neither_writes_nor_sees_notes(school: School, answer: Answer) -> None:
    from tutor.marking.queries import answer_view
    from tutor.notes.services import add_note

    add(school, answer)
    second = school.principal(school.second_teacher)
    with acting_in(school.organisation):
        assert answer_view(second, answer.pk).notes == ()
    with pytest.raises(PermissionDenied):
        add_note(second, answer.pk, start=0, end=3, text="Mine", expected_digest=answer.digest)


def test_the_desk_takes_a_note_and_shows_it_on_its_words(
    school: School, answer: Answer, propose: Any, client: Client
) -> None:
    propose(answer)
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/shop/tutor/marking/answers/{answer.pk}/"
    given = {"span": "4-9", "text": "Which water?", "digest": answer.digest}
    page = client.post(f"{address}notes/", given, follow=True).content.decode()
    assert 'class="is-evidence is-noted" data-criteria="a" data-label=" a">water</mark>' in page
    refused = client.post(f"{address}notes/", {**given, "span": "9-x"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_span")


def test_a_file_is_opened_from_the_desk_without_its_learners_name(school: School, client: Client, log: Any) -> None:
    from base64 import b64encode

    from tutor.models import Answer, AnswerFile, Submission

    owned = {"organisation": school.organisation, "learner": school.pupil}
    with acting_in(school.organisation):
        submission = Submission.objects.create(
            **owned, assignment=school.assignment, pseudonym="Heron 1", shuffle=1, state="open"
        )
        answer = Answer.objects.create(**owned, submission=submission, question=school.question, text="Heat.")
        file = AnswerFile.objects.create(
            **owned, answer=answer, name="Pupil's essay.pdf", media_type="application/pdf", size=4, digest="4" * 64,
            content=b64encode(b"%PDF").decode(),
        )  # fmt: skip
        Submission.objects.for_organisation(school.id).filter(pk=submission.pk).update(state="submitted")
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"/o/shop/tutor/marking/answers/{answer.pk}/").content.decode()
    assert "essay" not in page
    reply = client.get(f"/o/shop/tutor/work/files/{file.pk}/")
    assert f"/o/shop/tutor/work/files/{file.pk}/" in page
    assert (reply.content, reply["Content-Type"]) == (b"%PDF", "application/octet-stream")
    assert "Heron 1" in reply["Content-Disposition"]
    assert len(log("tutor.file_read")) == 1
