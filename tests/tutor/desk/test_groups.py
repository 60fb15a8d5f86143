from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.test import Client

from llmasos.accounts.tenancy import acting_in
from tests.tutor.conftest import School
from tests.tutor.marking.conftest import HALF, RIGHT
from tests.tutor.marking.test_runs import bag_of_words

if TYPE_CHECKING:
    from tutor.models import Answer, AnswerGroup, Mark

pytestmark = pytest.mark.django_db
MARKING = "/o/shop/tutor/marking/"
Give = Callable[..., "Mark"]


@pytest.fixture
def answers(school: School) -> list[Answer]:
    from tutor.models import Enrolment, Learner

    made = []
    texts = ("The water evaporates.", "the water evaporates", "It runs away.", "The water evaporates in the sun.")
    for number, text in enumerate(texts):
        with acting_in(school.organisation):
            learner = Learner.objects.create(organisation=school.organisation, name=f"Pupil {number}")
            Enrolment.objects.create(organisation=school.organisation, course=school.course, learner=learner)
        made.append(school.answer(learner, text))
    return made


@pytest.fixture
def group(school: School, answers: list[Answer]) -> AnswerGroup:
    """All four answers in one group."""
    from tutor.models import AnswerGroup, GroupMember

    owned = {"organisation": school.organisation}
    with acting_in(school.organisation):
        made = AnswerGroup.objects.create(**owned, question=school.question, position=1, exemplar=answers[0])
        for one in answers:
            GroupMember.objects.create(**owned, group=made, answer=one, answer_digest=one.digest)
    return made


def seen(school: School, group: AnswerGroup, **value: Any) -> Any:
    from tutor.marking.services import preview_group

    return preview_group(school.principal(school.teacher), group.pk, **(value or {"levels": HALF}))


def apply(school: School, group: AnswerGroup, **values: Any) -> Any:
    from tutor.marking.services import apply_group

    given = {"levels": HALF, **values}
    given.setdefault("preview_digest", seen(school, group, levels=given["levels"]).digest)
    return apply_group(school.principal(school.teacher), group.pk, **given)


def standing(school: School, answers: list[Answer]) -> list[Any]:
    from tutor.marking.shown import marks_of

    with acting_in(school.organisation):
        marks = marks_of(school.id, [one.pk for one in answers])
    return [marks[one.pk]["first"].points if one.pk in marks else None for one in answers]


def test_a_job_puts_equal_answers_together(
    school: School, answers: list[Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    from llmasos.inference import services as inference
    from tutor.marking import jobs
    from tutor.marking.services import make_groups
    from tutor.models import GroupMember

    monkeypatch.setattr(inference, "embed", bag_of_words)
    job = make_groups(school.principal(school.teacher), school.question.pk)
    jobs.work(school.id, job.pk)
    with acting_in(school.organisation):
        job.refresh_from_db()
        places = dict(GroupMember.objects.for_organisation(school.id).values_list("answer", "group"))
    assert (job.state, job.done) == ("done", 4)
    assert places[answers[0].pk] == places[answers[1].pk]


def test_a_group_gets_one_mark_and_what_is_marked_keeps_its_own(
    school: School, group: AnswerGroup, answers: list[Answer], give: Give
) -> None:
    give(answers[2], levels={"evaporates": "no", "energy": "no"})
    preview = seen(school, group)
    assert (preview.count, [one.reason for one in preview.skipped]) == (3, ["marked"])
    apply(school, group)
    assert standing(school, answers) == [1, 1, 0, 1]


def test_a_group_is_undone_as_a_whole_and_later_marks_stay(
    school: School, group: AnswerGroup, answers: list[Answer], give: Give
) -> None:
    from tutor.marking.services import undo_group_act
    from tutor.marking.shown import marks_of

    act = apply(school, group)
    with acting_in(school.organisation):
        held = marks_of(school.id, [answers[0].pk])[answers[0].pk]["first"]
    give(answers[0], levels=RIGHT, expected_mark_id=held.pk)
    undone = undo_group_act(school.principal(school.teacher), act.pk)
    assert (undone.withdrawn, undone.kept) == (3, 1)
    assert standing(school, answers) == [2, None, None, None]


def test_what_changed_since_the_preview_is_not_done(
    school: School, group: AnswerGroup, answers: list[Answer], give: Give
) -> None:
    from tutor.marking.errors import PreviewChangedError

    preview = seen(school, group)
    give(answers[1])
    with pytest.raises(PreviewChangedError):
        apply(school, group, preview_digest=preview.digest)


def test_the_same_request_twice_is_one_act(school: School, group: AnswerGroup) -> None:
    key = uuid4()
    assert apply(school, group, client_id=key).pk == apply(school, group, client_id=key).pk


def test_overriding_proposals_of_a_group_needs_a_reason(
    school: School, group: AnswerGroup, answers: list[Answer], propose: Any
) -> None:
    from tutor.marking.errors import ReasonNeededError

    propose(answers[0])
    assert seen(school, group, levels=RIGHT).overridden == 1
    with pytest.raises(ReasonNeededError):
        apply(school, group, levels=RIGHT)
    apply(school, group, levels=RIGHT, override_reason="too_low")


def test_members_split_off_and_come_back(school: School, group: AnswerGroup, answers: list[Answer]) -> None:
    from tutor.marking.services import merge_groups, split_group
    from tutor.models import AnswerGroup

    principal = school.principal(school.teacher)
    new = split_group(principal, group.pk, answer_ids=[answers[2].pk], name="Runs away")
    merge_groups(principal, group.pk, others=[new.pk])
    with acting_in(school.organisation):
        assert AnswerGroup.objects.for_organisation(school.id).count() == 1
        assert group.members.count() == 4


def test_sure_proposals_are_confirmed_together(school: School, answers: list[Answer], propose: Any) -> None:
    from tutor.marking.services import confirm_proposals, preview_confirm

    propose(answers[0])
    principal = school.principal(school.teacher)
    preview = preview_confirm(principal, school.question.pk)
    confirm_proposals(principal, school.question.pk, preview_digest=preview.digest)
    assert standing(school, answers) == [1, None, None, None]


def test_the_pages_of_groups_lead_from_the_list_to_the_marks(
    client: Client, school: School, group: AnswerGroup, answers: list[Answer]
) -> None:
    client.force_login(school.teacher, backend="django.contrib.auth.backends.ModelBackend")
    assert "The water evaporates." in client.get(f"{MARKING}questions/{school.question.pk}/groups/").content.decode()
    assert "4 unmarked" in client.get(f"{MARKING}groups/{group.pk}/").content.decode()
    levels = {"level-evaporates": "yes", "level-energy": "no"}
    assert "4 answers get it" in client.post(f"{MARKING}groups/{group.pk}/preview/", levels).content.decode()
    given = {**levels, "preview": seen(school, group).digest, "client_id": str(uuid4())}
    page = client.post(f"{MARKING}groups/{group.pk}/apply/", given, follow=True).content.decode()
    assert "4 answers were marked." in page
    assert "Undo all" in page
