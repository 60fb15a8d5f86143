from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School, member
from tests.tutor.marking.conftest import HALF, RIGHT

if TYPE_CHECKING:
    from tutor.dial.queries import DialState
    from tutor.models import Answer, Mark

pytestmark = pytest.mark.django_db
Give = Callable[..., "Mark"]
Proposed = Callable[..., list["Answer"]]
BACKEND = "django.contrib.auth.backends.ModelBackend"
SURE = [0.8 + number / 1000 for number in range(45)]


@pytest.fixture(autouse=True)
def no_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    from tutor.marking.services import marks

    monkeypatch.setattr(marks, "learn_from_marks", lambda *_arguments: None)


def state(school: School) -> DialState:
    from tutor.dial.queries import dial_state

    with acting_in(school.organisation):
        return dial_state(school.principal(school.teacher), school.question.pk)


def counts(school: School) -> Any:
    from tutor.marking.queries import question_queue

    with acting_in(school.organisation):
        return question_queue(school.principal(school.teacher), school.question.pk).counts


@pytest.fixture
def marked(school: School, proposed: Proposed, give: Give) -> list[Answer]:
    """45 proposals of which every other is marked: 22 times as proposed, once otherwise."""
    answers = proposed(*SURE)
    for number, answer in enumerate(answers[::2]):
        give(answer, levels=HALF if number else RIGHT, override_reason="" if number else "too_low")
    return answers


def test_with_few_marks_there_is_no_dial_and_the_usual_border_holds(
    school: School, proposed: Proposed, give: Give
) -> None:
    for answer in proposed(*SURE)[:19]:
        give(answer)
    found = state(school)
    assert (found.marks, found.steps, found.border) == (19, (), 0.85)


def test_the_dial_moves_the_border_between_the_queues(school: School, marked: list[Answer], log: Any) -> None:
    from tutor.dial.services import reset_dial, set_dial

    assert (counts(school)["confirm"], counts(school)["review"]) == (0, 22)
    found = state(school)
    step = next(number for number, one in enumerate(found.steps) if one.confirm == 22)
    set_dial(school.principal(school.teacher), school.question.pk, step=step, digest=found.digest)
    assert (counts(school)["confirm"], counts(school)["review"]) == (22, 0)
    entry = log("tutor.dial_set")[0]
    assert (entry.actor_id, entry.digests["before"], entry.digests["marks"]) == (school.teacher.pk, 8500, 23)
    reset_dial(school.principal(school.teacher), school.question.pk)
    assert counts(school)["confirm"] == 0


def test_a_step_says_what_its_border_would_confirm_and_how_far_people_agree(
    school: School, marked: list[Answer]
) -> None:
    steps = state(school).steps
    assert (steps[0].confirm, steps[0].reviewed) == (0, 1.0)
    last = steps[-1]
    assert last.agreement is not None
    assert last.agreement.low < last.agreement.value <= 1.0
    assert last.reviewed == 1 - last.confirm / 22


def test_marks_given_together_do_not_count(school: School, proposed: Proposed) -> None:
    from tutor.marking.services import confirm_proposals, preview_confirm

    proposed(*([0.9] * 25))
    teacher = school.principal(school.teacher)
    seen = preview_confirm(teacher, school.question.pk)
    confirm_proposals(teacher, school.question.pk, preview_digest=seen.digest)
    assert state(school).marks == 0


def test_the_answers_that_the_engine_chose_do_not_count(school: School, marked: list[Answer]) -> None:
    from tutor.models import ProposalRun

    with acting_in(school.organisation):
        ProposalRun.objects.for_organisation(school.id).update(seeds=[one.pk for one in marked[:8]])
    assert state(school).marks == 23 - 4


def test_a_dial_does_not_outlive_the_rubric_that_it_was_set_on(school: School, marked: list[Answer]) -> None:
    from tutor.dial.services import set_dial
    from tutor.marking.services import apply_run
    from tutor.models import ProposalRun, RubricVersion

    found = state(school)
    set_dial(school.principal(school.teacher), school.question.pk, step=0, digest=found.digest)
    with acting_in(school.organisation):
        rubric = RubricVersion.objects.create(
            organisation=school.organisation, question=school.question, number=2, digest="2" * 64, criteria=[]
        )
        type(school.question).objects.for_organisation(school.id).update(rubric=rubric)
        run = ProposalRun.objects.create(
            organisation=school.organisation, question=school.question, rubric=rubric, state="done"
        )
    apply_run(school.principal(school.teacher), run.pk)
    found = state(school)
    assert (found.border, found.chosen, found.marks) == (0.85, None, 0)


def test_a_step_that_was_computed_from_other_marks_is_refused(school: School, marked: list[Answer], give: Give) -> None:
    from tutor.dial.services import set_dial
    from tutor.marking.errors import DialChangedError

    found = state(school)
    give(marked[1])
    with pytest.raises(DialChangedError):
        set_dial(school.principal(school.teacher), school.question.pk, step=1, digest=found.digest)


def test_only_a_teacher_of_the_course_sets_it(school: School, marked: list[Answer], client: Client) -> None:
    from tutor.models import CourseStaff

    assistant = member(school.organisation, "helper", "teacher")
    with acting_in(school.organisation):
        CourseStaff.objects.create(
            organisation=school.organisation, course=school.course, person=assistant, role="assistant"
        )
    client.force_login(assistant, backend=BACKEND)
    address = f"/o/shop/tutor/marking/questions/{school.question.pk}/dial/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"step": "1", "digest": state(school).digest}).status_code == 403


def test_the_page_says_what_a_place_means_and_sets_it(school: School, marked: list[Answer], client: Client) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    address = f"/o/shop/tutor/marking/questions/{school.question.pk}/dial/"
    page = client.get(address).content.decode()
    assert "22 answers are left to confirm." in page
    assert "style=" not in page
    found = state(school)
    said = client.post(address, {"step": str(len(found.steps) - 1), "digest": found.digest}, follow=True)
    assert "Set by Teacher" in said.content.decode()


def test_time_left_is_told_from_people_not_from_programs(school: School, proposed: Proposed, give: Give) -> None:
    from tutor.marking.queries import question_queue

    for answer in proposed(*SURE)[:12]:
        give(answer)
    with acting_in(school.organisation):
        assert question_queue(school.principal(school.teacher), school.question.pk).progress.left is None
