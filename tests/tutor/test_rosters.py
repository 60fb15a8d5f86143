from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member

if TYPE_CHECKING:
    from llmasos.accounts.models import Person
    from tutor.models import RosterImport

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
FILES = {
    "manifest.csv": "propertyName,value\nfile.enrollments,bulk\n",
    "academicSessions.csv": "sourcedId,status,title,type,startDate,endDate\nt1,,Spring,term,2027-02-01,2027-06-30\n",
    "classes.csv": (
        "sourcedId,status,title,classCode,courseSourcedId,termSourcedIds,classType\nk1,,Latin 7b,7b,c1,t1,scheduled\n"
    ),
    "users.csv": (
        "sourcedId,status,role,givenName,familyName,identifier,email,agentSourcedIds\n"
        "u1,,student,Ada,Lovelace,N1,,g1\n"
        "u2,,student,Alan,Turing,N2,,\n"
        "u3,,teacher,Te,Acher,,teacher@shop.example,\n"
        "u4,,teacher,Not,Here,,nobody@shop.example,\n"
        "g1,,parent,Pa,Rent,,parent@shop.example,\n"
        "u5,,student,,,N5,,\n"
    ),
    "enrollments.csv": (
        "sourcedId,status,classSourcedId,userSourcedId,role\n"
        "e1,,k1,u1,student\ne2,,k1,u2,student\ne3,,k1,u3,teacher\ne4,,k1,u4,teacher\n"
    ),
}


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """What would be queued is done by the tests themselves."""
    from tutor.rosters import imports

    monkeypatch.setattr(imports, "publish", lambda organisation_id, import_id: None)


def zipped(files: Mapping[str, str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def uploaded(school: School, owner: Person, content: bytes) -> RosterImport:
    """Upload files, have them checked, and return the import."""
    from tutor.rosters import imports

    made = imports.upload(school.principal(owner), content)
    imports.work(school.id, made.pk)
    return found(school, made)


def applied(school: School, owner: Person, files: Mapping[str, str]) -> Mapping[str, Any]:
    """Check and apply files, and return the report."""
    from tutor.rosters import imports

    made = uploaded(school, owner, zipped(files))
    imports.confirm(school.principal(owner), made.pk)
    imports.work(school.id, made.pk)
    done = found(school, made)
    assert done.state == "done", done.report
    return done.report


def found(school: School, made: RosterImport) -> RosterImport:
    from tutor.models import RosterImport

    with acting_in(school.organisation):
        fresh = RosterImport.objects.get(pk=made.pk)
        _opened = fresh.content
        return fresh


def latin(school: School) -> list[str]:
    """Return who is in the class, by name."""
    from tutor.models import Enrolment

    with acting_in(school.organisation):
        rows = Enrolment.objects.filter(course__external_id="k1", withdrawn_at=None).select_related("learner")
        return sorted(one.learner.name for one in rows)


def test_files_are_checked_first_and_change_nothing_before_they_are_applied(school: School, owner: Person) -> None:
    made = uploaded(school, owner, zipped(FILES))
    assert made.state == "done"
    assert made.report["counts"] == {
        "terms_added": 1, "courses_added": 1, "learners_added": 2, "added": 2, "staff_added": 1,
    }  # fmt: skip
    assert latin(school) == []


def test_applied_files_make_terms_courses_staff_and_learners(school: School, owner: Person) -> None:
    from tutor.models import Course

    applied(school, owner, FILES)
    assert latin(school) == ["Ada Lovelace", "Alan Turing"]
    with acting_in(school.organisation):
        course = Course.objects.select_related("term").get(external_id="k1")
        assert (course.name, course.code, str(course.term)) == ("Latin 7b", "7b", "Spring")
        assert list(course.staff.values_list("person", "role")) == [(school.teacher.pk, "teacher")]


def test_the_same_files_again_change_nothing(school: School, owner: Person) -> None:
    applied(school, owner, FILES)
    assert applied(school, owner, FILES)["counts"] == {"present": 2}


def test_faults_are_named_by_file_and_line(school: School, owner: Person) -> None:
    problems = uploaded(school, owner, zipped(FILES)).report["problems"]
    assert [(one["file"], one["line"], one["column"]) for one in problems] == [
        ("users.csv", 5, "email"), ("users.csv", 6, "email"), ("users.csv", 7, "familyName"),
    ]  # fmt: skip


def test_guardians_who_are_known_are_linked(school: School, owner: Person) -> None:
    from tutor.models import Guardian

    parent = member(school.organisation, "parent", "guardian")
    assert applied(school, owner, FILES)["counts"]["guardians_linked"] == 1
    with acting_in(school.organisation):
        assert Guardian.objects.get(person=parent).learner.name == "Ada Lovelace"


def test_a_changed_name_is_taken_over_and_who_is_missing_from_a_complete_list_leaves(
    school: School, owner: Person
) -> None:
    applied(school, owner, FILES)
    later = {
        **FILES,
        "users.csv": FILES["users.csv"].replace("Ada,Lovelace", "Ada,King"),
        "enrollments.csv": FILES["enrollments.csv"].replace("e2,,k1,u2,student\n", ""),
    }
    counts = applied(school, owner, later)["counts"]
    assert (counts["learners_changed"], counts["withdrawn"]) == (1, 1)
    assert latin(school) == ["Ada King"]


def test_rows_to_be_deleted_take_learners_out_and_archive_classes(school: School, owner: Person) -> None:
    from tutor.models import Course

    applied(school, owner, FILES)
    only = "sourcedId,status,classSourcedId,userSourcedId,role\ne1,tobedeleted,k1,u1,student\n"
    applied(school, owner, {"enrollments.csv": only})
    assert latin(school) == ["Alan Turing"]
    applied(school, owner, {"classes.csv": FILES["classes.csv"].replace("k1,,", "k1,tobedeleted,")})
    with acting_in(school.organisation):
        assert Course.objects.get(external_id="k1").archived_at is not None


def test_the_uploaded_files_are_sealed_and_gone_when_they_are_applied(school: School, owner: Person) -> None:
    from django.db import connection

    from tutor.rosters import imports

    made = uploaded(school, owner, zipped(FILES))
    assert made.content
    with acting_in(school.organisation), connection.cursor() as cursor:
        cursor.execute("SELECT content FROM tutor_rosterimport WHERE id = %s", [made.pk])
        assert made.content.encode() not in bytes(cursor.fetchone()[0])
    imports.confirm(school.principal(owner), made.pk)
    imports.work(school.id, made.pk)
    assert found(school, made).content == ""


def test_an_upload_whose_worker_was_lost_is_taken_up_again(school: School, owner: Person) -> None:
    from datetime import timedelta

    from tutor.models import RosterImport
    from tutor.rosters import imports

    made = imports.upload(school.principal(owner), zipped(FILES))
    with acting_in(school.organisation):
        RosterImport.objects.filter(pk=made.pk).update(state="running")
    assert imports.take_up_lost(school.id, lost_after=timedelta(0)) == 1
    imports.work(school.id, made.pk)
    assert found(school, made).state == "done"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 broken", "cannot be opened"),
        (zipped({"users.csv": "sourcedId"}, zipfile.ZIP_LZMA), "cannot be opened"),
        (zipped({"other.txt": "hello"}), "none of the OneRoster files"),
        (zipped({f"{number}/x.txt": "" for number in range(61)}), "more than 60 files"),
        (zipped({"users.csv": "0" * 9_000_000}), "too large"),
        (b"colour,size\nred,3\n", "no OneRoster file"),
    ],
)
def test_what_is_no_roster_is_refused_in_words(content: bytes, said: str) -> None:
    from tutor.interchange.problems import UnreadableFileError
    from tutor.rosters.files import read_files

    with pytest.raises(UnreadableFileError, match=said):
        read_files(content)


def test_the_page_shows_what_would_be_done_and_teachers_see_none_of_it(
    client: Client, school: School, owner: Person
) -> None:
    from tutor.models import RosterImport
    from tutor.rosters import imports

    client.force_login(owner, backend=BACKEND)
    reply = client.post("/o/shop/tutor/rosters/", {"file": SimpleUploadedFile("school.zip", zipped(FILES))})
    assert "Looking at what would change" in client.get(reply.url).content.decode()
    with acting_in(school.organisation):
        made = RosterImport.objects.get()
    imports.work(school.id, made.pk)
    page = client.get(reply.url).content.decode()
    assert "Learners made" in page
    assert "users.csv, line 7" in page
    client.force_login(school.teacher, backend=BACKEND)
    assert client.get(reply.url).status_code == 403
