"""From levels to points: the one place where a rubric's arithmetic is done.

A criterion's share of the question is its weight times its best level's points; a level gives its part of that share.
All sums are exact; a mark is rounded half up to hundredths once, at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from django.utils.translation import gettext as _

from tutor.marking.errors import InvalidMarkError

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


def points_of(criteria: Criteria, levels: Mapping[str, str], *, maximum: Decimal) -> Decimal:
    """Return the points that these levels give, between 0 and ``maximum``.

    Raises:
        InvalidMarkError: a criterion has no level, or a level or criterion is not in the rubric.
    """
    table = level_points(criteria, maximum=maximum)
    if missing := [criterion["text"] for criterion in criteria if criterion["id"] not in levels]:
        raise InvalidMarkError(_("Choose a level for: %(criterion)s") % {"criterion": missing[0]})
    total = Fraction(0)
    for criterion, level in levels.items():
        if level not in table.get(criterion, {}):
            raise InvalidMarkError(_("The rubric has no such level. Load the answer again."))
        total += table[criterion][level]
    return min(max(rounded(total), Decimal(0)), rounded(maximum))


def checked_points(points: Decimal, *, maximum: Decimal) -> Decimal:
    """Return points that were given as a whole.

    Raises:
        InvalidMarkError: they are no number between 0 and the question's points, in hundredths.
    """
    if not points.is_finite() or points < 0 or points > maximum:
        raise InvalidMarkError(_("Give points from 0 to %(maximum)s.") % {"maximum": maximum.normalize()})
    if points != rounded(points):
        raise InvalidMarkError(_("Points have two decimal places at most."))
    return rounded(points)


def hundredths(points: Decimal | None) -> int | None:
    """Return points as the log keeps them: whole hundredths."""
    return None if points is None else int(points * 100)


def share(points: Decimal, *, maximum: Decimal) -> float:
    """Return points as a share of the scale, 0 to 1; 0 for a question without points."""
    return min(max(float(points / maximum), 0.0), 1.0) if maximum > 0 else 0.0
