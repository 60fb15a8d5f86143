from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.tutor.conftest import School
from tutor.work.reading.files import DOCX, MAX_BYTES, PDF, TEXT, media_type_of, text_of

if TYPE_CHECKING:
    from llmasos.accounts.principals import Principal
    from tutor.models import Submission

BACKEND = "django.contrib.auth.backends.ModelBackend"
WORDS = b"A puddle vanishes because the sun warms it."


def docx(*paragraphs: str, table: tuple[str, ...] = ()) -> bytes:
    from docx import Document

    document = Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if table:
        row = document.add_table(rows=1, cols=len(table)).rows[0]
        for cell, text in zip(row.cells, table, strict=True):
            cell.text = text
    content = io.BytesIO()
    document.save(content)
    return content.getvalue()


def archive(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in parts.items():
            packed.writestr(name.replace("__", "/") + ".xml", part)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(WORDS, TEXT), (b"%PDF-1.7 rest", PDF), (archive(word__document=b"<w/>"), DOCX), ("水".encode("utf-16"), TEXT)],
)
def test_the_kind_is_told_by_the_content(content: bytes, kind: str) -> None:
    assert media_type_of(content) == kind


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n" + bytes(50), archive(xl__workbook=b"<x/>"), b"a" * (MAX_BYTES + 1)]
)
def test_other_kinds_empty_and_large_files_are_refused(content: bytes) -> None:
    from tutor.work.errors import UploadError

    with pytest.raises(UploadError):
        media_type_of(content)


def test_a_word_document_is_read_in_order_with_its_tables() -> None:
    content = docx("First.", "Second.", table=("left", "right"))
    assert text_of(content, DOCX) == "First.\nSecond.\nleft\tright"


def test_a_document_that_unpacks_to_gigabytes_is_refused() -> None:
    from tutor.work.errors import UploadError

    bomb = archive(word__document=bytes(65 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    with pytest.raises(UploadError, match="unpacks"):
        text_of(bomb, DOCX)


@pytest.mark.parametrize(("content", "kind"), [(b"PK\x03\x04 word/document.xml", DOCX), (b"%PDF-1.7 nothing", PDF)])
def test_a_damaged_file_is_refused(content: bytes, kind: str) -> None:
    from tutor.work.errors import UploadError

    with pytest.raises(UploadError, match="damaged"):
        text_of(content, kind)


@pytest.mark.parametrize(
    ("name", "kind", "tidy"),
    [
        ("C:\\Users\\anna\\essay.docx", DOCX, "essay.docx"),
        ("../../etc/passwd", TEXT, "passwd.txt"),
        ("notes.md", TEXT, "notes.md"),
        ("page.html", TEXT, "page.txt"),
        ("..", PDF, "answer.pdf"),
        ("a\r\nb\u202e.pdf", PDF, "ab.pdf"),
    ],
)
def test_names_lose_folders_and_tricks(name: str, kind: str, tidy: str) -> None:
    from tutor.work.uploads import tidy_name

    assert tidy_name(name, kind) == tidy


def add(pupil: Principal, attempt: Submission, school: School, **values: Any) -> Any:
    from tutor.work.uploads import upload

    given = {"name": "anna.txt", "content": WORDS, "expected_revision": 0, **values}
    return upload(pupil, attempt.pk, school.question.pk, **given)


@pytest.mark.django_db
def test_the_text_goes_below_what_is_written(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.services import save_answer
    from tutor.work.writing import Written

    save_answer(pupil, attempt.pk, school.question.pk, Written("Before."), expected_revision=0)
    add(pupil, attempt, school, expected_revision=1)
    assert attempt.answers.get().text == f"Before.\n\n{WORDS.decode()}"


@pytest.mark.django_db
def test_the_file_stays_as_it_came(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.uploads import read_file

    stored = add(pupil, attempt, school).file
    assert read_file(pupil, stored.pk) == ("anna.txt", WORDS)


@pytest.mark.django_db
def test_a_file_is_part_of_what_was_handed_in(school: School, pupil: Principal, attempt: Submission) -> None:
    from django.db import IntegrityError, transaction

    from tutor.models import AnswerFile
    from tutor.work.queries import is_intact
    from tutor.work.services import hand_in

    stored = add(pupil, attempt, school).file
    submission = hand_in(pupil, attempt.pk)
    assert is_intact(submission)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        AnswerFile.objects.create(
            organisation=school.organisation, answer=stored.answer, learner=school.pupil, name="late.txt", content="",
            media_type=TEXT, size=0, digest="0" * 64,
        )  # fmt: skip
    stored.delete()
    assert not is_intact(submission)


@pytest.mark.django_db
def test_a_marker_gets_the_file_without_the_name_and_only_once_handed_in(
    school: School, pupil: Principal, attempt: Submission
) -> None:
    from tutor.models import AnswerFile
    from tutor.work.services import hand_in
    from tutor.work.uploads import read_file

    teacher = school.principal(school.teacher)
    stored = add(pupil, attempt, school).file
    with pytest.raises(AnswerFile.DoesNotExist):
        read_file(teacher, stored.pk)
    hand_in(pupil, attempt.pk)
    name, _content = read_file(teacher, stored.pk)
    assert name == f"{attempt.pseudonym}.txt"


@pytest.mark.django_db
def test_other_pupils_get_no_file(client: Client, school: School, pupil: Principal, attempt: Submission) -> None:
    stored = add(pupil, attempt, school).file
    client.force_login(school.other_pupil_person, backend=BACKEND)
    assert client.get(f"/o/shop/tutor/work/files/{stored.pk}/").status_code == 404


@pytest.mark.django_db
def test_an_answer_takes_no_sixth_file(school: School, pupil: Principal, attempt: Submission) -> None:
    from tutor.work.errors import UploadError

    for revision in range(5):
        add(pupil, attempt, school, expected_revision=revision, content=WORDS + str(revision).encode())
    with pytest.raises(UploadError, match="5 files"):
        add(pupil, attempt, school, expected_revision=5)


@pytest.mark.django_db
def test_the_page_shows_what_was_read_and_offers_the_file_back(
    client: Client, school: School, attempt: Submission
) -> None:
    client.force_login(school.pupil_person, backend=BACKEND)
    path = f"/o/shop/tutor/work/{attempt.pk}/answers/{school.question.pk}/file/"
    sent = io.BytesIO(WORDS)
    sent.name = "essay.txt"
    page = client.post(path, {"file": sent}, follow=True).content.decode()
    assert "This text will be marked" in page
    assert WORDS.decode() in page
    stored = attempt.answers.get().files.get()
    reply = client.get(f"/o/shop/tutor/work/files/{stored.pk}/")
    assert (reply.content, reply.headers["Content-Type"]) == (WORDS, "application/octet-stream")
    assert reply.headers["Content-Disposition"] == 'attachment; filename="essay.txt"'
    client.post(f"/o/shop/tutor/work/files/{stored.pk}/remove/")
    assert not attempt.answers.get().files.exists()
    assert attempt.answers.get().text == WORDS.decode()


@pytest.mark.django_db
def test_a_file_added_after_the_deadline_makes_the_work_late(
    school: School, pupil: Principal, attempt: Submission, change_assignment: Any
) -> None:
    from datetime import timedelta

    from tutor.work.services import hand_in

    change_assignment(due_at=timezone.now() - timedelta(hours=1), late_days_allowed=1)
    add(pupil, attempt, school)
    assert hand_in(pupil, attempt.pk).late_seconds >= 3_600
