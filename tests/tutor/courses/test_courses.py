from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member

pytestmark = pytest.mark.django_db
COURSES = "/o/shop/tutor/courses/"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def teacher(client: Client, school: School) -> Client:
    client.force_login(school.teacher, backend=BACKEND)
    return client


def enrolments(school: School) -> Any:
    from tutor.models import Enrolment

    return Enrolment.objects.for_organisation(school.id).filter(course=school.course, withdrawn_at=None)


def enrol(school: School, *entries: Any) -> Any:
    from tutor.courses.enrolling import enrol as enrolled

    return enrolled(school.principal(school.teacher), school.course.pk, entries)


def test_a_course_is_made_and_its_maker_teaches_it(teacher: Client) -> None:
    values = {"name": "Chemistry 8", "language": "en", "regrade_days": "7", "feedback_tone": "plain"}
    reply = teacher.post(f"{COURSES}new/", {**values, "feedback_length": "short"}, follow=True)
    page = reply.content.decode()
    assert "Chemistry 8" in page
    assert "Teacher" in page


def test_a_word_that_names_no_language_is_refused_on_the_form(teacher: Client) -> None:
    values = {"name": "Chemistry 8", "language": "klingon!!", "regrade_days": "7", "feedback_tone": "plain"}
    reply = teacher.post(f"{COURSES}new/", {**values, "feedback_length": "short"})
    assert (reply.status_code, "Write the language as a tag" in reply.content.decode()) == (422, True)


def test_a_course_leads_to_its_learners_exercises_and_material(teacher: Client, school: School) -> None:
    from llmasos.retrieval.models import Collection
    from tutor.models import Course

    with acting_in(school.id):
        material = Collection.objects.create(organisation_id=school.id, name="Physics")
        Course.objects.for_organisation(school.id).filter(pk=school.course.pk).update(collection=material)
    page = teacher.get(f"{COURSES}{school.course.pk}/").content.decode()
    for part in ("learners", "exercises", "learning", "fairness", "skills"):
        assert f'href="{COURSES}{school.course.pk}/{part}/"' in page
    assert f'href="/o/shop/knowledge/{material.pk}/"' in page


def test_only_courses_of_ones_own_are_listed(client: Client, school: School) -> None:
    client.force_login(member(school.organisation, "elsewhere", "teacher"), backend=BACKEND)
    assert "Physics 9" not in client.get(COURSES).content.decode()
    assert client.get(f"{COURSES}{school.course.pk}/").status_code == 404


def test_an_archived_course_is_out_of_the_list_and_comes_back(teacher: Client, school: School) -> None:
    address = f"{COURSES}{school.course.pk}/archive/"
    teacher.post(address, {"act": "archive"})
    assert "Physics 9" not in teacher.get(COURSES).content.decode()
    teacher.post(address, {"act": "restore"})
    assert "Physics 9" in teacher.get(COURSES).content.decode()


def test_a_course_keeps_a_teacher(school: School) -> None:
    from tutor.courses.errors import CourseError
    from tutor.courses.services import remove_staff

    with pytest.raises(CourseError):
        remove_staff(school.principal(school.teacher), school.course.pk, school.teacher.pk)


def test_somebody_who_does_not_teach_here_is_no_staff(school: School) -> None:
    from tutor.courses.errors import CourseError
    from tutor.courses.services import set_staff

    with pytest.raises(CourseError):
        set_staff(school.principal(school.teacher), school.course.pk, email=school.pupil_person.email, role="teacher")


def test_a_second_marker_changes_no_course(school: School) -> None:
    from tutor.courses.services import change_course

    with pytest.raises(PermissionDenied):
        change_course(school.principal(school.second_teacher), school.course.pk, {"name": "Mine"})


def test_a_learner_known_by_number_is_enrolled_once(school: School) -> None:
    from tutor.courses.enrolling import Entry

    assert enrol(school, Entry("Ada Lovelace", number="R7")).added == 1
    assert enrol(school, Entry("A. Lovelace", number="r7", section="9a")).present == 1
    with acting_in(school.organisation):
        found = enrolments(school).get(section="9a")
        assert found.learner.name == "Ada Lovelace"


def test_an_address_of_an_account_lets_its_student_in(school: School) -> None:
    from tutor.courses.enrolling import Entry

    fresh = member(school.organisation, "fresh", "student")
    enrol(school, Entry("Fresh", email=fresh.email))
    with acting_in(school.organisation):
        assert enrolments(school).filter(learner__person=fresh).exists()


def test_number_and_address_of_two_learners_on_one_line_are_refused(school: School) -> None:
    from tutor.courses.enrolling import Entry
    from tutor.courses.errors import CourseError

    enrol(school, Entry("Ada", number="R7"), Entry("Bob", email="bob@school.example"))
    with pytest.raises(CourseError):
        enrol(school, Entry("Ada", number="R7", email="bob@school.example"))


def test_whoever_is_taken_out_comes_back_with_their_work(school: School) -> None:
    from tutor.courses.enrolling import Entry, withdraw

    withdraw(school.principal(school.teacher), school.course.pk, school.pupil.pk)
    assert enrol(school, Entry("Pupil", number=school.pupil.number)).returned == 1


def test_a_class_list_is_shown_before_it_is_written(teacher: Client, school: School) -> None:
    text = "name,number,section\nAda Lovelace,7,9a\n,8,9a\n"
    address = f"{COURSES}{school.course.pk}/learners/import/"
    page = teacher.post(address, {"file": SimpleUploadedFile("class.csv", text.encode())}).content.decode()
    assert "1 learner can be added" in page
    assert "Line 3" in page
    with acting_in(school.organisation):
        assert enrolments(school).count() == 2
    assert "1 learner added." in teacher.post(address, {"content": text}, follow=True).content.decode()
    with acting_in(school.organisation):
        assert enrolments(school).count() == 3


def test_a_long_class_list_is_looked_at_by_a_job_that_the_teacher_follows(
    teacher: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tutor.courses.views import people
    from tutor.models import RosterImport
    from tutor.rosters import imports

    monkeypatch.setattr(people, "LONG", 1)
    monkeypatch.setattr(imports, "publish", lambda organisation_id, import_id: None)
    file = SimpleUploadedFile("list.csv", b"name,number\nAda,1\nAlan,2\nNobody,\n")
    reply = teacher.post(f"/o/shop/tutor/courses/{school.course.pk}/learners/import/", {"file": file})
    with acting_in(school.organisation):
        made = RosterImport.objects.get()
    imports.work(school.id, made.pk)
    page = teacher.get(reply.url).content.decode()
    assert "What this list would do" in page
    assert "Line 4" in page
    teacher.post(f"{reply.url}act/", {"act": "apply"})
    imports.work(school.id, made.pk)
    with acting_in(school.organisation):
        names = sorted(one.learner.name for one in school.course.enrolments.select_related("learner"))
    assert names == ["Ada", "Alan", "Other", "Pupil"]


def test_a_class_list_of_another_course_is_nobodys_to_see(client: Client, school: School) -> None:
    from tutor.models import RosterImport

    with acting_in(school.organisation):
        made = RosterImport.objects.create(organisation=school.organisation, course=school.course)
    stranger = member(school.organisation, "stranger", "teacher")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/o/shop/tutor/rosters/{made.pk}/").status_code == 404


def test_a_learner_without_number_and_address_is_kept_all_the_same(school: School) -> None:
    from tutor.courses.enrolling import Entry, enrol
    from tutor.models import Learner

    done = enrol(school.principal(school.teacher), school.course.pk, [Entry("Ada"), Entry("Alan")])
    with acting_in(school.organisation):
        assert sorted(one.name for one in Learner.objects.filter(pk__in=done.learners)) == ["Ada", "Alan"]


def test_a_file_that_is_no_list_says_what_to_do(teacher: Client, school: School) -> None:
    file = SimpleUploadedFile("class.csv", b"colour,size\nred,3\n")
    reply = teacher.post(f"{COURSES}{school.course.pk}/learners/import/", {"file": file})
    assert reply.status_code == 422
    assert "is missing" in reply.content.decode()


def test_a_learner_is_found_by_name_and_the_search_stands_in_no_address(teacher: Client, school: School) -> None:
    page = teacher.post(f"{COURSES}{school.course.pk}/learners/", {"search": "Other"}).content.decode()
    assert "Other" in page
    assert ">Pupil<" not in page


def test_a_student_joins_with_the_code(client: Client, school: School) -> None:
    from tutor.courses.services import renew_class_code

    code = renew_class_code(school.principal(school.teacher), school.course.pk).class_code
    fresh = member(school.organisation, "fresh", "student")
    client.force_login(fresh, backend=BACKEND)
    assert "opens no course" in client.post("/o/shop/tutor/join/", {"code": "WRONG"}).content.decode()
    assert "You are in the course Physics 9" in client.post(
        "/o/shop/tutor/join/", {"code": code}, follow=True
    ).content.decode()  # fmt: skip


def test_a_closed_code_opens_nothing(school: School) -> None:
    from tutor.courses.enrolling import join
    from tutor.courses.errors import CourseError
    from tutor.courses.services import close_class_code, renew_class_code

    code = renew_class_code(school.principal(school.teacher), school.course.pk).class_code
    close_class_code(school.principal(school.teacher), school.course.pk)
    with pytest.raises(CourseError):
        join(school.principal(school.pupil_person), str(code), name="Pupil", email="")


def test_a_guardian_is_linked_and_unlinked(teacher: Client, school: School) -> None:
    from tutor.models import Guardian

    address = f"{COURSES}{school.course.pk}/learners/{school.pupil.pk}/"
    parent = member(school.organisation, "parent", "guardian")
    page = teacher.post(address, {"act": "guardian", "guardian": school.pupil_person.email}, follow=True)
    assert "is a guardian here" in page.content.decode()
    page = teacher.post(address, {"act": "guardian", "guardian": parent.email}, follow=True)
    assert "Guardian: Parent" in page.content.decode()
    teacher.post(address, {"remove_guardian": str(parent.pk)})
    with acting_in(school.organisation):
        assert not Guardian.objects.for_organisation(school.id).exists()


def test_who_hands_in_twice_is_counted_once(school: School) -> None:
    from tutor.courses.queries import assignments_of

    school.answer(school.pupil, "It dries.")
    school.answer(school.pupil, "It evaporates.", attempt=2)
    school.answer(school.other_pupil, "It is gone.")
    with acting_in(school.organisation):
        assert [one.handed_in for one in assignments_of(school.course)] == [2]
