"""Why a rule is not followed: HL7's codes of reasons for non-adherence, in words of our own.

The codes and their groups are those of the code system that CDS Hooks names for override reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SYSTEM = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"

GROUPS: Mapping[str, tuple[StrOrPromise, Mapping[str, StrOrPromise]]] = {
    "cds-not-applicable": (
        _("Does not apply to this patient"),
        {
            "patient-ineligible": _("The patient does not meet the rule's conditions"),
            "indication-order-exists": _("There is an indication, or it is ordered already"),
            "action-completed": _("What the rule asks was done already"),
            "action-unsuccessful": _("What the rule asks was tried and did not work"),
            "action-performed-no-adverse-effect": _("Taken before without harm"),
            "action-not-priority": _("Something else comes first now"),
        },
    ),
    "cds-suboptimal-context": (
        _("Came at the wrong time or to the wrong person"),
        {
            "limited-time": _("No time for it now"),
            "wrong-time-workflow": _("The wrong moment in the work"),
            "inappropriate-recipient": _("Not mine to decide"),
            "need-more-info": _("A result or an opinion is awaited"),
        },
    ),
    "recipient-disagrees-evidence": (
        _("The evidence is seen differently"),
        {
            "does-not-align-latest-evidence": _("Newer evidence says otherwise"),
            "expert-contradicts": _("A specialist advised otherwise"),
            "policy-contradicts": _("The guideline of this place says otherwise"),
            "recipient-does-not-trust": _("I do not agree with the rule"),
        },
    ),
    "recipient-concerns-outcomes": (
        _("Harm and benefit"),
        {
            "risk-benefit-ratio": _("The benefit is larger than the risk"),
            "mitigate-risk-negative-outcome": _("The risk is met: dose changed, or values watched"),
            "likely-negative-health-outcomes": _("Following the rule would do harm"),
            "patient-contraindication": _("The alternative is contraindicated"),
        },
    ),
    "does-not-align-preferences": (
        _("What the patient wants"),
        {
            "patient-fears-discomfort": _("The patient fears discomfort"),
            "patient-does-not-want-change": _("The patient wants no change"),
            "cultural-religious-reason": _("Culture or religion"),
            "prefers-alternative": _("The patient prefers this"),
            "patient-refuses": _("The patient declines, without a reason"),
        },
    ),
    "not-convenient-feasible": (
        _("Not feasible"),
        {
            "inadequate-support": _("No help at home"),
            "service-not-available": _("The alternative is not to be had here"),
            "implementation-challenges": _("Technical hindrance"),
            "too-costly-uncovered": _("Too expensive, or not paid for"),
            "recipient-does-not-understand": _("Not clear what the rule asks"),
            "comorbidity-disability": _("Another illness or a disability stands against it"),
        },
    ),
}
REASONS: Mapping[str, StrOrPromise] = {code: text for _group, codes in GROUPS.values() for code, text in codes.items()}
# The reasons that are given most, each a button of its own beside an alert of tier 2.
FREQUENT = (
    "mitigate-risk-negative-outcome",
    "action-performed-no-adverse-effect",
    "risk-benefit-ratio",
    "patient-ineligible",
)


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the reasons by group, as a select shows them."""
    return [(str(label), [(code, str(text)) for code, text in codes.items()]) for label, codes in GROUPS.values()]
