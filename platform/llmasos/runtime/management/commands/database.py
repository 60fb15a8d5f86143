"""`manage.py database url`: for psql and outside tools."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from llmasos.runtime import locations


class Command(BaseCommand):
    """Print how to reach the database."""

    help = "Print the database's URL, for psql and outside tools."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `url`, `--owner` and `--json`."""
        parser.add_argument("what", choices=["url"])
        parser.add_argument("--owner", action="store_true", help="of the role that owns the tables (migrations)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the URL."""
        urls = locations.connection_urls()
        url = urls.owner if options["owner"] else urls.database
        self.stdout.write(json.dumps({"url": url}) if options["json"] else url)
