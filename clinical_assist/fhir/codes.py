"""Codes of FHIR, LOINC and SNOMED CT that are read and written here, and what they are called in our record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM: Final = "http://unitsofmeasure.org"
OBSERVATION_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
CONDITION_STATUS: Final = "http://terminology.hl7.org/CodeSystem/condition-clinical"
CONDITION_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
ALLERGY_STATUS: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
ALLERGY_VERIFICATION: Final = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
ABSENT_REASON: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"

NO_KNOWN_ALLERGY: Final = "716186003"
PREGNANCY_STATUS: Final = "82810-3"

# LOINC codes of what the calculators, the checks and the differential read, by our name of the measure.
_OF_MEASURE: Final[Mapping[str, tuple[str, ...]]] = {
    "height": ("8302-2", "8306-3"),
    "weight": ("29463-7", "3141-9", "8335-2"),
    "bmi": ("39156-5",),
    "head_circumference": ("9843-4", "8287-5"),
    "systolic": ("8480-6",),
    "diastolic": ("8462-4",),
    "heart_rate": ("8867-4",),
    "respiratory_rate": ("9279-1",),
    "temperature": ("8310-5", "8331-1", "8329-5", "8333-7"),
    "oxygen_saturation": ("59408-5", "2708-6"),
    "pain": ("72514-3",),
    "haemoglobin": ("718-7",),
    "haematocrit": ("4544-3", "20570-8"),
    "platelets": ("777-3", "26515-7"),
    "white_cells": ("6690-2", "26464-8"),
    "neutrophils": ("751-8", "26499-4"),
    "potassium": ("2823-3", "6298-4"),
    "sodium": ("2951-2", "2947-0"),
    "chloride": ("2075-0", "2069-3"),
    "bicarbonate": ("1963-8", "2028-9", "20565-8"),
    "calcium": ("17861-6", "49765-1"),
    "creatinine": ("2160-0", "38483-4", "14682-9"),
    "urea_nitrogen": ("3094-0", "6299-2"),
    "glucose": ("2345-7", "2339-0", "1558-6", "14749-6"),
    "hba1c": ("4548-4",),
    "albumin": ("1751-7",),
    "bilirubin": ("1975-2", "42719-5"),
    "alt": ("1742-6",),
    "ast": ("1920-8",),
    "alkaline_phosphatase": ("6768-6",),
    "cholesterol": ("2093-3",),
    "hdl": ("2085-9",),
    "ldl": ("18262-6", "13457-7", "2089-1"),
    "triglycerides": ("2571-8",),
    "inr": ("6301-6", "34714-6"),
    "egfr": ("33914-3", "62238-1", "98979-8", "48642-3", "77147-7"),
    "tsh": ("3016-3", "11579-0"),
    "crp": ("1988-5",),
    "qt": ("8634-8",),
    "qtc": ("8636-3",),
}
MEASURES: Final[Mapping[str, str]] = {code: name for name, codes in _OF_MEASURE.items() for code in codes}
CODE_OF_MEASURE: Final[Mapping[str, str]] = {name: codes[0] for name, codes in _OF_MEASURE.items()}
VITALS: Final = frozenset(
    {
        *("height", "weight", "bmi", "head_circumference", "systolic", "diastolic", "heart_rate", "respiratory_rate"),
        *("temperature", "oxygen_saturation", "pain"),
    }
)
