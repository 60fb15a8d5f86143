"""Doses of one medicine as doses of another."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.types import Calculator, CalculatorError, Input, Outcome, Part, Values

GROUP = "medicines"

# Milligrams of oral morphine for each milligram a day (fentanyl: for each microgram, buccal or an hour through skin).
_OPIOIDS = {
    "codeine": (_("Codeine"), "mg", 0.15), "fentanyl_buccal": (_("Fentanyl, buccal"), "ug", 0.13),
    "fentanyl_patch": (_("Fentanyl, patch (a microgram an hour)"), "ug", 2.4), "hydrocodone": (_("Hydrocodone"), "mg", 1.0),
    "hydromorphone": (_("Hydromorphone"), "mg", 5.0), "methadone": (_("Methadone"), "mg", 4.7),
    "morphine": (_("Morphine"), "mg", 1.0), "oxycodone": (_("Oxycodone"), "mg", 1.5),
    "oxymorphone": (_("Oxymorphone"), "mg", 3.0), "tapentadol": (_("Tapentadol"), "mg", 0.4),
    "tramadol": (_("Tramadol"), "mg", 0.2),
}  # fmt: skip


def _opioid_inputs() -> tuple[Input, ...]:
    found: list[Input] = []
    for name, (label, unit, _factor) in _OPIOIDS.items():
        plain = name.replace("_", " ")
        found += (
            Input(name, label, "number", unit, 0, 5_000, aliases=(f"{plain} dose",)),
            Input(f"{name}_per_day", _("%(medicine)s: doses a day") % {"medicine": label}, "number", "/d", 0, 24,
                  aliases=(f"{plain} dose per day",)),
        )  # fmt: skip
    return tuple(found)


def _morphine_equivalents(values: Values) -> Outcome:
    parts = []
    for name, (label, _unit, factor) in _OPIOIDS.items():
        dose = values.optional(name)
        if dose is None:
            continue
        times = values.optional(f"{name}_per_day")
        # A patch is worn all day, and its dose is by the hour.
        if times is None and name != "fentanyl_patch":
            raise CalculatorError(str(_("Say how often a day: %(medicine)s.") % {"medicine": label}))
        parts.append(Part(label, dose * (1 if times is None else times) * factor, "MME/d"))
    if not parts:
        raise CalculatorError(str(_("Give the dose of at least one opioid.")))
    found = sum(part.value for part in parts)
    meaning = _("50 and more a day: the guideline asks to reassess benefit and risk.") if found >= 50 else ""
    return Outcome(found, tuple(parts), meaning)


_STEROIDS = {
    "betamethasone iv": 0.75, "cortisone po": 25.0, "dexamethasone iv": 0.75, "dexamethasone po": 0.75,
    "hydrocortisone iv": 20.0, "hydrocortisone po": 20.0, "methylprednisolone iv": 4.0, "methylprednisolone po": 4.0,
    "prednisolone po": 5.0, "prednisone po": 5.0, "triamcinolone iv": 4.0,
}  # fmt: skip
_NAMES = tuple((name, name[:-2].capitalize() + name[-2:].upper()) for name in _STEROIDS)


def _steroids(values: Values) -> Outcome:
    return Outcome(values.number("dose") * _STEROIDS[values.choice("to")] / _STEROIDS[values.choice("from")])


CALCULATORS = (
    Calculator(
        "morphine_equivalents", _("Morphine milligram equivalents a day"), GROUP, _opioid_inputs(), _morphine_equivalents,
        "CDC Clinical Practice Guideline for Prescribing Opioids for Pain, 2022", unit="MME/d",
        limits=_("Tells doses apart by risk; not for changing from one opioid to another, least of all methadone."),
        aliases=("morphine milligram equivalents (mme) calculator", "mme"),
    ),
    Calculator(
        "steroid_conversion", _("Steroid conversion"), GROUP,
        (Input("dose", _("Dose"), "number", "mg", 0.01, 5_000, required=True),
         Input("from", _("From"), "choice", choices=_NAMES, required=True),
         Input("to", _("To"), "choice", choices=_NAMES, required=True, aliases=("target steroid",))), _steroids,
        "Liu D and others, Allergy Asthma Clin Immunol 2013;9:30, table of equivalent glucocorticoid doses", unit="mg",
        limits=_("Compares the effect on inflammation; salt retention and duration differ."),
        aliases=("steroid conversion calculator",),
    ),
)  # fmt: skip
