from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from llmasos.accounts.tenancy import acting_in

if TYPE_CHECKING:
    from clinical_assist.plans.rules.figures import RuleFigures
    from tests.clinical_assist.conftest import Clinic


def _fire(clinic: Clinic, rule: str, tier: int, overridden: int, followed: int = 0, *, days_ago: int = 1) -> None:
    from clinical_assist.models import RuleFiring

    def one(outcome: str, code: str = "") -> RuleFiring:
        return RuleFiring(
            organisation=clinic.organisation, rule=rule, kind="interaction", tier=tier, place="entry", outcome=outcome,
            reason_code=code, at=timezone.now() - timedelta(days=days_ago),
        )  # fmt: skip

    with acting_in(clinic.organisation):
        RuleFiring.objects.bulk_create(
            [one("overridden", "risk-benefit-ratio") for _ in range(overridden)]
            + [one("accepted") for _ in range(followed)]
        )


def _figures(clinic: Clinic, days: int = 90) -> dict[str, RuleFigures]:
    from clinical_assist.plans.rules.figures import figures

    with acting_in(clinic.organisation):
        return {one.rule: one for one in figures(clinic.id, days)}


def test_a_rule_is_listed_for_review_when_nearly_everybody_overrides_it_often_enough(clinic: Clinic) -> None:
    _fire(clinic, "often", 2, overridden=19, followed=1)
    _fire(clinic, "seldom", 2, overridden=19)
    _fire(clinic, "ninety", 2, overridden=18, followed=2)
    _fire(clinic, "passive", 3, overridden=0, followed=30)
    found = _figures(clinic)
    assert {name for name, one in found.items() if one.is_for_review} == {"often"}
    assert (found["often"].percent, found["often"].followed) == (95, 1)
    assert [count for _reason, count in found["often"].reasons] == [19]


def test_figures_hold_for_the_chosen_days(clinic: Clinic) -> None:
    _fire(clinic, "old", 2, overridden=5, days_ago=60)
    assert "old" not in _figures(clinic, days=30)
    assert _figures(clinic, days=90)["old"].fired == 5


def test_a_review_is_kept_with_its_figures_and_mutes_nothing(clinic: Clinic) -> None:
    from clinical_assist.plans.rules.reviews import review

    _fire(clinic, "often", 2, overridden=25)
    review(clinic.principal(clinic.administrator), "often", "All were short courses.", days=90)
    found = _figures(clinic)["often"]
    with acting_in(clinic.organisation):
        assert (found.reviews[0].note, found.reviews[0].overridden) == ("All were short courses.", 25)
    assert found.is_for_review


def test_only_who_governs_reviews(clinic: Clinic) -> None:
    from clinical_assist.plans.rules.reviews import review

    _fire(clinic, "often", 2, overridden=25)
    with pytest.raises(PermissionDenied):
        review(clinic.principal(), "often", "Fine.", days=90)
