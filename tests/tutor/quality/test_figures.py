from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.quality import figures

POINTS = st.floats(0, 10, allow_nan=False).map(lambda value: round(value, 1))
PAIRS = st.lists(st.tuples(POINTS, POINTS), min_size=2, max_size=30)


def test_wilsons_interval_of_eight_of_ten() -> None:
    # By hand: (0.8 + 1.9208/10 ± 1.96 * sqrt(0.016 + 0.009604)) / 1.38416
    found = figures.share_of(8, 10)
    assert (found.value, found.n) == (0.8, 10)
    assert (found.low, found.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_students_interval_of_three_values() -> None:
    # Mean 2, deviation 1, t(2) = 4.3027: 2 ± 4.3027 / sqrt(3)
    found = figures.mean_of([1, 2, 3])
    assert (found.low, found.high) == (pytest.approx(-0.4841, abs=1e-4), pytest.approx(4.4841, abs=1e-4))


def test_welchs_difference_of_two_groups() -> None:
    found = figures.mean_difference([3, 4, 5], [1, 2, 3])
    # Both variances are 1, so the error is sqrt(2/3) with 4 degrees of freedom: 2.7764 * 0.8165
    assert (found.value, found.low) == (pytest.approx(2), pytest.approx(2 - 2.2670, abs=1e-3))


def test_kappa_with_quadratic_weights_by_hand() -> None:
    # Observed (0+0+1+1)/4 = 0.5; by chance the mean of the squared differences of all pairs, 14/16.
    assert figures.quadratic_kappa([0, 1, 2, 0], [0, 1, 1, 1]) == pytest.approx(1 - 0.5 / (14 / 16))


def test_the_standardised_difference_is_in_pooled_deviations() -> None:
    # Means 2 and 1, both deviations 1.
    assert figures.standardised_difference([1, 2, 3], [0, 1, 2]) == pytest.approx(1)


def test_adjacent_counts_one_step_and_no_more() -> None:
    found = figures.agreement([0, 1, 2, 3], [0, 2, 2, 1], step=1)
    assert (found.exact.value, found.adjacent.value) == (0.5, 0.75)


def test_alpha_of_a_small_table_by_hand() -> None:
    # Variances of the items 2/3 and 5/3, of the sums 1, 3, 6, 4: 13/3.
    table = [[1, 0], [2, 1], [3, 3], [2, 2]]
    assert figures.cronbach_alpha(table).value == pytest.approx(2 * (1 - 7 / 13))


def test_a_questions_relation_leaves_the_question_itself_out() -> None:
    found = figures.item_rest([0, 0, 1, 1], [1, 2, 3, 4])
    assert found.value == pytest.approx(2 / math.sqrt(5))


def test_the_curve_ends_where_proposals_end() -> None:
    curve = figures.coverage([True] * 4 + [False], [0.9, 0.8, 0.7, 0.6, 0.5], total=10)
    assert curve[-1][0] == pytest.approx(0.5)
    assert (curve[0][1].value, curve[-1][1].value) == (1.0, 0.8)


def test_calibration_compares_confidence_with_agreement() -> None:
    bins = figures.calibration([True, True, False, False], [0.95, 0.95, 0.55, 0.55])
    assert [one.agreed.value for one in bins] == [0.0, 1.0]
    assert figures.calibration_error(bins) == pytest.approx((0.55 + 0.05) / 2)


def test_bands_are_of_the_persons_mark() -> None:
    low, middle, high = figures.by_band([3, 3, 3], [0, 1.5, 3], maximum=3)
    assert [(one.exact.n, one.difference.value) for one in (low, middle, high)] == [(1, 3), (1, 1.5), (1, 0)]


@given(st.integers(0, 50), st.integers(1, 50))
def test_a_share_lies_within_its_interval_and_that_within_0_and_1(hits: int, more: int) -> None:
    one = figures.share_of(hits, hits + more)
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert 0 <= one.low <= one.value <= one.high <= 1


@given(PAIRS)
def test_whoever_agrees_with_themselves_agrees_fully(pairs: list[tuple[float, float]]) -> None:
    own = [one for one, _other in pairs]
    assert figures.agreement(own, own, step=0.5).exact.value == 1.0
    found = figures.quadratic_kappa(own, own)
    assert found is None or found == pytest.approx(1.0)


@given(PAIRS)
def test_kappa_does_not_care_who_is_first_and_the_difference_changes_its_sign(
    pairs: list[tuple[float, float]],
) -> None:
    one, other = zip(*pairs, strict=True)
    assert figures.quadratic_kappa(one, other) == figures.quadratic_kappa(other, one)
    ahead, behind = figures.standardised_difference(one, other), figures.standardised_difference(other, one)
    assert ahead is None or ahead == pytest.approx(-(behind or 0.0))


@given(PAIRS)
def test_kappa_is_one_at_most(pairs: list[tuple[float, float]]) -> None:
    one, other = zip(*pairs, strict=True)
    found = figures.quadratic_kappa(one, other)
    assert found is None or found <= 1 + 1e-9


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=60), st.integers(0, 20))
def test_a_curve_never_shows_an_answer_without_a_proposal(given_: list[tuple[bool, float]], without: int) -> None:
    agreed, sure = zip(*given_, strict=True)
    curve = figures.coverage(agreed, sure, total=len(given_) + without)
    assert all(one.n <= len(given_) for _share, one in curve)
    assert [share for share, _one in curve] == sorted({share for share, _one in curve})
