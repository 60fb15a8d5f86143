"""Code systems of FHIR that are read and written here, and the codes of theirs that mean something to us."""

from __future__ import annotations

from typing import Final

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
