"""From levels to points: the one place where a rubric's arithmetic is done.

A criterion's share of the question is its weight times its best level's points; a level gives its part of that share.
All sums are exact; a mark is rounded half up to hundredths once, at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

CENT: Final = Decimal("0.01")
Criteria = Sequence[Mapping[str, Any]]


def rounded(value: Fraction | Decimal) -> Decimal:
    """Return the value in hundredths, half up."""
    if isinstance(value, Decimal):
        return value.quantize(CENT, ROUND_HALF_UP)
    hundredths = value * 100
    whole = (2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator)
    return Decimal(whole).scaleb(-2)


def exact(number: float | int | str | Decimal) -> Fraction:
    """Return a rubric's number as it was written: 0.1 is a tenth."""
    return Fraction(str(number))


def weight_of(criterion: Mapping[str, Any]) -> Fraction:
    """Return the criterion's share before it is scaled to the question's points."""
    best = max((exact(level["points"]) for level in criterion["levels"]), default=Fraction(0))
    return exact(criterion.get("weight", 1)) * best


def level_points(criteria: Criteria, *, maximum: Decimal) -> dict[str, dict[str, Fraction]]:
    """Return what each level of each criterion gives, in points of the question, unrounded.

    A rubric whose criteria have no weight at all gives nothing for any level.
    """
    whole = sum((weight_of(criterion) for criterion in criteria), Fraction(0))
    scale = exact(maximum) / whole if whole > 0 else Fraction(0)
    return {
        criterion["id"]: {
            level["id"]: exact(criterion.get("weight", 1)) * exact(level["points"]) * scale
            for level in criterion["levels"]
        }
        for criterion in criteria
    }
