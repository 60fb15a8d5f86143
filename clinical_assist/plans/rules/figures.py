"""Figures of rules in a span of days. They name no patient, and nothing follows from them by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db.models import Count
from django.utils import timezone

from clinical_assist.models import RuleFiring, RuleReview
from clinical_assist.plans.reasons import REASONS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEAST_FIRED: Final = 20
OFTEN: Final = 0.9
_TO_KNOW: Final = 3


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """One rule: how often it was shown, overridden and followed, with the reasons, the most frequent first.

    ``versions`` are those of the tables by which it fired.
    """

    rule: str
    kind: str
    tier: int
    fired: int
    overridden: int
    followed: int
    reasons: tuple[tuple[StrOrPromise, int], ...]
    reviews: tuple[RuleReview, ...] = ()
    versions: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """The share of times that it was overridden."""
        return self.overridden / self.fired

    @property
    def percent(self) -> int:
        return round(100 * self.rate)

    @property
    def is_for_review(self) -> bool:
        """Whether people override it nearly always: more than 90 % of at least 20 times."""
        return self.tier < _TO_KNOW and self.fired >= LEAST_FIRED and self.rate > OFTEN


def since(days: int) -> date:
    """Return the first day of a span that ends today."""
    return timezone.localdate() - timedelta(days=days - 1)


def figures(organisation_id: UUID, days: int) -> list[RuleFigures]:
    """Return the figures of every rule that fired in the last days; the most often overridden first."""
    rows = (
        RuleFiring.objects.for_organisation(organisation_id)
        .filter(at__date__gte=since(days))
        .values("rule", "kind", "tier", "outcome", "reason_code", "version")
        .annotate(count=Count("pk"))
    )
    grouped: dict[tuple[str, str, int], list[tuple[str, str, int]]] = {}
    versions: dict[tuple[str, str, int], set[str]] = {}
    for row in rows:
        key = (row["rule"], row["kind"], row["tier"])
        grouped.setdefault(key, []).append((row["outcome"], row["reason_code"], row["count"]))
        versions.setdefault(key, set()).update({row["version"]} - {""})
    reviews: dict[str, list[RuleReview]] = {}
    for review in RuleReview.objects.for_organisation(organisation_id).select_related("by"):
        reviews.setdefault(review.rule, []).append(review)
    found = [
        replace(_of(key, counts, reviews.get(key[0], ())), versions=tuple(sorted(versions[key])))
        for key, counts in grouped.items()
    ]
    return sorted(found, key=lambda one: (not one.is_for_review, one.tier == _TO_KNOW, -one.rate, -one.fired, one.rule))


def _of(
    key: tuple[str, str, int], counts: Sequence[tuple[str, str, int]], reviews: Sequence[RuleReview]
) -> RuleFigures:
    outcomes: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for outcome, code, count in counts:
        outcomes[outcome] += count
        if code:
            reasons[code] += count
    rule, kind, tier = key
    return RuleFigures(
        rule=rule,
        kind=kind,
        tier=tier,
        fired=outcomes.total(),
        overridden=outcomes[RuleFiring.Outcome.OVERRIDDEN],
        followed=outcomes[RuleFiring.Outcome.ACCEPTED],
        reasons=tuple((REASONS.get(code, code), count) for code, count in reasons.most_common()),
        reviews=tuple(reviews),
    )
