"""Strokes and bleeding in atrial fibrillation, chest pain, and the risk of heart disease."""

from __future__ import annotations

import math

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import (
    ADULT_AGE,
    CHOLESTEROL,
    CREATININE,
    HDL,
    SEX,
    SYSTOLIC,
    flag,
    optional,
)
from clinical_assist.calculators.types import (
    Calculator,
    Input,
    Outcome,
    Part,
    Values,
    band,
    counted,
    meaning_of,
    total,
)

GROUP = "heart"

_STROKE_FLAGS = (
    flag("heart_failure", _("Heart failure"), "congestive heart failure", "congestive heart failure (chf) history",
         "congestive heart failure history"),
    flag("hypertension", _("Hypertension"), "hypertension history"),
    flag("stroke", _("Stroke, transient ischaemic attack or thromboembolism"), "stroke history",
         "transient ischemic attacks history", "thromboembolism history"),
    flag("vascular_disease", _("Heart attack, peripheral artery disease or aortic plaque"), "vascular disease history"),
    flag("diabetes", _("Diabetes"), "diabetes history", "diabetes mellitus"),
)  # fmt: skip


def _stroke_risk(values: Values) -> Outcome:
    parts = (
        Part(_("Age"), band(values.number("age"), (65, 0), (75, 1), above=2)),
        Part(_("Female sex"), float(values.is_female())),
        *counted(
            values,
            {"heart_failure": 1, "hypertension": 1, "stroke": 2, "vascular_disease": 1, "diabetes": 1},
            _STROKE_FLAGS,
        ),
    )
    found = total(parts)
    meaning = meaning_of(
        found - values.is_female(),
        (1, _("Low: guidelines do not advise an anticoagulant for this score alone.")),
        (2, _("One point besides sex: guidelines ask to consider an anticoagulant.")),
        above=_(
            "Two points or more besides sex: guidelines advise an anticoagulant unless something speaks against it."
        ),
    )
    return Outcome(found, parts, meaning)


_BLEEDING_FLAGS = (
    flag("uncontrolled_hypertension", _("Hypertension over 160 mmHg systolic"), "hypertension"),
    flag("renal_disease", _("Dialysis, kidney transplant or creatinine over 2.26 mg/dL"),
         "renal disease criteria for the has-bled rule"),
    flag("liver_disease", _("Cirrhosis, or bilirubin over twice and transaminases over three times normal"),
         "liver disease criteria for the has-bled rule"),
    flag("stroke", _("Stroke"), "stroke history"),
    flag("bleeding", _("Major bleeding before, or a tendency to bleed"),
         "prior major bleeding or predisposition to bleeding"),
    flag("labile_inr", _("Labile INR (in range under 60 per cent of the time)"), "labile international normalized ratio"),
    flag("bleeding_medicines", _("Aspirin, clopidogrel or an NSAID"), "medication usage predisposing to bleeding"),
)  # fmt: skip
_DRINKS = Input("drinks_per_week", _("Alcoholic drinks a week"), "number", "", 0, 200,
                aliases=("number of alcoholic drinks per week",))  # fmt: skip


def _bleeding_risk(values: Values) -> Outcome:
    parts = (
        Part(_("Over 65 years"), float(values.number("age") > 65)),
        Part(_("Eight drinks a week or more"), float((values.optional("drinks_per_week") or 0) >= 8)),
        *counted(values, {one.name: 1 for one in _BLEEDING_FLAGS}, _BLEEDING_FLAGS),
    )
    found = total(parts)
    meaning = meaning_of(
        found,
        (2, _("0 or 1: low risk of bleeding.")),
        (3, _("2: moderate risk of bleeding.")),
        above=_(
            "3 or more: high risk of bleeding; correct what can be corrected and look more often. No reason by itself to withhold an anticoagulant."
        ),
    )
    return Outcome(found, parts, meaning)


_CHEST_PAIN = (
    Input("history", _("History"), "choice", choices=(
        ("slightly suspicious", _("Slightly suspicious")), ("moderately suspicious", _("Moderately suspicious")),
        ("highly suspicious", _("Highly suspicious"))), aliases=("suspicion history",)),
    Input("electrocardiogram", _("Electrocardiogram"), "choice", choices=(
        ("normal", _("Normal")), ("non-specific repolarization disturbance", _("Non-specific repolarisation disturbance")),
        ("significant st deviation", _("Significant ST deviation"))), aliases=("ekg", "ecg")),
    Input("troponin", _("First troponin"), "choice", choices=(
        ("normal", _("Normal limit or less")), ("1-3x normal", _("One to three times the limit")),
        (">3x normal", _("Over three times the limit"))), aliases=("initial troponin",)),
)  # fmt: skip
_CORONARY_FLAGS = (
    flag("hypertension", _("Hypertension"), "hypertension history"),
    flag("hypercholesterolaemia", _("High cholesterol"), "hypercholesterolemia"),
    flag("diabetes", _("Diabetes"), "diabetes mellitus"),
    flag("obesity", _("Body mass index over 30")),
    flag("smoking", _("Smokes, or stopped within three months")),
    flag("family_history", _("Parent or sibling with cardiovascular disease before 65"),
         "parent or sibling with cardiovascular disease before age 65"),
    flag("atherosclerotic_disease", _("Known atherosclerotic disease"), "atherosclerotic disease",
         "transient ischemic attacks history"),
)  # fmt: skip


def _chest_pain(values: Values) -> Outcome:
    steps = {one.name: [key for key, _label in one.choices] for one in _CHEST_PAIN}
    chosen = (
        Part(one.label, steps[one.name].index(values.choice(one.name, default=steps[one.name][0])))
        for one in _CHEST_PAIN
    )
    present = sum(values.flag(one.name) for one in _CORONARY_FLAGS)
    risk = 2 if values.flag("atherosclerotic_disease") or present >= 3 else min(present, 1)
    parts = (
        *chosen,
        Part(_("Age"), band(values.number("age"), (45, 0), (65, 1), above=2)),
        Part(_("Risk factors"), risk),
    )
    found = total(parts)
    meaning = meaning_of(
        found,
        (4, _("0 to 3: about 2 in 100 had a major event within six weeks in the derivation.")),
        (7, _("4 to 6: about 12 to 17 in 100 had a major event within six weeks.")),
        above=_("7 to 10: more than half had a major event within six weeks."),
    )
    return Outcome(found, parts, meaning)


_SURGERY_FLAGS = (
    flag("high_risk_surgery", _("Intraperitoneal, intrathoracic or suprainguinal vascular surgery"),
         "elevated-risk surgery"),
    flag("ischaemic_heart_disease", _("Ischaemic heart disease"), "history of ischemic heart disease"),
    flag("heart_failure", _("Heart failure"), "congestive heart failure criteria for the cardiac risk index rule"),
    flag("cerebrovascular_disease", _("Stroke or transient ischaemic attack"), "history of cerebrovascular disease"),
    flag("insulin", _("Treated with insulin"), "pre-operative treatment with insulin"),
)  # fmt: skip


def _surgery(values: Values) -> Outcome:
    creatinine = values.optional("creatinine")
    parts = (
        *counted(values, {one.name: 1 for one in _SURGERY_FLAGS}, _SURGERY_FLAGS),
        Part(_("Creatinine over 2 mg/dL"), float(creatinine is not None and creatinine > 2)),
    )
    found = total(parts)
    meaning = meaning_of(
        found,
        (1, _("0: about 4 in 100 had a major cardiac event in later cohorts.")),
        (2, _("1: about 6 in 100 had a major cardiac event in later cohorts.")),
        (3, _("2: about 10 in 100 had a major cardiac event in later cohorts.")),
        above=_("3 or more: about 15 in 100 had a major cardiac event in later cohorts."),
    )
    return Outcome(found, parts, meaning)


_SMOKER = flag("smoker", _("Smokes"), "smoking", "smoker")
_TREATED = flag("treated_pressure", _("Blood pressure treated with medicines"),
                "blood pressure being treated with medicines")  # fmt: skip
_DIABETES = flag("diabetes", _("Diabetes"), "diabetes mellitus")


def _framingham(values: Values) -> Outcome:
    age, cholesterol = values.number("age"), math.log(values.number("cholesterol"))
    hdl, pressure = math.log(values.number("hdl")), math.log(values.number("systolic"))
    treated, smoker, log_age = values.flag("treated_pressure"), values.flag("smoker"), math.log(age)
    if values.is_female():
        score = (
            31.764001 * log_age + 22.465206 * cholesterol - 1.187731 * hdl + 2.552905 * pressure + 0.420251 * treated
            + 13.07543 * smoker - 5.060998 * log_age * cholesterol - 2.996945 * math.log(min(age, 78)) * smoker
            - 146.5933061
        )  # fmt: skip
        survival = 0.98767
    else:
        score = (
            52.00961 * log_age + 20.014077 * cholesterol - 0.905964 * hdl + 1.305784 * pressure + 0.241549 * treated
            + 12.096316 * smoker - 4.605038 * log_age * cholesterol - 2.84367 * math.log(min(age, 70)) * smoker
            - 2.93323 * log_age**2 - 172.300168
        )  # fmt: skip
        survival = 0.9402
    return Outcome(100 * (1 - survival ** math.exp(score)))


# Coefficients: age, age squared, cholesterol, age and cholesterol, HDL, age and HDL, treated pressure, age and treated
# pressure, untreated pressure, age and untreated pressure, smoker, age and smoker, diabetes; mean; survival.
_POOLED = {
    ("female", "white"): ((-29.799, 4.884, 13.540, -3.114, -13.578, 3.149, 2.019, 0, 1.957, 0, 7.574, -1.665, 0.661), -29.18, 0.9665),
    ("female", "black"): ((17.114, 0, 0.940, 0, -18.920, 4.475, 29.291, -6.432, 27.820, -6.087, 0.691, 0, 0.874), 86.61, 0.9533),
    ("male", "white"): ((12.344, 0, 11.853, -2.664, -7.990, 1.769, 1.797, 0, 1.764, 0, 7.837, -1.795, 0.658), 61.18, 0.9144),
    ("male", "black"): ((2.469, 0, 0.302, 0, -0.307, 0, 1.916, 0, 1.809, 0, 0.549, 0, 0.645), 19.54, 0.8954),
}  # fmt: skip
_RACE = Input("equation", _("Equation of the publication"), "choice", required=True, aliases=("race",),
              choices=(("white", _("White and other people")), ("black", _("African American people"))))  # fmt: skip


def _pooled_cohort(values: Values) -> Outcome:
    weights, mean, survival = _POOLED[values.choice("sex"), values.choice("equation")]
    age, cholesterol, hdl = (math.log(values.number(name)) for name in ("age", "cholesterol", "hdl"))
    pressure, treated, smoker = (
        math.log(values.number("systolic")),
        values.flag("treated_pressure"),
        values.flag("smoker"),
    )
    terms = (
        age, age**2, cholesterol, age * cholesterol, hdl, age * hdl, treated * pressure, treated * age * pressure,
        (not treated) * pressure, (not treated) * age * pressure, smoker, smoker * age, values.flag("diabetes"),
    )  # fmt: skip
    score = sum(weight * term for weight, term in zip(weights, terms, strict=True))
    risk = 100 * (1 - survival ** math.exp(score - mean))
    meaning = meaning_of(
        risk,
        (5, _("Low (under 5 %).")),
        (7.5, _("Borderline (5 to 7.4 %).")),
        (20, _("Intermediate (7.5 to 19.9 %).")),
        above=_("High (20 per cent and more)."),
    )
    return Outcome(risk, meaning=meaning)


CALCULATORS = (
    Calculator(
        "cha2ds2_vasc", _("CHA₂DS₂-VASc"), GROUP, (ADULT_AGE, SEX, *_STROKE_FLAGS), _stroke_risk,
        "Lip GYH and others, Chest 2010;137:263-272", digits=0,
        limits=_("For non-valvular atrial fibrillation; not with a mechanical valve or mitral stenosis."),
        aliases=("cha2ds2-vasc score for atrial fibrillation stroke risk", "cha2ds2-vasc score", "cha2ds2-vasc"),
    ),
    Calculator(
        "has_bled", _("HAS-BLED"), GROUP, (ADULT_AGE, *_BLEEDING_FLAGS, _DRINKS), _bleeding_risk,
        "Pisters R and others, Chest 2010;138:1093-1100", digits=0,
        limits=_("For people with atrial fibrillation on, or before, an anticoagulant."),
        aliases=("has-bled score for major bleeding risk", "has-bled score", "has-bled"),
    ),
    Calculator(
        "heart_score", _("HEART score"), GROUP, (ADULT_AGE, *_CHEST_PAIN, *_CORONARY_FLAGS), _chest_pain,
        "Six AJ and others, Neth Heart J 2008;16:191-196", digits=0,
        limits=_("For chest pain in an emergency department; not with ST elevation or instability."),
        aliases=("heart score for major cardiac events", "heart score"),
    ),
    Calculator(
        "revised_cardiac_risk_index", _("Revised cardiac risk index"), GROUP, (*_SURGERY_FLAGS, optional(CREATININE)),
        _surgery, "Lee TH and others, Circulation 1999;100:1043-1049; rates: Duceppe E and others, Can J Cardiol 2017;33:17-32",
        digits=0, limits=_("For adults before surgery outside the heart; not for emergencies."),
        aliases=("revised cardiac risk index for pre-operative risk", "rcri"),
    ),
    Calculator(
        "framingham_hard_chd", _("Hard coronary heart disease in ten years (Framingham)"), GROUP,
        (ADULT_AGE, SEX, CHOLESTEROL, HDL, SYSTOLIC, _TREATED, _SMOKER), _framingham,
        "NCEP Adult Treatment Panel III, Circulation 2002;106:3143-3421", unit="%",
        limits=_("Made for ages 30 to 79 in the United States without diabetes or heart disease; too high in many others."),
        aliases=("framingham risk score for hard coronary heart disease", "framingham"),
    ),
    Calculator(
        "ascvd_pooled_cohort", _("Atherosclerotic disease in ten years (pooled cohort equations)"), GROUP,
        (Input("age", _("Age"), "number", "year", 40, 79, required=True), SEX, _RACE, CHOLESTEROL, HDL, SYSTOLIC,
         _TREATED, _SMOKER, _DIABETES), _pooled_cohort,
        "Goff DC and others, Circulation 2014;129(25 Suppl 2):S49-S73", unit="%",
        limits=_("For ages 40 to 79 without known disease; made from cohorts of the United States, too high in many others."),
        aliases=("ascvd", "pooled cohort equations"),
    ),
)  # fmt: skip
