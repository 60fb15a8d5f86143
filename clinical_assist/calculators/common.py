"""Inputs that many calculators share, with the ranges that are believed of a person."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinical_assist.calculators.types import Input

AGE = Input("age", _("Age"), "number", "year", 0, 120, required=True)
ADULT_AGE = replace(AGE, low=18)
SEX = Input(
    "sex", _("Sex in the record"), "choice", choices=(("female", _("Female")), ("male", _("Male"))), required=True
)
WEIGHT = Input("weight", pgettext_lazy("of the body", "Weight"), "number", "kg", 0.3, 400, required=True)
HEIGHT = Input("height", _("Height"), "number", "cm", 30, 250, required=True)
CREATININE = Input(
    "creatinine", _("Serum creatinine"), "number", "mg/dL", 0.1, 30, analyte="creatinine", required=True,
    aliases=("pre-operative creatinine",),
)  # fmt: skip
SODIUM = Input("sodium", _("Serum sodium"), "number", "mEq/L", 90, 210, analyte="sodium", required=True)
POTASSIUM = Input("potassium", _("Serum potassium"), "number", "mEq/L", 1, 12, analyte="potassium", required=True)
CHLORIDE = Input("chloride", _("Serum chloride"), "number", "mEq/L", 50, 180, analyte="chloride", required=True)
BICARBONATE = Input(
    "bicarbonate", _("Serum bicarbonate"), "number", "mEq/L", 1, 60, analyte="bicarbonate", required=True
)
GLUCOSE = Input("glucose", _("Blood glucose"), "number", "mg/dL", 5, 2_500, analyte="glucose", required=True)
UREA_NITROGEN = Input(
    "urea_nitrogen", _("Blood urea nitrogen"), "number", "mg/dL", 1, 300, analyte="urea nitrogen", required=True,
    aliases=("bun", "blood urea nitrogen (bun)", "blood urea nitrogen"),
)  # fmt: skip
CALCIUM = Input("calcium", _("Total calcium"), "number", "mg/dL", 2, 25, analyte="calcium", required=True)
ALBUMIN = Input("albumin", _("Serum albumin"), "number", "g/dL", 0.5, 7, required=True)
BILIRUBIN = Input("bilirubin", _("Total bilirubin"), "number", "mg/dL", 0.05, 80, analyte="bilirubin", required=True)
INR = Input(
    "inr", _("INR"), "number", "", 0.5, 20, required=True,
    aliases=("international normalized ratio", "international normalised ratio"),
)  # fmt: skip
PLATELETS = Input("platelets", _("Platelets"), "number", "10*9/L", 1, 3_000, required=True, aliases=("platelet count",))
WHITE_CELLS = Input(
    "white_cells", _("White blood cells"), "number", "10*9/L", 0, 500, required=True,
    aliases=("white blood cell count", "wbc", "leukocytes"),
)  # fmt: skip
HAEMATOCRIT = Input("haematocrit", _("Haematocrit"), "number", "%", 5, 80, required=True, aliases=("hematocrit",))
HAEMOGLOBIN = Input("haemoglobin", _("Haemoglobin"), "number", "g/dL", 2, 25, required=True, aliases=("hemoglobin",))
HEART_RATE = Input(
    "heart_rate", _("Heart rate"), "number", "/min", 15, 350, required=True,
    aliases=("heart rate or pulse", "pulse", "hr"),
)  # fmt: skip
SYSTOLIC = Input(
    "systolic", _("Systolic blood pressure"), "number", "mmHg", 30, 320, required=True,
    aliases=("systolic blood pressure", "sbp"),
)  # fmt: skip
DIASTOLIC = Input(
    "diastolic", _("Diastolic blood pressure"), "number", "mmHg", 10, 220, required=True,
    aliases=("diastolic blood pressure", "dbp"),
)  # fmt: skip
RESPIRATORY_RATE = Input(
    "respiratory_rate", _("Respiratory rate"), "number", "/min", 2, 90, required=True, aliases=("respiratory rate",)
)
TEMPERATURE = Input("temperature", _("Body temperature"), "number", "Cel", 20, 46, required=True)
SATURATION = Input(
    "oxygen_saturation", _("Oxygen saturation"), "number", "%", 30, 100, required=True,
    aliases=("spo2", "o₂ saturation percentage", "o2 saturation percentage", "oxygen saturation"),
)  # fmt: skip
PAO2 = Input(
    "pao2", _("Arterial oxygen pressure (PaO₂)"), "number", "mmHg", 15, 700, required=True,
    aliases=("partial pressure of oxygen",),
)  # fmt: skip
FIO2 = Input("fio2", _("Inspired oxygen (FiO₂)"), "number", "%", 21, 100, required=True)
PACO2 = Input("paco2", _("Arterial carbon dioxide (PaCO₂)"), "number", "mmHg", 5, 200, required=True)
PH = Input("ph", _("Arterial pH"), "number", "", 6.5, 8, required=True)
COMA_SCALE = Input(
    "coma_scale", _("Glasgow coma scale"), "number", "", 3, 15, required=True,
    aliases=("glasgow coma score", "gcs", "glasgow coma scale"),
)  # fmt: skip
BMI = Input("bmi", _("Body mass index"), "number", "kg/m2", 8, 100, required=True, aliases=("body mass index (bmi)",))
CHOLESTEROL = Input(
    "cholesterol", _("Total cholesterol"), "number", "mg/dL", 40, 1_000, analyte="cholesterol", required=True,
    aliases=("total cholesterol",),
)  # fmt: skip
HDL = Input(
    "hdl", _("HDL cholesterol"), "number", "mg/dL", 5, 200, analyte="cholesterol", required=True,
    aliases=("high-density lipoprotein cholesterol", "hdl cholesterol"),
)  # fmt: skip
TRIGLYCERIDES = Input(
    "triglycerides", _("Triglycerides"), "number", "mg/dL", 10, 10_000, analyte="triglycerides", required=True
)


def optional(one: Input) -> Input:
    """Return the input as one that counts as normal when it is not given."""
    return replace(one, required=False)


def flag(name: str, label: object, *aliases: str) -> Input:
    """Return a yes-or-no input that counts as absent when it is not given."""
    return Input(name, label, "flag", aliases=aliases)  # type: ignore[arg-type]
