"""Keeping what was found about a rule. A review changes nothing of the rule: rules change with their tables."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.governance.leads import require_governing
from clinical_assist.models import RuleReview
from clinical_assist.plans.errors import PlanError
from clinical_assist.plans.rules.figures import figures, since
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref


def review(principal: Principal, rule: str, note: str, *, days: int) -> RuleReview:
    """Keep a note on a rule with the figures of the days that were looked at.

    Raises:
        PermissionDenied: the principal is neither a medical lead nor, where there is none, an administrator.
        PlanError: the rule did not fire in these days.
    """
    with acting_in(principal.organisation_id):
        require_governing(principal)
        found = next((one for one in figures(principal.organisation_id, days) if one.rule == rule), None)
        if found is None:
            raise PlanError(_("This rule did not fire in these days."))
        kept = RuleReview.objects.create(
            organisation_id=principal.organisation_id,
            rule=rule,
            note=note,
            fired=found.fired,
            overridden=found.overridden,
            since=since(days),
            until=timezone.localdate(),
            by_id=principal.id,
        )
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="clinical.rule_reviewed",
            object=Ref("rule_review", kept.pk),
            digests={"fired": found.fired, "overridden": found.overridden, "tier": found.tier},
        )
    return kept
