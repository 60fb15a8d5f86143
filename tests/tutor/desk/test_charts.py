from __future__ import annotations

from tutor.desk.charts import dial_curve, seed_curve
from tutor.marking.types import DialStep, SeedStep


def numbers(points: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, _comma, y in (one.partition(",") for one in points.split())]


def test_more_review_is_further_right_and_more_agreement_higher() -> None:
    curve = dial_curve(
        [DialStep(0.9, 0.8, 0.97, 0.9, 1.0), DialStep(0.5, 0.2, 0.85, 0.8, 0.9), DialStep(0.7, 0.5, 0.9, 0.85, 0.95)],
        threshold=0.72,
    )
    assert curve is not None
    places = numbers(curve.line)
    assert places == sorted(places, key=lambda one: (one[0], -one[1]))
    assert curve.dot == places[1]


def test_the_band_holds_the_line() -> None:
    curve = seed_curve([SeedStep(3, 0.6, 0.4, 0.8), SeedStep(6, 0.7, 0.55, 0.85), SeedStep(9, 0.8, 0.7, 0.9)])
    assert curve is not None
    line, band = numbers(curve.line), numbers(curve.band)
    upper, lower = band[: len(line)], band[len(line) :][::-1]
    assert all(high[1] <= here[1] <= low[1] for high, here, low in zip(upper, line, lower, strict=True))


def test_ticks_reach_from_the_floor_to_everything() -> None:
    curve = seed_curve([SeedStep(3, 0.6, 0.43, 0.8), SeedStep(9, 0.8, 0.7, 0.9)])
    assert curve is not None
    assert round(curve.ticks[-1].share, 6) == 1.0
    assert curve.ticks[0].share <= 0.43


def test_one_step_is_no_curve() -> None:
    assert seed_curve([SeedStep(3, 0.6, 0.4, 0.8)]) is None
    assert dial_curve([], threshold=0.5) is None
