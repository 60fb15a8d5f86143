from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.tutor.conftest import School
from tutor.quality import fairness
from tutor.quality.fairness import Observed

if TYPE_CHECKING:
    from tutor.models import Answer

MARKING = "/o/shop/tutor/marking/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
QUESTION = uuid4()


def learner(*groups: str, given: float = 0.5, proposed: float | None = 0.5, words: int = 10) -> Observed:
    return Observed(uuid4(), QUESTION, given, proposed, frozenset(groups), words)


def test_a_group_is_set_beside_everybody_else() -> None:
    observed = [learner("extra time", proposed=0.4 + 0.01 * at) for at in range(10)]
    observed += [learner(proposed=0.5 + 0.01 * at) for at in range(20)]
    (found,) = fairness.by_school_groups(observed).groups
    # Means of proposal minus mark: -0.055 in the group, 0.095 beside it.
    assert (found.learners, found.lean.value) == (10, pytest.approx(-0.055))
    assert found.gap.value == pytest.approx(-0.15)
    assert found.leans


@pytest.mark.parametrize(("inside", "outside"), [(9, 30), (30, 9)])
def test_a_group_or_its_rest_of_nine_is_hidden_and_counted(inside: int, outside: int) -> None:
    observed = [learner("extra time") for _ in range(inside)] + [learner() for _ in range(outside)]
    found = fairness.by_school_groups(observed)
    assert (found.groups, found.hidden) == ((), 1)


def test_a_learner_with_many_answers_counts_once() -> None:
    busy = uuid4()
    observed = [Observed(busy, QUESTION, 1.0, 1.0, frozenset(["a"])) for _ in range(50)]
    observed += [learner("a", given=0.0) for _ in range(9)] + [learner() for _ in range(10)]
    (found,) = fairness.by_school_groups(observed).groups
    assert (found.learners, found.mark.value) == (10, pytest.approx(0.1))


def test_figures_of_proposals_need_ten_learners_with_proposals() -> None:
    observed = [learner("a", proposed=0.5 if at < 9 else None) for at in range(12)] + [learner() for _ in range(12)]
    (found,) = fairness.by_school_groups(observed).groups
    assert (found.agreement.known, found.lean.known, found.mark.known) == (False, False, True)


def test_lengths_are_thirds_within_each_question() -> None:
    other = uuid4()
    observed = [learner(words=at) for at in range(30)]
    observed += [Observed(uuid4(), other, 0.5, 0.5, frozenset(), 1000 + at) for at in range(30)]
    found = fairness.by_length(observed).groups
    assert [(one.name, one.learners) for one in found] == [("short", 20), ("middle", 20), ("long", 20)]


@given(st.lists(st.tuples(st.sampled_from(["a", "b", ""]), st.floats(0, 1)), max_size=60))
def test_nothing_is_shown_of_fewer_than_ten_learners(rows: list[tuple[str, float]]) -> None:
    observed = [learner(*filter(None, [name]), given=value) for name, value in rows]
    for one in fairness.by_school_groups(observed).groups:
        assert min(one.learners, len(observed) - one.learners) >= 10


HandedIn = Callable[..., list["Answer"]]


@pytest.fixture
def marked(handed_in: HandedIn, decided: Callable[..., None]) -> list[Answer]:
    """Twelve learners with extra time, whose proposals are too low, and twelve others."""
    texts = [f"Number {at}: the water went away because it was warm that day" for at in range(24)]
    answers = handed_in(texts, groups=[["extra time"]] * 12 + [["choir"]] * 3 + [[]] * 9)
    decided(answers, [2.0] * 24, proposed=[1.0] * 11 + [2.0] * 13)
    return answers


@pytest.mark.django_db
def test_the_page_compares_and_hides_and_is_recorded(
    client: Client, school: School, marked: list[Answer], log: Callable[[str], list[Any]]
) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    page = client.get(f"{MARKING}assignments/{school.assignment.pk}/fairness/").content.decode()
    assert "extra time" in page
    assert "worth a look" in page
    assert "choir" not in page
    assert log("tutor.fairness_read")[0].digests["answers"] == 24


@pytest.mark.django_db
def test_a_course_is_compared_as_a_whole_and_as_a_table(client: Client, school: School, marked: list[Answer]) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    text = client.get(f"/o/shop/tutor/courses/{school.course.pk}/fairness/?as=csv").content.decode("utf-8-sig")
    lines = text.splitlines()
    assert "group,hidden_groups,,1,,," in lines
    assert any(line.startswith("group,proposal_minus_mark,extra time,-0.4583,") for line in lines)


@pytest.mark.django_db
def test_only_teachers_see_it(client: Client, school: School, marked: list[Answer]) -> None:
    client.force_login(school.second_teacher, backend=BACKEND)
    assert client.get(f"{MARKING}assignments/{school.assignment.pk}/fairness/").status_code == 403
    assert client.get(f"/o/shop/tutor/courses/{school.course.pk}/fairness/").status_code == 403


@pytest.mark.django_db
def test_answers_are_read_with_one_query_for_all_their_keys(
    school: School, handed_in: HandedIn, django_assert_max_num_queries: Any
) -> None:
    from llmasos.accounts.tenancy import acting_in
    from llmasos.vault import services
    from tutor.marking.mapping import answers_of

    ids: list[UUID] = [one.pk for one in handed_in([f"Answer {at}" for at in range(12)])]
    services._kept.clear()
    with acting_in(school.organisation), django_assert_max_num_queries(2):
        assert sorted(one.text for one in answers_of(school.question, ids))[0] == "Answer 0"
