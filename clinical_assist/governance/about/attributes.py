"""The source attributes of a predictive decision support intervention, as 45 CFR 170.315(b)(11)(iv)(B) lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Groups with their attributes: the attribute's key in the data, and its name.
ATTRIBUTES: Final[tuple[tuple[StrOrPromise, tuple[tuple[str, StrOrPromise], ...]], ...]] = (
    (
        _("Details and output"),
        (
            ("developer", _("Developer and contact")),
            ("funding", _("Funding of the technical implementation")),
            ("output_value", _("What the output is")),
            ("output_kind", _("Kind of output: prediction, classification, recommendation, evaluation, analysis")),
        ),
    ),
    (
        _("Purpose"),
        (
            ("intended_use", _("Intended use")),
            ("intended_patients", _("Intended patients")),
            ("intended_users", _("Intended users")),
            ("role", _("Role in a decision: informs, augments or replaces")),
        ),
    ),
    (
        _("Cautioned out-of-scope use"),
        (
            ("cautioned_against", _("Tasks, situations and populations to keep away from")),
            ("known_risks", _("Known risks, inappropriate settings and uses, and limits")),
        ),
    ),
    (
        _("Development and input features"),
        (
            ("criteria", _("What was taken into the training data and what was left out")),
            ("features", _("Use of race, ethnicity, language, orientation, identity, sex, age and social data")),
            ("representativeness", _("How well the training data represent people")),
            ("relevance", _("How well the training data fit where it is used")),
        ),
    ),
    (
        _("Fairness in development"),
        (
            ("fairness_approach", _("How the output is kept fair")),
            ("bias_reduction", _("How bias is managed, reduced or removed")),
        ),
    ),
    (
        _("External validation"),
        (
            ("external_source", _("Data and setting of external tests")),
            ("external_party", _("Who tested it")),
            ("external_representativeness", _("How well the external data represent people")),
            ("external_process", _("How it was validated outside")),
        ),
    ),
    (
        _("Measures of performance"),
        (
            ("validity_same", _("Validity on test data of the same source")),
            ("fairness_same", _("Fairness on test data of the same source")),
            ("validity_external", _("Validity on external data")),
            ("fairness_external", _("Fairness on external data")),
            ("outcomes", _("Studies of its effect on outcomes")),
        ),
    ),
    (
        _("Maintenance"),
        (
            ("validity_monitoring", _("How and how often validity is watched")),
            ("validity_local", _("Validity on local data")),
            ("fairness_monitoring", _("How and how often fairness is watched")),
            ("fairness_local", _("Fairness on local data")),
        ),
    ),
    (
        _("Updates"),
        (
            ("update_process", _("How and how often it is updated")),
            ("correction_process", _("How and how often performance is corrected")),
        ),
    ),
)
KEYS: Final = tuple(key for _group, of in ATTRIBUTES for key, _label in of)
