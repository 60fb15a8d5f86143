"""Throats, lungs and blood with germs in them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from clinical_assist.calculators.common import (
    AGE,
    DIASTOLIC,
    GLUCOSE,
    HAEMATOCRIT,
    HEART_RATE,
    PACO2,
    PAO2,
    PH,
    RESPIRATORY_RATE,
    SEX,
    SODIUM,
    SYSTOLIC,
    TEMPERATURE,
    UREA_NITROGEN,
    WHITE_CELLS,
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

GROUP = "infection"

_CENTOR_FLAGS = (
    flag("tonsillar_exudate", _("Exudate or swelling of the tonsils"), "exudate or swelling on tonsils"),
    flag("tender_nodes", _("Tender or swollen anterior cervical nodes"),
         "tender/swollen anterior cervical lymph nodes"),
)  # fmt: skip
_COUGH = flag("cough", _("Cough"), "cough present")


def _centor(values: Values) -> Outcome:
    parts = (
        Part(_("Age"), band(values.number("age"), (15, 1), (45, 0), above=-1)),
        Part(_("Temperature over 38 °C"), float(values.number("temperature") > 38)),
        Part(_("No cough"), float(not values.flag("cough"))),
        *counted(values, {"tonsillar_exudate": 1, "tender_nodes": 1}, _CENTOR_FLAGS),
    )
    meaning = meaning_of(
        total(parts),
        (2, _("1 or less: streptococci unlikely; guidelines advise neither test nor antibiotic.")),
        (4, _("2 or 3: guidelines advise a test and treat when it is positive.")),
        above=_("4 or more: streptococci in about half; test, or treat by the local guideline."),
    )
    return Outcome(total(parts), parts, meaning)


_FEVERPAIN_FLAGS = (
    flag("fever", _("Fever in the past 24 hours"), "fever in past 24 hours"),
    flag("no_cough_or_coryza", _("Neither cough nor runny nose"), "absence of cough or coryza"),
    flag("early", _("Began three days ago or less"), "symptom onset <=3 days", "symptom onset ≤3 days"),
    flag("purulent_tonsils", _("Pus on the tonsils"), "purulent tonsils"),
    flag("severe_inflammation", _("Severely inflamed tonsils"), "severe tonsil inflammation"),
)  # fmt: skip


def _feverpain(values: Values) -> Outcome:
    parts = counted(values, {one.name: 1 for one in _FEVERPAIN_FLAGS}, _FEVERPAIN_FLAGS)
    meaning = meaning_of(
        total(parts),
        (2, _("0 or 1: streptococci in 13 to 18 of 100; no antibiotic.")),
        (4, _("2 or 3: streptococci in 34 to 40 of 100; an antibiotic may wait.")),
        above=_("4 or 5: streptococci in 62 to 65 of 100; consider an antibiotic."),
    )
    return Outcome(total(parts), parts, meaning)


_CONFUSION = flag("confusion", _("New confusion"), "altered mental status")


def _curb(values: Values) -> Outcome:
    parts = (
        Part(_("New confusion"), float(values.flag("confusion"))),
        Part(_("Urea nitrogen over 19 mg/dL (urea over 7 mmol/L)"), float(values.number("urea_nitrogen") > 19)),
        Part(_("Respiratory rate of 30 or more"), float(values.number("respiratory_rate") >= 30)),
        Part(
            _("Blood pressure under 90 systolic, or 60 diastolic or less"),
            float(values.number("systolic") < 90 or values.number("diastolic") <= 60),
        ),
        Part(_("65 years or older"), float(values.number("age") >= 65)),
    )
    meaning = meaning_of(
        total(parts),
        (2, _("0 or 1: 30-day mortality under 3 per cent in the derivation; home may be suitable.")),
        (3, _("2: 30-day mortality about 9 %; consider hospital.")),
        above=_("3 or more: severe; 30-day mortality 15 to 40 %; hospital, and consider intensive care."),
    )
    return Outcome(total(parts), parts, meaning)


_PSI_POINTS = {
    "nursing_home": 10, "neoplastic_disease": 30, "liver_disease": 20, "heart_failure": 10,
    "cerebrovascular_disease": 10, "renal_disease": 10, "confusion": 20, "pleural_effusion": 10,
}  # fmt: skip
_PSI_FLAGS = (
    flag("nursing_home", _("Lives in a nursing home"), "nursing home resident"),
    flag("neoplastic_disease", _("Neoplastic disease"), "neoplastic disease"),
    flag("liver_disease", _("Liver disease"), "liver disease history"),
    flag("heart_failure", _("Heart failure"), "congestive heart failure", "congestive heart failure (chf) history"),
    flag("cerebrovascular_disease", _("Cerebrovascular disease"), "cerebrovascular disease history"),
    flag("renal_disease", _("Kidney disease"), "renal disease history"),
    _CONFUSION,
    flag("pleural_effusion", _("Pleural effusion"), "pleural effusion on x-ray"),
)


def _severity_index(values: Values) -> Outcome:
    temperature = values.optional("temperature")
    measured: tuple[tuple[object, bool, int], ...] = (
        (_("Respiratory rate of 30 or more"), _over(values, "respiratory_rate", 30), 20),
        (_("Systolic pressure under 90 mmHg"), _under(values, "systolic", 90), 20),
        (_("Temperature under 35 or over 39.9 °C"), temperature is not None and not 35 <= temperature <= 39.9, 15),
        (_("Heart rate of 125 or more"), _over(values, "heart_rate", 125), 10),
        (_("Arterial pH under 7.35"), _under(values, "ph", 7.35), 30),
        (_("Urea nitrogen of 30 mg/dL or more"), _over(values, "urea_nitrogen", 30), 20),
        (_("Sodium under 130 mEq/L"), _under(values, "sodium", 130), 20),
        (_("Glucose of 250 mg/dL or more"), _over(values, "glucose", 250), 10),
        (_("Haematocrit under 30 %"), _under(values, "haematocrit", 30), 10),
        (_("Oxygen pressure under 60 mmHg"), _under(values, "pao2", 60), 10),
    )
    age = values.number("age")
    parts = (
        Part(_("Age in years"), age),
        Part(_("Female sex"), -10.0 if values.is_female() else 0.0),
        *counted(values, _PSI_POINTS, _PSI_FLAGS),
        *(Part(label, float(given if present else 0)) for label, present, given in measured),  # type: ignore[arg-type]
    )
    found = total(parts)
    if age <= 50 and not any(part.value for part in parts[2:]):
        meaning = _("Class I: 30-day mortality 0.1 per cent in the derivation.")
    else:
        meaning = meaning_of(
            found,
            (71, _("Class II: 30-day mortality 0.6 %.")),
            (91, _("Class III: 30-day mortality 0.9 to 2.8 %.")),
            (131, _("Class IV: 30-day mortality about 8 to 9 %.")),
            above=_("Class V: 30-day mortality about 27 to 31 %."),
        )  # type: ignore[assignment]
    return Outcome(found, parts, meaning)


def _over(values: Values, name: str, least: float) -> bool:
    found = values.optional(name)
    return found is not None and found >= least


def _under(values: Values, name: str, bound: float) -> bool:
    found = values.optional(name)
    return found is not None and found < bound


_BANDS = Input("bands", _("Immature neutrophils (bands)"), "number", "%", 0, 100)


def _inflammation(values: Values) -> Outcome:
    carbon_dioxide, cells = values.optional("paco2"), values.number("white_cells")
    parts = (
        Part(_("Temperature over 38 or under 36 °C"), float(not 36 <= values.number("temperature") <= 38)),
        Part(_("Heart rate over 90"), float(values.number("heart_rate") > 90)),
        Part(
            _("Respiratory rate over 20, or carbon dioxide under 32 mmHg"),
            float(values.number("respiratory_rate") > 20 or (carbon_dioxide is not None and carbon_dioxide < 32)),
        ),
        Part(
            _("White cells over 12 or under 4 · 10⁹/L, or more than 10 % bands"),
            float(cells > 12 or cells < 4 or (values.optional("bands") or 0) > 10),
        ),
    )
    meaning = meaning_of(
        total(parts), (2, _("Fewer than two: the syndrome is not there.")),
        above=_("Two or more: the syndrome is there; it says nothing about the cause, and sepsis is defined otherwise today."),
    )  # fmt: skip
    return Outcome(total(parts), parts, meaning)


CALCULATORS = (
    Calculator(
        "centor", _("Centor score (McIsaac)"), GROUP, (AGE, TEMPERATURE, *_CENTOR_FLAGS, _COUGH), _centor,
        "McIsaac WJ and others, CMAJ 1998;158:75-83", digits=0, limits=_("For sore throats from the age of three."),
        aliases=("centor score (modified/mcisaac) for strep pharyngitis", "centor score", "mcisaac"),
    ),
    Calculator(
        "feverpain", _("FeverPAIN"), GROUP, _FEVERPAIN_FLAGS, _feverpain, "Little P and others, BMJ 2013;347:f5806",
        digits=0, limits=_("For sore throats from the age of three."),
        aliases=("feverpain score for strep pharyngitis", "feverpain score"),
    ),
    Calculator(
        "curb_65", _("CURB-65"), GROUP,
        (AGE, _CONFUSION, UREA_NITROGEN, RESPIRATORY_RATE, SYSTOLIC, DIASTOLIC), _curb,
        "Lim WS and others, Thorax 2003;58:377-382", digits=0,
        limits=_("For pneumonia caught outside hospital by adults; oxygen and home are not in it."),
        aliases=("curb-65 score for pneumonia severity", "curb-65"),
    ),
    Calculator(
        "psi", _("Pneumonia severity index"), GROUP,
        (AGE, SEX, *_PSI_FLAGS, *map(optional, (RESPIRATORY_RATE, SYSTOLIC, TEMPERATURE, HEART_RATE, PH, UREA_NITROGEN,
                                               SODIUM, GLUCOSE, HAEMATOCRIT, PAO2))), _severity_index,
        "Fine MJ and others, N Engl J Med 1997;336:243-250", digits=0,
        limits=_("For pneumonia caught outside hospital by adults; a young person may be ill with a low score."),
        aliases=("psi score: pneumonia severity index for cap", "pneumonia severity index"),
    ),
    Calculator(
        "sirs", _("SIRS criteria"), GROUP,
        (TEMPERATURE, HEART_RATE, RESPIRATORY_RATE, WHITE_CELLS, optional(PACO2), _BANDS), _inflammation,
        "Bone RC and others, Chest 1992;101:1644-1655", digits=0, limits=_("For adults; sensitive and unspecific."),
        aliases=("sirs criteria",),
    ),
)  # fmt: skip
