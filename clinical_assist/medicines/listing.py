"""Medicines as the tables are read by people: each with what the rules say of it."""

from __future__ import annotations

from dataclasses import dataclass

from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import AllergyRule, Interaction, LaboratoryRule, Medicine


@dataclass(frozen=True, slots=True)
class Row:
    """A medicine with the rules that name it or one of its classes."""

    medicine: Medicine
    interactions: tuple[Interaction, ...]
    allergies: tuple[AllergyRule, ...]
    laboratory: tuple[LaboratoryRule, ...]

    @property
    def classes(self) -> list[str]:
        return sorted(self.medicine.classes)


def found_medicines(wanted: str) -> list[Row]:
    """Return the medicines whose name, other name, brand or class holds the words; all where there are none."""
    words = wanted.casefold()
    medicines = library().medicines.values()
    found = [one for one in medicines if any(words in name.casefold() for name in _names(one))]
    return [_row(one) for one in sorted(found, key=lambda one: one.name)]


def _names(medicine: Medicine) -> tuple[str, ...]:
    return (medicine.name, *medicine.also, *medicine.brands, *medicine.classes)


def _row(medicine: Medicine) -> Row:
    tables = library()
    return Row(
        medicine,
        tuple(one for one in tables.interactions if medicine.is_a(one.first) or medicine.is_a(one.second)),
        tuple(one for one in tables.allergies if medicine.is_a(one.members)),
        tuple(one for one in tables.laboratory if medicine.is_a(one.of)),
    )
