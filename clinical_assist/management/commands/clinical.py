"""``manage.py clinical``: what the clinical assistant's operators do by hand."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand

from clinical_assist.calculators import command as calculating
from clinical_assist.evaluation import sentences
from clinical_assist.knowledge import command as knowing
from clinical_assist.medicines import command as checking
from clinical_assist.ordersets import command as ordering

_COMMANDS = {
    "calculate": calculating,
    "check": checking,
    "knowledge": knowing,
    "ordersets": ordering,
    "sentences": sentences,
}


class Command(BaseCommand):
    help = (
        "Computes calculators, checks orders of medicines, manages knowledge bases and order sets, and measures the"
        " recogniser."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
        for name, module in _COMMANDS.items():
            parser_of = subjects.add_parser(name, help=module.HELP)
            module.add_arguments(parser_of)
            parser_of.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = _COMMANDS[options["subject"]].run(options)
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        for name, value in figures.items():
            written = " ".join(f"{key}={one}" for key, one in value.items()) if isinstance(value, Mapping) else value
            self.stdout.write(f"{name}: {written}")
