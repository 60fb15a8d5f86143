"""`manage.py bench`: our path and its peer alternately, on the same inputs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_id_by_slug, organisation_ids
from llmasos.inference import measuring, queries
from llmasos.inference.errors import InferenceError

Benchmark = Callable[[Principal], dict[str, Any]]


class Command(BaseCommand):
    help = "Measure the platform against what it is built on. The platform must be running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("benchmark", choices=sorted(measuring.benchmarks()))
        parser.add_argument("--organisation", default="", help="whose log gets the entries (default: the first)")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        if not any(state.alive for state in queries.engines()):
            raise CommandError("No models worker is running: start the platform (make up) first.")
        slug = options["organisation"]
        organisation = organisation_id_by_slug(slug) if slug else next(iter(organisation_ids()), None)
        if organisation is None:
            raise CommandError("There is no such organisation.")
        try:
            figures = measuring.benchmarks()[options["benchmark"]](system_principal(organisation))
        except InferenceError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for line in measuring.lines(figures):
            self.stdout.write(line)
