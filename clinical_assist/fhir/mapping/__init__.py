"""What each FHIR resource is in our record."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clinical_assist.fhir.mapping.clinical import allergy, condition, family, immunisation, procedure
from clinical_assist.fhir.mapping.common import MappedItem
from clinical_assist.fhir.mapping.measurements import observation
from clinical_assist.fhir.mapping.medicines import medication_request, medication_statement
from clinical_assist.fhir.reading import Bundle, Entry

ITEMS: Mapping[str, Callable[[Bundle, Entry], list[MappedItem]]] = {
    "Condition": condition,
    "AllergyIntolerance": allergy,
    "MedicationRequest": medication_request,
    "MedicationStatement": medication_statement,
    "Observation": observation,
    "Procedure": procedure,
    "Immunization": immunisation,
    "FamilyMemberHistory": family,
}
"""The mapping of each type that becomes items of the record. They raise RowError and LeftOutError."""
