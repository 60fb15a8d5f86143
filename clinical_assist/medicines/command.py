"""`manage.py clinical check`: what speaks against orders, for one patient given as JSON."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from clinical_assist.medicines.checks import check
from clinical_assist.medicines.library import library
from clinical_assist.medicines.naming import reaction_asked
from clinical_assist.medicines.ordering import read_order
from clinical_assist.medicines.types import Medicine, Order, Patient

HELP = "Check orders of medicines against a patient and against each other. Nothing is stored."
_PATIENT = {
    "age", "sex", "weight", "clearance", "is_pregnant", "breastfeeds", "allergies", "problems", "laboratory", "takes",
}  # fmt: skip


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("orders", nargs="+", metavar="ORDER", help='Such as "amoxicillin 500 mg three times a day".')
    parser.add_argument(
        "--patient", default="{}", metavar="JSON", help=f"One object of: {', '.join(sorted(_PATIENT))}."
    )


def run(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the alerts, and the questions that had to stay open.

    Raises:
        CommandError: the patient is no JSON object of the fields that there are.
    """
    try:
        given = json.loads(options["patient"])
    except json.JSONDecodeError as error:
        raise CommandError(f"--patient is no JSON: {error}.") from error
    if not isinstance(given, dict) or given.keys() - _PATIENT:
        raise CommandError(f"--patient takes one JSON object of: {', '.join(sorted(_PATIENT))}.")
    questions: list[str] = []
    orders = _orders(options["orders"], questions)
    allergies = tuple(filter(None, (_allergy(one, questions) for one in given.pop("allergies", ()))))
    takes = tuple(_orders(given.pop("takes", ()), questions))
    patient = Patient(
        **{**given, "problems": frozenset(given.get("problems", ())), "allergies": allergies, "takes": takes}
    )
    found = library()
    return {
        "alerts": [asdict(one) for one in check(patient, orders)],
        "questions": questions,
        "checked": [one.medicine.name for one in orders],
        "version": found.version,
        "digest": found.digest,
    }


def _orders(texts: Sequence[str], questions: list[str]) -> list[Order]:
    read = [read_order(text) for text in texts]
    questions += [question for one in read for question in one.questions]
    return [one.order for one in read if one.order is not None]


def _allergy(text: str, questions: list[str]) -> Medicine | str | None:
    found, question = reaction_asked(text)
    questions += [question] if question else []
    return found
