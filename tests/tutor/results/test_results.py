from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.tutor.conftest import School, member

if TYPE_CHECKING:
    from tutor.models import Answer
    from tutor.results.types import Results

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
Give = Callable[..., Any]


def read(school: School, answer: Answer, person: Any = None) -> Results:
    from llmasos.accounts.tenancy import acting_in
    from tutor.results.queries import results_of

    with acting_in(school.organisation):
        return results_of(school.principal(person or school.pupil_person), answer.submission_id)


@pytest.fixture
def guardian(school: School) -> Any:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Guardian

    parent = member(school.organisation, "parent", "guardian")
    with acting_in(school.organisation):
        Guardian.objects.create(organisation=school.organisation, learner=school.pupil, person=parent)
    return parent


def let_guardians_read(school: School) -> None:
    from llmasos.accounts.tenancy import acting_in

    with acting_in(school.organisation):
        school.course.guardians_may_read = True
        school.course.save()


def test_a_mark_that_was_not_released_is_not_shown(school: School, answer: Answer, mark: Give) -> None:
    mark()
    found = read(school, answer)
    assert (found.release, found.rows) == (None, ())


def test_a_mark_given_after_the_release_is_not_shown(school: School, answer: Answer, mark: Give, release: Give) -> None:
    shown = mark(feedback="Shown")
    release(shown)
    mark(kind="final", feedback="Draft", points=Decimal(2))
    assert [row.feedback for row in read(school, answer).rows] == ["Shown"]


def test_a_release_that_was_taken_back_shows_nothing(school: School, answer: Answer, mark: Give, release: Give) -> None:
    release(mark(), withdrawn_at=timezone.now())
    assert read(school, answer).rows == ()


def test_released_again_the_earlier_points_stay_to_be_seen(
    school: School, answer: Answer, mark: Give, release: Give
) -> None:
    release(mark(withdrawn_at=timezone.now()), withdrawn_at=timezone.now())
    release(mark(points=Decimal(2)))
    found = read(school, answer)
    assert (found.points, [one.points for one in found.earlier]) == (Decimal(2), [Decimal(1)])


def test_evidence_is_where_the_marker_agreed(school: School, answer: Answer, mark: Give, release: Give) -> None:
    release(mark(levels={"evaporates": "yes", "energy": "yes"}, points=Decimal(2), origin="overridden"))
    row = read(school, answer).rows[0]
    assert [piece.text for piece in row.pieces if piece.is_evidence] == ["The water evaporates."]
    assert [one.letter for one in row.criteria] == ["A", ""]


def test_what_is_missing_is_named_for_each_criterion(school: School, answer: Answer, mark: Give, release: Give) -> None:
    release(mark())
    assert [one.missing for one in read(school, answer).rows[0].criteria] == [(), ("energy",)]


@pytest.mark.parametrize(
    ("drafted", "words"), [(True, "Drafted by the machine (AI)"), (False, "Written by a teacher.")]
)
def test_it_says_by_whom_the_feedback_is(
    school: School, answer: Answer, mark: Give, release: Give, drafted: bool, words: str
) -> None:
    release(mark(feedback_drafted=drafted))
    assert words in read(school, answer).rows[0].feedback_origin


def test_lateness_is_taken_off_once(school: School, mark: Give, release: Give, answer: Answer) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import Assignment, Submission

    release(mark())
    with acting_in(school.organisation):
        Assignment.objects.filter(pk=school.assignment.pk).update(late_percent_per_day=20)
        late = Submission.objects.create(
            organisation=school.organisation, assignment=school.assignment, learner=school.pupil, attempt=9,
            pseudonym="Late 1", shuffle=1, late_seconds=90_000, state="submitted",
        )  # fmt: skip
    answer.submission_id = late.pk
    found = read(school, answer)
    assert found.release is None
    with acting_in(school.organisation):
        copy = late.answers.create(
            organisation=school.organisation, question=school.question, learner=school.pupil, text="x", digest="d"
        )
        given = copy.marks.create(
            organisation=school.organisation, learner=school.pupil, answer_digest="d", origin="own", points=Decimal(2)
        )
        late.releases.create(organisation=school.organisation, marks=[given.pk])
    deduction = read(school, answer).deduction
    assert deduction is not None
    assert (deduction.percent, deduction.left) == (40, Decimal("1.20"))


def test_reading_is_recorded_and_takes_away_the_new(school: School, answer: Answer, mark: Give, release: Give) -> None:
    from llmasos.accounts.tenancy import acting_in
    from llmasos.audit.models import Entry

    shown = release(mark())
    read(school, answer)
    with acting_in(school.organisation):
        shown.refresh_from_db()
        entry = Entry.objects.get(organisation_id=school.id, action="tutor.results_read")
    assert shown.seen_at is not None
    assert entry.digests["reader"] == "learner"


def test_a_guardian_reads_where_the_course_allows_it(
    school: School, answer: Answer, mark: Give, release: Give, guardian: Any
) -> None:
    shown = release(mark())
    let_guardians_read(school)
    found = read(school, answer, guardian)
    assert (found.is_own, found.points) == (False, Decimal(1))
    assert not any(row.may_ask for row in found.rows)
    assert shown.seen_at is None


@pytest.mark.parametrize("allowed", [True, False])
def test_a_guardian_reads_of_no_other_child_and_nowhere_else(school: School, guardian: Any, allowed: bool) -> None:
    from tutor.models import Submission

    if allowed:
        let_guardians_read(school)
    other = school.answer(school.other_pupil if allowed else school.pupil, "Other")
    with pytest.raises(Submission.DoesNotExist):
        read(school, other, guardian)


def test_the_page_shows_points_evidence_and_feedback(
    client: Client, school: School, answer: Answer, mark: Give, release: Give
) -> None:
    release(mark(feedback_drafted=True))
    client.force_login(school.pupil_person, backend=BACKEND)
    page = client.get(f"/o/shop/tutor/results/{answer.submission_id}/").content.decode()
    assert '<mark class="evidence">The water evaporates.</mark>' in page
    assert "Say where the energy comes from." in page
    assert "The machine proposed this mark; a teacher checked and confirmed it." in page


def test_somebody_elses_results_do_not_exist(client: Client, school: School, answer: Answer) -> None:
    client.force_login(school.other_pupil_person, backend=BACKEND)
    assert client.get(f"/o/shop/tutor/results/{answer.submission_id}/").status_code == 404


def test_a_guardians_list_holds_released_results_only(
    client: Client, school: School, answer: Answer, mark: Give, release: Give, guardian: Any
) -> None:
    let_guardians_read(school)
    client.force_login(guardian, backend=BACKEND)
    assert "Heat" not in client.get("/o/shop/tutor/results/").content.decode()
    release(mark())
    assert "Heat" in client.get("/o/shop/tutor/results/").content.decode()


def test_asking_ends_with_the_days_of_the_course(school: School, answer: Answer, mark: Give, release: Give) -> None:
    from llmasos.accounts.tenancy import acting_in

    shown = release(mark(), released_at=timezone.now() - timedelta(days=13))
    assert [row.may_ask for row in read(school, answer).rows] == [True]
    with acting_in(school.organisation):
        shown.released_at -= timedelta(days=2)
        shown.save()
    assert [row.may_ask for row in read(school, answer).rows] == [False]


def test_a_thread_tells_the_sides_apart_and_names_nobody(
    client: Client, school: School, answer: Answer, mark: Give, release: Give
) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import RegradeMessage, RegradeRequest

    release(mark())
    owned = {"organisation": school.organisation, "learner": school.pupil}
    with acting_in(school.organisation):
        asked = RegradeRequest.objects.create(**owned, answer=answer)
        RegradeMessage.objects.create(**owned, request=asked, author=school.pupil_person, text="Look again, please.")
        RegradeMessage.objects.create(**owned, request=asked, author=school.teacher, text="I will.")
    found = read(school, answer).rows[0]
    assert [(one.by_learner, one.who) for one in found.regrades[0].messages] == [(True, ""), (False, "a teacher")]
    assert not found.may_ask
    client.force_login(school.pupil_person, backend=BACKEND)
    page = client.get(f"/o/shop/tutor/results/{answer.submission_id}/").content.decode()
    assert "Asked, not decided yet" in page
    assert school.teacher.name not in page


def test_a_later_attempt_waits_for_results_of_its_own(
    client: Client, school: School, answer: Answer, mark: Give, release: Give
) -> None:
    release(mark())
    client.force_login(school.pupil_person, backend=BACKEND)
    work, results = (
        f"/o/shop/tutor/work/assignments/{school.assignment.pk}/",
        f"/o/shop/tutor/results/{answer.submission_id}/",
    )
    assert "Results are here" in client.get(work).content.decode()
    assert "Ask to have this looked at again" in client.get(results).content.decode()
    school.answer(school.pupil, "It becomes vapour.", attempt=2)
    page = client.get(work).content.decode()
    assert "Attempt 2 handed in, no results yet" in page
    assert "Results are here" not in page
    assert "See the results of attempt 1" in page
    page = client.get(results).content.decode()
    assert "Attempt 2 was handed in since and counts instead." in page
    assert "Ask to have this looked at again" not in page
