"""`manage.py clinical calculate`: one calculation, or the list of what can be calculated."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandError

from clinical_assist.calculators.reading import calculate
from clinical_assist.calculators.registry import CALCULATORS, find
from clinical_assist.calculators.types import CalculatorError

HELP = "Compute a clinical calculator, or list them and their inputs."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", metavar="NAME", help="Not given: list the calculators.")
    parser.add_argument(
        "--input", metavar="JSON", help='Such as {"age": 53, "creatinine": "1.4 mg/dL"}. Not given: list the inputs.'
    )


def run(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the result, the inputs of the named calculator, or all names with their titles.

    Raises:
        CommandError: no such calculator, or inputs that allow no result.
    """
    try:
        if options["name"] is None:
            return {name: str(one.title) for name, one in CALCULATORS.items()}
        calculator = find(options["name"])
        if options["input"] is None:
            return {one.name: _described(one) for one in calculator.inputs}
        given = json.loads(options["input"])
        if not isinstance(given, dict):
            raise CommandError("--input takes one JSON object.")
        return calculate(calculator, given).as_json()
    except json.JSONDecodeError as error:
        raise CommandError(f"--input is no JSON: {error}.") from error
    except CalculatorError as error:
        raise CommandError(str(error)) from error


def _described(one: Any) -> Mapping[str, Any]:
    described: dict[str, Any] = {"label": str(one.label), "kind": one.kind, "required": one.required}
    if one.unit:
        described["unit"] = one.unit
    if one.choices:
        described["choices"] = [key for key, _label in one.choices]
    return described
