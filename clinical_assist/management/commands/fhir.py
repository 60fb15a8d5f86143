"""``manage.py fhir``: records from and to other systems."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clinical_assist.fhir.commands import exporting, importing
from llmasos.accounts.queries import organisation_id_by_slug

_COMMANDS = {"import": importing, "export": exporting}


class Command(BaseCommand):
    help = "Imports FHIR R4 bundles and exports the record of a patient."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True, metavar="ACTION")
        for name, module in _COMMANDS.items():
            parser_of = subjects.add_parser(name, help=module.HELP)
            module.add_arguments(parser_of)
            parser_of.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation_id = organisation_id_by_slug(options["organisation"])
        if organisation_id is None:
            raise CommandError(f"There is no organisation named {options['organisation']}.")
        figures = _COMMANDS[options["subject"]].run(organisation_id, options)
        if isinstance(figures, str):
            self.stdout.write(figures)
            return
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        for name, value in figures.items():
            if isinstance(value, list):
                for one in value:
                    self.stdout.write(f"  {one['file']}, entry {one['entry']} ({one['type']}): {one['reason']}")
            else:
                self.stdout.write(f"{name}: {value}")
