from __future__ import annotations

from decimal import Decimal

import pytest
from django.http import QueryDict

from tutor.desk.entered import read_levels, read_mark
from tutor.marking.errors import InvalidMarkError


def test_an_open_criterion_takes_the_proposal_that_was_shown() -> None:
    entered = read_mark(QueryDict("level-a=no&ghost-a=yes&ghost-b=part"))
    assert entered.levels == {"a": "no", "b": "part"}
    assert entered.chosen == {"a": "no"}


def test_points_are_read_with_a_comma() -> None:
    assert read_mark(QueryDict("points=1%2C5")).points == Decimal("1.5")


def test_an_empty_field_takes_the_points_that_were_shown() -> None:
    entered = read_mark(QueryDict("points=&shown_points=2.00"))
    assert (entered.points, entered.levels) == (Decimal("2.00"), None)


@pytest.mark.parametrize("text", ["", "two", "1.2.3"])
def test_points_that_are_no_number_are_refused(text: str) -> None:
    with pytest.raises(InvalidMarkError):
        read_mark(QueryDict(f"points={text}"))


def test_a_mark_for_many_takes_no_ghost() -> None:
    assert read_levels(QueryDict("level-a=yes&ghost-b=no")) == ({"a": "yes"}, None)
