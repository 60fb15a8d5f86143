from __future__ import annotations

from itertools import pairwise
from math import isclose

from hypothesis import given
from hypothesis import strategies as st

from tutor.engine.conformal import NEVER, Judged, Trust, wilson

judged = st.builds(Judged, st.floats(0, 1), st.booleans())
answers = st.lists(judged, min_size=2, max_size=40)
shares = st.floats(0.01, 0.6)


@given(answers, shares)
def test_whichever_answer_is_the_unmarked_one_no_more_are_lost_than_allowed(
    every: list[Judged], allowed: float
) -> None:
    """Exchangeable: each is as likely to be the unmarked one, so the guarantee is a count over all of them."""
    lost = 0
    for number, one in enumerate(every):
        border = Trust([*every[:number], *every[number + 1 :]], [one.confidence]).border(allowed)
        lost += one.confidence >= border and not one.agreed
    assert lost <= allowed * len(every) + 1e-9


@given(answers, st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_a_higher_border_is_never_riskier(marked: list[Judged], unmarked: list[float]) -> None:
    trust = Trust(marked, unmarked)
    risks = [trust.risk(number / 20) for number in range(21)]
    assert all(later <= earlier + 1e-12 for earlier, later in pairwise(risks))


@given(answers, st.lists(st.floats(0, 1), min_size=1, max_size=40), shares)
def test_the_border_keeps_what_is_allowed(marked: list[Judged], unmarked: list[float], allowed: float) -> None:
    trust = Trust(marked, unmarked)
    border = trust.border(allowed)
    assert border == NEVER or trust.risk(border) <= allowed


def test_with_marks_like_the_unmarked_the_bound_is_the_plain_one() -> None:
    confidences = [number / 40 for number in range(40)]
    marked = [Judged(one, agreed=one > 0.2) for one in confidences]
    assert isclose(Trust(marked, confidences).risk(0.0), (9 + 1) / (40 + 1))


def test_surer_answers_than_any_that_were_marked_are_not_confirmed() -> None:
    reviewed = [Judged(0.5 + number / 1000, agreed=True) for number in range(60)]
    sure = [0.9 + number / 1000 for number in range(60)]
    assert Trust(reviewed, sure).border(0.05) > max(sure)


def test_marking_mostly_unsure_answers_does_not_make_the_sure_ones_look_worse() -> None:
    unsure = [Judged(0.5, agreed=number % 2 == 0) for number in range(40)]
    sure = [Judged(0.9, agreed=True) for _ in range(20)]
    found = Trust([*unsure, *sure], [0.5] * 20 + [0.9] * 40).agreement(0.0)
    assert found is not None
    assert isclose(found.value, (10 + 40) / 60)


def test_the_interval_of_a_share_holds_it_and_narrows_with_marks() -> None:
    few, many = wilson(0.9, 20), wilson(0.9, 200)
    assert few.low < many.low < 0.9 < many.high < few.high
