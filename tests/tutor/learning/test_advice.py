from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member

if TYPE_CHECKING:
    from tutor.models import Answer, Skill

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
Make = Callable[..., Any]


def titles(page: Make) -> list[str]:
    return [one.criterion or one.skill for one in page().advice]


def test_what_a_released_mark_missed_is_advised_with_the_answer_that_missed_it(
    marked: Callable[..., Answer], compute: Make, page: Make
) -> None:
    answer = marked()
    compute()
    (one,) = page().advice
    assert (one.criterion, one.submission_id, one.number) == (
        "Says that heat gives molecules energy",
        answer.submission_id,
        1,
    )


def test_a_draft_counts_for_nothing(marked: Make, compute: Make, page: Make) -> None:
    marked(released=False)
    compute()
    found = page()
    assert (found.advice, found.skills, found.unseen) == ((), (), ("Change of state",))


def test_a_release_that_is_taken_back_takes_its_advice_along_before_anything_is_computed(
    school: School, marked: Make, compute: Make, page: Make
) -> None:
    from tutor.models import Release

    marked()
    compute()
    with acting_in(school.organisation):
        Release.objects.for_organisation(school.organisation).update(withdrawn_at=timezone.now())
    assert titles(page) == []


def test_releasing_results_asks_for_the_estimates(school: School, marked: Make, page: Make) -> None:
    from tutor.marking.services import release

    answer = marked(released=False)
    release(school.principal(school.teacher), school.assignment.pk, [answer.submission_id])
    assert page().is_waiting


def test_too_few_answers_are_called_so(marked: Make, compute: Make, page: Make) -> None:
    marked()
    compute()
    (skill,) = page().skills
    assert (skill.state, skill.band) == ("few", "1 of at least 3 answers are there.")


def test_with_enough_answers_the_band_is_said_in_words(marked: Make, compute: Make, page: Make) -> None:
    for days in (30, 29, 28, 27):
        marked(energy="yes", days_ago=days)
    compute()
    (skill,) = page().skills
    assert (skill.state, skill.band) == ("unsure", "Of ten such questions you would get about 6 to 10 right.")


def test_computed_again_it_is_the_same(school: School, marked: Make, compute: Make) -> None:
    from tutor.models import Advice, SkillMastery

    def stored() -> list[Any]:
        fields = ("responses", "probability", "low", "high", "due_at")
        with acting_in(school.organisation):
            return [
                *SkillMastery.objects.for_organisation(school.organisation).values_list(*fields),
                *Advice.objects.for_organisation(school.organisation).values_list("pk", "key", "position"),
            ]

    for days in (30, 20, 10):
        marked(days_ago=days)
    compute()
    first = stored()
    compute()
    assert stored() == first


def test_what_was_made_good_later_is_advised_no_more(marked: Make, compute: Make, page: Make) -> None:
    from tutor.learning import advising

    marked(energy="no", days_ago=30)
    for days in range(advising.MADE_GOOD_BY):
        marked(energy="yes", days_ago=20 - days)
    compute()
    assert titles(page) == []


def test_a_skill_whose_date_has_come_is_advised_and_counted_by_the_clock(
    school: School, skill: Skill, marked: Make, compute: Make, page: Make
) -> None:
    from tutor.learning import computing
    from tutor.models import LearnerProgress, SkillMastery

    marked(energy="yes", days_ago=0)
    compute()
    assert titles(page) == []
    with acting_in(school.organisation):
        SkillMastery.objects.for_organisation(school.organisation).update(due_at=timezone.now())
        LearnerProgress.objects.for_organisation(school.organisation).update(
            asked_at=timezone.now() - 2 * computing.LOST_AFTER, computed_at=timezone.now() - computing.LOST_AFTER
        )
    computing.take_up(school.id)
    assert page().is_waiting


def test_a_veto_takes_advice_away_and_is_remembered_when_it_is_computed_again(
    school: School, marked: Make, compute: Make, page: Make, log: Make
) -> None:
    from tutor.learning import services

    marked()
    compute()
    (one,) = page().advice
    teacher = school.principal(school.teacher)
    services.veto(teacher, school.course.pk, school.pupil.pk, one.id, reason="Not taught yet.")
    assert one.criterion not in titles(page)
    compute()
    assert one.criterion not in titles(page)
    assert [(held.id, held.veto_reason) for held in page().vetoed] == [(one.id, "Not taught yet.")]
    assert len(log("tutor.advice_vetoed")) == 1
    services.take_back_veto(teacher, school.course.pk, school.pupil.pk, one.id)
    assert one.criterion in titles(page)


def test_a_veto_needs_a_reason_and_staff_of_the_course(school: School, marked: Make, compute: Make, page: Make) -> None:
    from tutor.learning import services
    from tutor.learning.errors import LearningError
    from tutor.models import Course

    marked()
    compute()
    (one,) = page().advice
    where = (school.course.pk, school.pupil.pk, one.id)
    with pytest.raises(LearningError):
        services.veto(school.principal(school.teacher), *where, reason=" ")
    with pytest.raises(PermissionDenied):
        services.veto(school.principal(school.second_teacher), *where, reason="No.")
    stranger = member(school.organisation, "stranger", "teacher")
    with pytest.raises(Course.DoesNotExist):
        services.veto(school.principal(stranger), *where, reason="No.")


def test_the_learner_finds_the_page_and_a_classmate_sees_nothing_of_it(
    school: School, marked: Make, compute: Make, client: Client
) -> None:
    marked()
    compute()
    address = f"/o/{school.organisation.slug}/tutor/learn/"
    for person, seen in ((school.pupil_person, True), (school.other_pupil_person, False)):
        client.force_login(person, backend=BACKEND)
        body = client.get(address, follow=True).content.decode()
        assert ("Says that heat gives molecules energy" in body) is seen


def test_switched_off_the_learner_sees_neither_estimates_nor_advice(
    school: School, marked: Make, compute: Make, client: Client
) -> None:
    from tutor.learning import services

    marked()
    compute()
    services.change_settings(school.principal(school.teacher), school.course.pk, {"advice": False})
    client.force_login(school.pupil_person, backend=BACKEND)
    body = client.get(f"/o/{school.organisation.slug}/tutor/learn/", follow=True).content.decode()
    assert "Switched off in this course" in body
    assert "Change of state" not in body


def test_staff_read_the_course_and_a_learner_and_both_reads_are_recorded(
    school: School, marked: Make, compute: Make, client: Client, log: Make
) -> None:
    marked()
    compute()
    client.force_login(school.teacher, backend=BACKEND)
    base = f"/o/{school.organisation.slug}/tutor/courses/{school.course.pk}/learning/"
    assert school.pupil.name in client.get(base).content.decode()
    body = client.get(f"{base}{school.pupil.pk}/").content.decode()
    assert "Veto this advice" in body
    read = log("tutor.learning_read")
    assert ([one.subject_id for one in read], len(log("tutor.learning_listed"))) == ([school.pupil.pk], 1)


def test_estimates_are_fitted_to_the_course_when_there_is_enough(school: School, marked: Make, compute: Make) -> None:
    from tutor.learning.tracing import LEAST_EVIDENCE
    from tutor.models import CourseTracing, LearnerProgress

    for number in range(LEAST_EVIDENCE):
        marked(energy="yes" if number % 3 else "no", evaporates="yes" if number % 3 else "no", days_ago=60 - number)
    compute()
    with acting_in(school.organisation):
        tracing = CourseTracing.objects.for_organisation(school.organisation).get()
        progress = LearnerProgress.objects.for_organisation(school.organisation).get()
    assert (tracing.evidence, progress.tracing) == (LEAST_EVIDENCE, tracing.digest)
