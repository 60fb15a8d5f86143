"""Liver and gut."""

from __future__ import annotations

import math

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import (
    ADULT_AGE,
    ALBUMIN,
    BILIRUBIN,
    CREATININE,
    HAEMOGLOBIN,
    HEART_RATE,
    INR,
    PLATELETS,
    SEX,
    SODIUM,
    SYSTOLIC,
    UREA_NITROGEN,
    flag,
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

GROUP = "liver"

_ASCITES = Input("ascites", _("Ascites"), "choice", choices=(
    ("absent", _("None")), ("slight", _("Slight")), ("moderate", _("Moderate or severe"))))  # fmt: skip
_ENCEPHALOPATHY = Input("encephalopathy", _("Encephalopathy"), "choice", choices=(
    ("no encephalopathy", _("None")), ("grade 1-2", _("Grade 1 or 2")), ("grade 3-4", _("Grade 3 or 4"))))  # fmt: skip


def _child_pugh(values: Values) -> Outcome:
    bilirubin, albumin, inr = values.number("bilirubin"), values.number("albumin"), values.number("inr")
    ascites = {"absent": 1, "slight": 2, "moderate": 3}[values.choice("ascites", default="absent")]
    grade = {"no encephalopathy": 1, "grade 1-2": 2, "grade 3-4": 3}
    parts = (
        Part(BILIRUBIN.label, 1 if bilirubin < 2 else 2 if bilirubin <= 3 else 3),
        Part(ALBUMIN.label, 1 if albumin > 3.5 else 2 if albumin >= 2.8 else 3),
        Part(INR.label, 1 if inr < 1.7 else 2 if inr <= 2.3 else 3),
        Part(_ASCITES.label, ascites),
        Part(_ENCEPHALOPATHY.label, grade[values.choice("encephalopathy", default="no encephalopathy")]),
    )
    meaning = meaning_of(
        total(parts), (7, _("Class A (5 or 6).")), (10, _("Class B (7 to 9).")), above=_("Class C (10 to 15)."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


_DIALYSIS = (
    flag("dialysis_twice", _("Dialysis twice or more in the past week"), "dialysis at least twice in the past week"),
    flag("haemodialysis_24h", _("Continuous haemodialysis for 24 hours in the past week"),
         "continuous veno-venous hemodialysis for ≥24 hours in the past week"),
)  # fmt: skip


def _meld(values: Values) -> Outcome:
    dialysed = [values.flag(one.name) for one in _DIALYSIS]
    creatinine = 4.0 if any(dialysed) else min(max(values.number("creatinine"), 1.0), 4.0)
    bilirubin, inr = max(values.number("bilirubin"), 1.0), max(values.number("inr"), 1.0)
    sodium = min(max(values.number("sodium"), 125.0), 137.0)
    start = round(0.957 * math.log(creatinine) + 0.378 * math.log(bilirubin) + 1.120 * math.log(inr) + 0.643, 1) * 10
    found = start
    if start > 11:
        found = start + 1.32 * (137 - sodium) - 0.033 * start * (137 - sodium)
    found = min(max(round(found), 6), 40)
    meaning = meaning_of(
        found,
        (10, _("9 or less: about 2 in 100 died within three months.")),
        (20, _("10 to 19: about 6 in 100 died within three months.")),
        (30, _("20 to 29: about 20 in 100 died within three months.")),
        (40, _("30 to 39: about half died within three months.")),
        above=_("40: about 7 in 10 died within three months."),
    )
    return Outcome(found, (Part(_("Before sodium"), round(start)),), meaning)


AST = Input("ast", _("Aspartate aminotransferase (AST)"), "number", "U/L", 1, 20_000, required=True,
            aliases=("aspartate aminotransferase",))  # fmt: skip
ALT = Input("alt", _("Alanine aminotransferase (ALT)"), "number", "U/L", 1, 20_000, required=True,
            aliases=("alanine aminotransferase",))  # fmt: skip


def _fibrosis(values: Values) -> Outcome:
    found = values.number("age") * values.number("ast") / (values.number("platelets") * math.sqrt(values.number("alt")))
    meaning = meaning_of(
        found,
        (1.3, _("Under 1.3: advanced fibrosis unlikely (from 65 years on, under 2).")),
        (2.68, _("1.3 to 2.67: not decided; a further test, such as elastography.")),
        above=_("Over 2.67: advanced fibrosis likely."),
    )
    return Outcome(found, meaning=meaning)


_BLATCHFORD_POINTS = {"melaena": 1, "syncope": 2, "liver_disease": 2, "heart_failure": 2}
_BLATCHFORD_FLAGS = (
    flag("melaena", _("Black stools"), "melena present"),
    flag("syncope", _("Fainted"), "recent syncope"),
    flag("liver_disease", _("Liver disease"), "hepatic disease history"),
    flag("heart_failure", _("Heart failure"), "cardiac failure present"),
)


def _blatchford(values: Values) -> Outcome:
    haemoglobin = values.number("haemoglobin")
    if values.is_female():
        lacking = band(haemoglobin, (10, 6), (12, 1), above=0)
    else:
        lacking = band(haemoglobin, (10, 6), (12, 3), (13, 1), above=0)
    nitrogen = values.number("urea_nitrogen")
    parts = (
        Part(UREA_NITROGEN.label, band(nitrogen, (18.2, 0), (22.4, 2), (28, 3), (70, 4), above=6)),
        Part(HAEMOGLOBIN.label, lacking),
        Part(SYSTOLIC.label, band(values.number("systolic"), (90, 3), (100, 2), (110, 1), above=0)),
        Part(_("Heart rate of 100 or more"), float(values.number("heart_rate") >= 100)),
        *counted(values, _BLATCHFORD_POINTS, _BLATCHFORD_FLAGS),
    )
    meaning = meaning_of(
        total(parts),
        (2, _("0 or 1: very low risk; guidelines allow care outside hospital.")),
        (7, _("2 to 6: hospital, endoscopy within 24 hours by most guidelines.")),
        above=_("7 or more: endoscopic treatment is often needed."),
    )
    return Outcome(total(parts), parts, meaning)


CALCULATORS = (
    Calculator(
        "child_pugh", _("Child-Pugh score"), GROUP, (BILIRUBIN, ALBUMIN, INR, _ASCITES, _ENCEPHALOPATHY), _child_pugh,
        "Pugh RN and others, Br J Surg 1973;60:646-649", digits=0,
        limits=_("For cirrhosis; cholestasis and anticoagulants mislead."),
        aliases=("child-pugh score for cirrhosis mortality", "child-pugh"),
    ),
    Calculator(
        "meld_na", _("MELD-Na (2016)"), GROUP, (CREATININE, BILIRUBIN, INR, SODIUM, *_DIALYSIS), _meld,
        "OPTN policy of January 2016; Kim WR and others, N Engl J Med 2008;359:1018-1026; mortality: Wiesner R and "
        "others, Gastroenterology 2003;124:91-96", digits=0,
        limits=_("From the age of twelve; anticoagulants mislead. MELD 3.0 replaced it for allocation in the United States in 2023."),
        aliases=("meld na (unos/optn)", "meld-na", "meld na"),
    ),
    Calculator(
        "fib_4", _("FIB-4"), GROUP, (ADULT_AGE, AST, ALT, PLATELETS), _fibrosis,
        "Sterling RK and others, Hepatology 2006;43:1317-1325",
        limits=_("Under 35 and in acute hepatitis it does not hold."),
        aliases=("fibrosis-4 (fib-4) index for liver fibrosis", "fib-4"),
    ),
    Calculator(
        "glasgow_blatchford", _("Glasgow-Blatchford score"), GROUP,
        (SEX, UREA_NITROGEN, HAEMOGLOBIN, SYSTOLIC, HEART_RATE, *_BLATCHFORD_FLAGS), _blatchford,
        "Blatchford O and others, Lancet 2000;356:1318-1321", digits=0,
        limits=_("For bleeding from the upper gut."), aliases=("glasgow-blatchford bleeding score (gbs)",),
    ),
)  # fmt: skip
