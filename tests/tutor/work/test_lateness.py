from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tutor.work.lateness import LatePolicy, deduct

DUE = datetime(2026, 3, 2, 12, tzinfo=UTC)
POINTS = st.decimals(min_value=0, max_value=10_000, places=2)


def test_work_within_the_grace_is_in_time() -> None:
    assert LatePolicy(DUE, grace=timedelta(minutes=15)).late_seconds(DUE + timedelta(minutes=15)) == 0


def test_past_the_grace_lateness_counts_from_the_deadline() -> None:
    assert LatePolicy(DUE, grace=timedelta(minutes=15)).late_seconds(DUE + timedelta(minutes=16)) == 16 * 60


def test_without_a_deadline_nothing_is_late() -> None:
    assert LatePolicy(None).late_seconds(DUE) == 0


def test_work_closes_after_the_late_days_and_the_grace() -> None:
    assert LatePolicy(DUE, days_allowed=2, grace=timedelta(hours=1)).closes_at == DUE + timedelta(days=2, hours=1)


def test_a_save_that_was_on_its_way_is_still_taken() -> None:
    policy = LatePolicy(DUE)
    assert not policy.is_closed(DUE + timedelta(seconds=59))
    assert policy.is_closed(DUE + timedelta(seconds=61))


def test_a_begun_day_counts_as_a_whole_one() -> None:
    taken = deduct(Decimal("8.00"), late_seconds=86_401, percent_per_day=10)
    assert (taken.days, taken.percent, taken.taken, taken.left) == (2, 20, Decimal("1.60"), Decimal("6.40"))


def test_halves_of_a_cent_are_rounded_up() -> None:
    assert deduct(Decimal("0.25"), late_seconds=1, percent_per_day=10).left == Decimal("0.23")


@given(points=POINTS, seconds=st.integers(0, 10**8), percent=st.integers(0, 32_767))
def test_what_is_left_and_taken_make_the_points_and_neither_is_negative(
    points: Decimal, seconds: int, percent: int
) -> None:
    result = deduct(points, late_seconds=seconds, percent_per_day=percent)
    assert result.left + result.taken == points
    assert Decimal(0) <= result.left <= points


@given(points=POINTS, seconds=st.integers(0, 10**7), more=st.integers(0, 10**7), percent=st.integers(0, 100))
def test_later_work_never_keeps_more(points: Decimal, seconds: int, more: int, percent: int) -> None:
    early = deduct(points, late_seconds=seconds, percent_per_day=percent)
    assert deduct(points, late_seconds=seconds + more, percent_per_day=percent).left <= early.left
