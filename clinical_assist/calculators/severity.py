"""How ill somebody is: warning scores, organs that fail, and what else there is."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import (
    AGE,
    BILIRUBIN,
    COMA_SCALE,
    CREATININE,
    DIASTOLIC,
    FIO2,
    HEART_RATE,
    PAO2,
    PLATELETS,
    RESPIRATORY_RATE,
    SATURATION,
    SYSTOLIC,
    TEMPERATURE,
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

GROUP = "severity"

_EYES = Input("eyes", _("Best eye response"), "choice", aliases=("best eye response",), choices=(
    ("no eye opening", _("None")), ("eyes open to pain", _("To pain")),
    ("eyes open to verbal command", _("To speech")), ("eyes open spontaneously", _("Spontaneous"))))  # fmt: skip
_VERBAL = Input("verbal", _("Best verbal response"), "choice", aliases=("best verbal response",), choices=(
    ("no verbal response", _("None")), ("incomprehensible sounds", _("Sounds")),
    ("inappropriate words", _("Words")), ("confused", _("Confused")), ("oriented", _("Oriented"))))  # fmt: skip
_MOTOR = Input("motor", _("Best motor response"), "choice", aliases=("best motor response",), choices=(
    ("no motor response", _("None")), ("extension to pain", _("Extension")), ("flexion to pain", _("Abnormal flexion")),
    ("withdrawal from pain", _("Withdrawal")), ("localizes pain", _("Localises")),
    ("obeys commands", _("Obeys commands"))))  # fmt: skip


def _coma_scale(values: Values) -> Outcome:
    parts = tuple(
        Part(one.label, _steps(one).index(values.choice(one.name, default=_steps(one)[-1])) + 1)
        for one in (_EYES, _VERBAL, _MOTOR)
    )
    meaning = meaning_of(
        total(parts), (9, _("3 to 8: severe.")), (13, _("9 to 12: moderate.")), above=_("13 to 15: mild, or normal."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


def _steps(one: Input) -> list[str]:
    return [key for key, _label in one.choices]


_PRESSORS = tuple(
    Input(name, label, "number", "ug/kg/min", 0, 100, aliases=aliases)
    for name, label, aliases in (
        ("dopamine", _("Dopamine"), ()), ("dobutamine", _("Dobutamine"), ()),
        ("epinephrine", _("Adrenaline (epinephrine)"), ("adrenaline",)),
        ("norepinephrine", _("Noradrenaline (norepinephrine)"), ("noradrenaline",)),
    )
)  # fmt: skip
_URINE = Input("urine_output", _("Urine in a day"), "number", "mL/d", 0, 15_000, aliases=("urine output",))
_SUPPORT = (
    flag("ventilated", _("Mechanical ventilation"), "on mechanical ventilation"),
    flag("cpap", _("Continuous positive airway pressure"), "continuous positive airway pressure"),
    flag("hypotension", _("Mean arterial pressure under 70 mmHg"), "hypotension"),
)


def _organ_failure(values: Values) -> Outcome:
    parts = (
        Part(_("Breathing"), _breathing(values)),
        Part(
            _("Clotting (platelets)"), band(values.number("platelets"), (20, 4), (50, 3), (100, 2), (150, 1), above=0)
        ),
        Part(_("Liver (bilirubin)"), band(values.number("bilirubin"), (1.2, 0), (2, 1), (6, 2), (12, 3), above=4)),
        Part(_("Circulation"), _circulation(values)),
        Part(_("Brain (coma scale)"), band(values.number("coma_scale"), (6, 4), (10, 3), (13, 2), (15, 1), above=0)),
        Part(_("Kidney"), _kidney(values)),
    )
    return Outcome(
        total(parts), parts, _("A rise of 2 or more with an infection is how sepsis has been defined since 2016.")
    )


def _breathing(values: Values) -> float:
    ratio = 100 * values.number("pao2") / values.number("fio2")
    supported = [values.flag("ventilated"), values.flag("cpap")]
    if not any(supported):
        return band(ratio, (300, 2), (400, 1), above=0)
    return band(ratio, (100, 4), (200, 3), (300, 2), (400, 1), above=0)


def _circulation(values: Values) -> float:
    dopamine, dobutamine, adrenaline, noradrenaline = (values.optional(one.name) or 0 for one in _PRESSORS)
    if dopamine > 15 or max(adrenaline, noradrenaline) > 0.1:
        return 4
    if dopamine > 5 or max(adrenaline, noradrenaline) > 0:
        return 3
    if dopamine > 0 or dobutamine > 0:
        return 2
    systolic, diastolic = values.optional("systolic"), values.optional("diastolic")
    low = systolic is not None and diastolic is not None and (systolic + 2 * diastolic) / 3 < 70
    return float(low or values.flag("hypotension"))


def _kidney(values: Values) -> float:
    urine = values.optional("urine_output")
    from_urine = 0.0 if urine is None else band(urine, (200, 4), (500, 3), above=0)
    return max(from_urine, band(values.number("creatinine"), (1.2, 0), (2, 1), (3.5, 2), (5, 3), above=4))


_OXYGEN = flag("oxygen", _("Gets oxygen"), "supplemental oxygen")
_SCALE_2 = flag("scale_2", _("Saturation goal of 88 to 92 % (hypercapnic failure)"))
_NOT_ALERT = flag("not_alert", _("New confusion, or responds to voice or pain only, or not at all"))


def _early_warning(values: Values) -> Outcome:
    saturation, oxygen = values.number("oxygen_saturation"), values.flag("oxygen")
    if not values.flag("scale_2"):
        lacking = band(saturation, (92, 3), (94, 2), (96, 1), above=0)
    elif saturation < 93 or not oxygen:
        lacking = band(saturation, (84, 3), (86, 2), (88, 1), above=0)
    else:
        lacking = band(saturation, (95, 1), (97, 2), above=3)
    parts = (
        Part(
            RESPIRATORY_RATE.label, band(values.number("respiratory_rate"), (9, 3), (12, 1), (21, 0), (25, 2), above=3)
        ),
        Part(SATURATION.label, lacking),
        Part(_OXYGEN.label, 2.0 if oxygen else 0.0),
        Part(SYSTOLIC.label, band(values.number("systolic"), (91, 3), (101, 2), (111, 1), (220, 0), above=3)),
        Part(
            HEART_RATE.label, band(values.number("heart_rate"), (41, 3), (51, 1), (91, 0), (111, 1), (131, 2), above=3)
        ),
        Part(_NOT_ALERT.label, 3.0 if values.flag("not_alert") else 0.0),
        Part(
            TEMPERATURE.label,
            band(round(values.number("temperature"), 1), (35.1, 3), (36.1, 1), (38.1, 0), (39.1, 1), above=2),
        ),
    )
    found = total(parts)
    if found >= 7:
        meaning = _("7 or more: emergency assessment by a team with critical care skills.")
    elif found >= 5:
        meaning = _("5 or 6: urgent assessment by a clinician.")
    elif any(part.value == 3 for part in parts):
        meaning = _("A single value of 3: urgent review on the ward.")
    else:
        meaning = _("0 to 4: low; watch at the interval for the score.")
    return Outcome(found, parts, meaning)


def _three(name: str, label: object, *words: object) -> Input:
    return Input(name, label, "choice", required=True, choices=tuple(zip("012", words, strict=True)))  # type: ignore[arg-type]


_NEWBORN = (
    _three("appearance", _("Colour"), _("Blue or pale"), _("Body pink, limbs blue"), _("Pink")),
    _three("pulse", _("Heart rate"), _("None"), _("Under 100"), _("100 or more")),
    _three("grimace", _("Response to stimulation"), _("None"), _("Grimace"), _("Cry, cough or sneeze")),
    _three("activity", _("Muscle tone"), _("Limp"), _("Some flexion"), _("Active movement")),
    _three("respiration", _("Breathing"), _("None"), _("Slow or irregular"), _("Good, crying")),
)


def _apgar(values: Values) -> Outcome:
    parts = tuple(Part(one.label, float(values.choice(one.name))) for one in _NEWBORN)
    meaning = meaning_of(
        total(parts), (4, _("0 to 3: low.")), (7, _("4 to 6: moderately abnormal.")), above=_("7 to 10: reassuring."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


_COMORBID_POINTS = {
    "heart_attack": 1, "heart_failure": 1, "peripheral_vascular": 1, "stroke": 1, "dementia": 1, "lung_disease": 1,
    "connective_tissue": 1, "ulcer": 1, "hemiplegia": 2, "kidney_disease": 2, "leukaemia": 2, "lymphoma": 2, "aids": 6,
}  # fmt: skip
_COMORBID_FLAGS = (
    flag("heart_attack", _("Heart attack"), "myocardial infarction"),
    flag("heart_failure", _("Heart failure"), "congestive heart failure"),
    flag("peripheral_vascular", _("Peripheral vascular disease"), "peripheral vascular disease"),
    flag("stroke", _("Stroke or transient ischaemic attack"), "cerebrovascular accident",
         "transient ischemic attacks history"),
    flag("dementia", _("Dementia")),
    flag("lung_disease", _("Chronic lung disease"), "chronic pulmonary disease"),
    flag("connective_tissue", _("Connective tissue disease"), "connective tissue disease"),
    flag("ulcer", _("Peptic ulcer disease"), "peptic ulcer disease"),
    flag("hemiplegia", _("Hemiplegia")),
    flag("kidney_disease", _("Moderate or severe kidney disease"), "moderate to severe chronic kidney disease"),
    flag("leukaemia", _("Leukaemia"), "leukemia"),
    flag("lymphoma", _("Lymphoma")),
    flag("aids", _("AIDS")),
)  # fmt: skip
_LIVER = Input("liver", _("Liver disease"), "choice", aliases=("liver disease", "liver disease severity"), choices=(
    ("none", _("None")), ("mild", _("Mild")), ("moderate to severe", _("Moderate or severe"))))  # fmt: skip
_DIABETES = Input("diabetes", _("Diabetes"), "choice", aliases=("diabetes mellitus",), choices=(
    ("none or diet-controlled", _("None, or by diet")), ("uncomplicated", _("Uncomplicated")),
    ("end-organ damage", _("With damage to organs"))))  # fmt: skip
_TUMOUR = Input("tumour", _("Solid tumour"), "choice", aliases=("solid tumor",), choices=(
    ("none", _("None")), ("localized", _("Localised")), ("metastatic", _("Metastatic"))))  # fmt: skip


def _comorbidity(values: Values) -> Outcome:
    chosen = ((_LIVER, (0, 1, 3)), (_DIABETES, (0, 1, 2)), (_TUMOUR, (0, 2, 6)))
    parts = (
        Part(_("Age"), band(values.number("age"), (50, 0), (60, 1), (70, 2), (80, 3), above=4)),
        *counted(values, _COMORBID_POINTS, _COMORBID_FLAGS),
        *(
            Part(one.label, given[_steps(one).index(values.choice(one.name, default=_steps(one)[0]))])
            for one, given in chosen
        ),
    )
    return Outcome(total(parts), parts)


CALCULATORS = (
    Calculator(
        "glasgow_coma_scale", _("Glasgow coma scale"), GROUP, (_EYES, _VERBAL, _MOTOR), _coma_scale,
        "Teasdale G, Jennett B, Lancet 1974;304:81-84", digits=0,
        limits=_("Say what could not be tested; what is not given here counts as normal."),
        aliases=("glasgow coma score (gcs)", "gcs"),
    ),
    Calculator(
        "sofa", _("SOFA"), GROUP,
        (PAO2, FIO2, *_SUPPORT, PLATELETS, BILIRUBIN, optional(SYSTOLIC), optional(DIASTOLIC), *_PRESSORS, COMA_SCALE,
         CREATININE, _URINE), _organ_failure,
        "Vincent JL and others, Intensive Care Med 1996;22:707-710", digits=0,
        limits=_("For adults in hospital; the worst values of 24 hours."),
        aliases=("sequential organ failure assessment (sofa) score", "sofa score"),
    ),
    Calculator(
        "news2", _("NEWS2"), GROUP,
        (RESPIRATORY_RATE, SATURATION, _SCALE_2, _OXYGEN, SYSTOLIC, HEART_RATE, _NOT_ALERT, TEMPERATURE), _early_warning,
        "Royal College of Physicians, National Early Warning Score 2, 2017", digits=0,
        limits=_("From the age of sixteen; not in pregnancy."), aliases=("national early warning score 2",),
    ),
    Calculator(
        "apgar", _("APGAR score"), GROUP, _NEWBORN, _apgar, "Apgar V, Curr Res Anesth Analg 1953;32:260-267", digits=0,
        limits=_("At one and five minutes after birth; it foretells nothing about one child."), aliases=("apgar score",),
    ),
    Calculator(
        "charlson", _("Charlson comorbidity index"), GROUP,
        (AGE, *_COMORBID_FLAGS, _LIVER, _DIABETES, _TUMOUR), _comorbidity,
        "Charlson ME and others, J Chronic Dis 1987;40:373-383; with age: J Clin Epidemiol 1994;47:1245-1251", digits=0,
        limits=_("Foretells mortality of groups; the weights are of the 1980s."),
        aliases=("charlson comorbidity index (cci)", "charlson comorbidity index"),
    ),
)  # fmt: skip
