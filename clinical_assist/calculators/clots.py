"""Clots in veins and lungs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import AGE, BMI, HEART_RATE, SATURATION, SEX, flag, optional
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

GROUP = "clots"

_EMBOLISM_POINTS = {
    "dvt_signs": 3,
    "most_likely": 3,
    "immobilised": 1.5,
    "earlier_clot": 1.5,
    "haemoptysis": 1,
    "cancer": 1,
}
_EMBOLISM_FLAGS = (
    flag("dvt_signs", _("Signs and symptoms of a deep vein thrombosis"),
         "clinical signs and symptoms of deep vein thrombosis"),
    flag("most_likely", _("Embolism is the likeliest diagnosis, or as likely"),
         "pulmonary embolism is #1 diagnosis or equally likely"),
    flag("immobilised", _("Immobile for three days, or surgery within four weeks"),
         "immobilization for at least 3 days", "surgery in the previous 4 weeks"),
    flag("earlier_clot", _("Embolism or deep vein thrombosis before"), "previously documented pulmonary embolism",
         "previously documented deep vein thrombosis"),
    flag("haemoptysis", _("Coughing blood"), "hemoptysis"),
    flag("cancer", _("Cancer, treated within six months or palliative"),
         "malignancy with treatment within 6 months or palliative"),
)  # fmt: skip


def _embolism(values: Values) -> Outcome:
    parts = (
        *counted(values, _EMBOLISM_POINTS, _EMBOLISM_FLAGS),
        Part(_("Heart rate over 100"), 1.5 if values.number("heart_rate") > 100 else 0),
    )
    found = total(parts)
    meaning = meaning_of(
        found, (4.5, _("4 or less: embolism unlikely; D-dimer can rule it out.")),
        above=_("Over 4: embolism likely; imaging is the next step."),
    )  # fmt: skip
    return Outcome(found, parts, meaning)


_DVT_POINTS = {
    "active_cancer": 1, "immobilised": 1, "calf_swelling": 1, "collateral_veins": 1, "leg_swollen": 1, "tenderness": 1,
    "pitting_oedema": 1, "paralysis": 1, "earlier_dvt": 1, "other_diagnosis": -2,
}  # fmt: skip
_DVT_FLAGS = (
    flag("active_cancer", _("Active cancer, treated within six months or palliative"), "active cancer"),
    flag("immobilised", _("In bed for more than three days, or major surgery within twelve weeks"),
         "bedridden recently >3 days", "major surgery within 12 weeks"),
    flag("calf_swelling", _("Calf more than 3 cm thicker than the other"),
         "calf swelling >3 centimeters compared to the other leg"),
    flag("collateral_veins", _("Collateral superficial veins"), "collateral (nonvaricose) superficial veins present"),
    flag("leg_swollen", _("The whole leg is swollen"), "entire leg swollen"),
    flag("tenderness", _("Tender along the deep veins"), "localized tenderness along the deep venous system"),
    flag("pitting_oedema", _("Pitting oedema of this leg alone"), "pitting edema, confined to symptomatic leg"),
    flag("paralysis", _("Paralysis, paresis or a recent plaster cast of the leg"),
         "paralysis, paresis, or recent plaster immobilization of the lower extremity"),
    flag("earlier_dvt", _("Deep vein thrombosis before"), "previously documented deep vein thrombosis"),
    flag("other_diagnosis", _("Another diagnosis is as likely or likelier"),
         "alternative diagnosis to deep vein thrombosis as likely or more likely"),
)  # fmt: skip


def _dvt(values: Values) -> Outcome:
    parts = counted(values, _DVT_POINTS, _DVT_FLAGS)
    meaning = meaning_of(
        total(parts), (2, _("1 or less: thrombosis unlikely; D-dimer can rule it out.")),
        above=_("2 or more: thrombosis likely; ultrasound is the next step."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


_PERC_FLAGS = (
    flag("leg_swelling", _("Swelling of one leg"), "unilateral leg swelling"),
    flag("haemoptysis", _("Coughing blood"), "hemoptysis"),
    flag("surgery_or_trauma", _("Surgery or trauma within four weeks"), "recent surgery or trauma"),
    flag("earlier_clot", _("Embolism or deep vein thrombosis before"), "previously documented pulmonary embolism",
         "previously documented deep vein thrombosis"),
    flag("hormones", _("Takes oestrogen"), "hormone use"),
)  # fmt: skip


def _perc(values: Values) -> Outcome:
    saturation = values.number("oxygen_saturation")
    parts = (
        Part(_("50 years or older"), float(values.number("age") >= 50)),
        Part(_("Heart rate of 100 or more"), float(values.number("heart_rate") >= 100)),
        Part(_("Oxygen saturation under 95 per cent on room air"), float(saturation < 95)),
        *counted(values, {one.name: 1 for one in _PERC_FLAGS}, _PERC_FLAGS),
    )
    meaning = meaning_of(
        total(parts), (1, _("None: where the suspicion is low anyway (under 15 %), no further test is needed.")),
        above=_("At least one: the rule does not rule an embolism out."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


_CAPRINI_POINTS = {
    "major_surgery": 1, "heart_failure": 1, "sepsis": 1, "pneumonia": 1, "plaster_cast": 1, "fracture": 5, "stroke": 5,
    "multiple_trauma": 5, "spinal_cord_injury": 5, "varicose_veins": 1, "swollen_legs": 1, "central_line": 2,
    "earlier_clot": 3, "family_history": 3, "factor_v_leiden": 3, "prothrombin_20210a": 3, "homocysteine": 3,
    "lupus_anticoagulant": 3, "anticardiolipin": 3, "heparin_thrombocytopenia": 3, "other_thrombophilia": 3,
    "bowel_disease": 1, "heart_attack": 1, "copd": 1, "malignancy": 2,
}  # fmt: skip
_CAPRINI_FLAGS = (
    flag("major_surgery", _("Major surgery in the last month"), "major surgery in the last month"),
    flag("heart_failure", _("Heart failure in the last month"), "congestive heart failure in the last month"),
    flag("sepsis", _("Sepsis in the last month"), "sepsis in the last month"),
    flag("pneumonia", _("Pneumonia in the last month"), "pneumonia in the last month"),
    flag("plaster_cast", _("Immobilising plaster cast in the last month"),
         "immobilizing plaster cast in the last month"),
    flag("fracture", _("Fracture of hip, pelvis or leg in the last month"),
         "hip, pelvis, or leg fracture in the last month"),
    flag("stroke", _("Stroke in the last month"), "stroke in the last month"),
    flag("multiple_trauma", _("Multiple trauma in the last month"), "multiple trauma in the last month"),
    flag("spinal_cord_injury", _("Paralysing spinal cord injury in the last month"),
         "acute spinal cord injury causing paralysis in the last month"),
    flag("varicose_veins", _("Varicose veins"), "varicose veins"),
    flag("swollen_legs", _("Swollen legs"), "current swollen legs"),
    flag("central_line", _("Central venous line"), "current central venous access"),
    flag("earlier_clot", _("Embolism or deep vein thrombosis before"), "previously documented deep vein thrombosis",
         "previously documented pulmonary embolism"),
    flag("family_history", _("Clots in the family"), "family history of thrombosis"),
    flag("factor_v_leiden", _("Factor V Leiden"), "positive factor v leiden"),
    flag("prothrombin_20210a", _("Prothrombin 20210A"), "positive prothrombin 20210a"),
    flag("homocysteine", _("Raised homocysteine"), "elevated serum homocysteine"),
    flag("lupus_anticoagulant", _("Lupus anticoagulant"), "positive lupus anticoagulant"),
    flag("anticardiolipin", _("Raised anticardiolipin antibody"), "elevated anticardiolipin antibody"),
    flag("heparin_thrombocytopenia", _("Heparin-induced thrombocytopenia"), "heparin-induced thrombocytopenia"),
    flag("other_thrombophilia", _("Another thrombophilia"), "other congenital or acquired thrombophilia"),
    flag("bowel_disease", _("Inflammatory bowel disease"), "history of inflammatory bowel disease"),
    flag("heart_attack", _("Acute heart attack"), "acute myocardial infarction"),
    flag("copd", _("Chronic obstructive pulmonary disease"), "chronic obstructive pulmonary disease"),
    flag("malignancy", _("Malignancy, present or past"), "present or previous malignancy"),
)  # fmt: skip
_CAPRINI_OF_WOMEN = (
    flag("pregnancy", _("Pregnant, or gave birth within a month"), "pregnancy or postpartum"),
    flag("hormones", _("Takes the pill or hormone replacement"), "oral contraceptives or hormone replacement therapy"),
    flag("lost_pregnancies", _("Unexplained stillbirth, three or more miscarriages, or premature birth with toxaemia"),
         "history of unexplained or recurrent spontaneous abortion"),
)  # fmt: skip
_SURGERY = Input("surgery", _("Surgery"), "choice", choices=(
    ("none", _("None")), ("minor", _("Minor")), ("major", _("Major, over 45 minutes")),
    ("arthroplasty", _("Elective arthroplasty of hip or knee"))), aliases=("surgery type", "type of surgery"))  # fmt: skip
_MOBILITY = Input("mobility", _("Mobility"), "choice", choices=(
    ("normal", _("Normal")), ("on bed rest", _("Medical patient on bed rest")),
    ("confined to bed >72 hours", _("Confined to bed for more than 72 hours"))))  # fmt: skip


def _caprini(values: Values) -> Outcome:
    index = values.optional("bmi")
    surgery = {"none": 0, "minor": 1, "major": 2, "arthroplasty": 5}[values.choice("surgery", default="none")]
    of_women = [one.name for one in _CAPRINI_OF_WOMEN]
    mobility = [key for key, _label in _MOBILITY.choices].index(values.choice("mobility", default="normal"))
    parts = (
        Part(_("Age"), band(values.number("age"), (41, 0), (61, 1), (75, 2), above=3)),
        Part(_SURGERY.label, surgery),
        Part(_MOBILITY.label, mobility),
        Part(_("Body mass index over 25"), float(index is not None and index > 25)),
        *counted(values, _CAPRINI_POINTS, _CAPRINI_FLAGS),
        *counted(values, dict.fromkeys(of_women, 0 if values.choice("sex") == "male" else 1), _CAPRINI_OF_WOMEN),
    )
    meaning = meaning_of(
        total(parts),
        (1, _("0: very low risk.")), (3, _("1 or 2: low risk.")), (5, _("3 or 4: moderate risk.")),
        above=_("5 or more: high risk."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


CALCULATORS = (
    Calculator(
        "wells_pe", _("Wells' score for pulmonary embolism"), GROUP, (HEART_RATE, *_EMBOLISM_FLAGS), _embolism,
        "Wells PS and others, Thromb Haemost 2000;83:416-420; two levels: van Belle A and others, JAMA 2006;295:172-179",
        digits=1, limits=_("For adults in whom embolism is suspected; not in pregnancy."),
        aliases=("wells' criteria for pulmonary embolism", "wells pe"),
    ),
    Calculator(
        "wells_dvt", _("Wells' score for deep vein thrombosis"), GROUP, _DVT_FLAGS, _dvt,
        "Wells PS and others, N Engl J Med 2003;349:1227-1235", digits=0,
        limits=_("For adults outside hospital in whom thrombosis is suspected; not in pregnancy."),
        aliases=("wells' criteria for dvt", "wells dvt", "wells' criteria for deep vein thrombosis"),
    ),
    Calculator(
        "perc", _("PERC rule"), GROUP, (AGE, HEART_RATE, SATURATION, *_PERC_FLAGS), _perc,
        "Kline JA and others, J Thromb Haemost 2004;2:1247-1255", digits=0,
        limits=_("Only where the clinician's own suspicion of embolism is low."),
        aliases=("perc rule for pulmonary embolism", "perc rule"),
    ),
    Calculator(
        "caprini", _("Caprini score (2005)"), GROUP,
        (AGE, optional(SEX), _SURGERY, _MOBILITY, optional(BMI), *_CAPRINI_FLAGS, *_CAPRINI_OF_WOMEN), _caprini,
        "Caprini JA, Dis Mon 2005;51:70-78", digits=0,
        limits=_("For surgical patients; whether to prevent clots also depends on the risk of bleeding."),
        aliases=("caprini score for venous thromboembolism (2005)", "caprini score"),
    ),
)  # fmt: skip
