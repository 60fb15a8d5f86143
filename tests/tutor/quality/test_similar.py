from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tutor.conftest import School
from tutor.quality import similar

if TYPE_CHECKING:
    from tutor.models import SimilarPair

MARKING = "/o/shop/tutor/marking/"
BACKEND = "django.contrib.auth.backends.ModelBackend"
SHARED = "the sun warms the puddle until its fastest water molecules escape one by one into the air"
WORDS = st.lists(st.sampled_from(["water", "heat", "sun", "air", "cold", "wet", "dry", "ice"]), max_size=30).map(
    " ".join
)


def test_a_long_passage_that_two_answers_share_is_found_with_its_place_in_both() -> None:
    texts = {"a": f"I think {SHARED}.", "b": f"{SHARED.upper()}, which is all.", "c": "It dries up because it is warm."}
    (found,) = similar.alike(texts, [])
    assert (found.first, found.second, found.words) == ("a", "b", 17)
    assert [texts["a"][start:end] for start, end in found.first_spans] == [SHARED]
    assert [texts["b"][start:end] for start, end in found.second_spans] == [SHARED.upper()]


@pytest.mark.parametrize("known", [SHARED, f"As the book says, {SHARED}. It goes on."])
def test_what_the_question_the_reference_or_the_material_says_does_not_count(known: str) -> None:
    assert similar.alike({"a": SHARED, "b": SHARED}, [known]) == []


def test_eleven_shared_words_are_too_few() -> None:
    eleven = " ".join(SHARED.split()[:11])
    assert similar.alike({"a": eleven, "b": eleven}, []) == []
    assert similar.alike({"a": f"{eleven} molecules", "b": f"{eleven} molecules"}, []) != []


def test_a_passage_that_is_a_small_part_of_both_answers_is_not_shown() -> None:
    fillers = [" ".join(f"{letter}{number}" for number in range(40)) for letter in "ab"]
    texts = {"a": f"{fillers[0]} {SHARED}", "b": f"{fillers[1]} {SHARED}"}
    assert similar.alike(texts, []) == []


def test_what_many_write_says_nothing() -> None:
    assert similar.alike({str(number): SHARED for number in range(11)}, []) == []


def test_characters_without_spaces_count_half() -> None:
    text = "太阳把水坑晒热以后跑得最快的水分子一个接一个地离开水面"
    (found,) = similar.alike({"a": text, "b": text}, [])
    assert found.words == len(text) // 2


@settings(deadline=None)
@given(st.lists(WORDS, min_size=2, max_size=6))
def test_every_pair_found_shares_what_its_spans_show(texts: list[str]) -> None:
    answers = {str(number): text for number, text in enumerate(texts)}
    for one in similar.alike(answers, []):
        assert 0 < one.share <= 1
        covered = [answers[one.first][start:end] for start, end in one.first_spans]
        assert all(passage in answers[one.first] for passage in covered)
        assert sum(len(passage.split()) for passage in covered) >= similar.LEAST_WORDS


def look(school: School) -> None:
    from tutor.marking import jobs
    from tutor.quality.similar_pairs import look_for_similar

    job = look_for_similar(school.principal(school.teacher), school.question.pk)
    jobs.work(school.id, job.pk)


@pytest.fixture
def pair(school: School) -> SimilarPair:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import SimilarPair

    school.answer(school.pupil, f"Well, {SHARED}")
    school.answer(school.other_pupil, SHARED)
    look(school)
    with acting_in(school.organisation):
        return SimilarPair.objects.for_organisation(school.id).get()


@pytest.mark.django_db
def test_a_pair_is_shown_under_pseudonyms_with_what_is_shared_and_opening_it_is_recorded(
    client: Client, school: School, pair: SimilarPair, log: Callable[[str], list[Any]]
) -> None:
    client.force_login(school.teacher, backend=BACKEND)
    listed = client.get(f"{MARKING}questions/{school.question.pk}/similar/").content.decode()
    assert f"{MARKING}similar/{pair.pk}/" in listed
    page = client.get(f"{MARKING}similar/{pair.pk}/").content.decode()
    assert page.count(f'<mark class="shared">{SHARED}</mark>') == 2
    assert school.pupil.name not in page
    assert {entry.subject_id for entry in log("tutor.pair_read")} == {school.pupil.pk, school.other_pupil.pk}


@pytest.mark.django_db
def test_looking_again_replaces_the_pairs(school: School, pair: SimilarPair) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import SimilarPair

    look(school)
    with acting_in(school.organisation):
        assert SimilarPair.objects.for_organisation(school.id).get().pk != pair.pk


@pytest.mark.django_db
def test_the_reference_of_the_question_is_left_out(school: School) -> None:
    from llmasos.accounts.tenancy import acting_in
    from tutor.models import SimilarPair

    assert school.question.rubric is not None
    reference = school.question.rubric.references[0]
    for learner in (school.pupil, school.other_pupil):
        school.answer(learner, reference)
    look(school)
    with acting_in(school.organisation):
        assert not SimilarPair.objects.for_organisation(school.id).exists()


@pytest.mark.django_db
def test_a_second_marker_does_not_compare(client: Client, school: School, pair: SimilarPair) -> None:
    client.force_login(school.second_teacher, backend=BACKEND)
    assert client.get(f"{MARKING}similar/{pair.pk}/").status_code == 403
