"""`manage.py prepare`: what must be done before anybody is served. `up` and deployments run it; it may run again."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.db import connections
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    """Migrate, load the demo organisations, collect static files."""

    help = "Migrate the database, load the demo organisations, collect the static files; harmless to repeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the site's address and where to leave a report."""
        parser.add_argument("--no-demo", action="store_true", help="no demo organisations")
        parser.add_argument("--base-url", default="", help="where the platform will be reached")
        parser.add_argument("--report", type=Path, help="a file for what was done, as one JSON object")
        parser.add_argument("--json", action="store_true", help="print that object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is missing, in order."""
        # A production set-up that is refused must not have touched the database first.
        self._check(databases=None)
        migrated = self._migrate()
        self._check(databases=["default"])
        self._collect_static()
        notes = [] if options["no_demo"] else self._load_demo(base_url=options["base_url"])
        report = {"migrated": migrated, "notes": notes}
        text = json.dumps(report, ensure_ascii=False)
        if options["report"]:
            options["report"].write_text(text + "\n", encoding="utf-8")
        if options["json"]:
            self.stdout.write(text)

    def _check(self, *, databases: list[str] | None) -> None:
        try:
            self.check(databases=databases)
        except SystemCheckError as error:
            raise CommandError(str(error)) from error

    def _migrate(self) -> int:
        executor = MigrationExecutor(connections["owner"])
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
        if pending:
            call_command("migrate", database="owner", interactive=False, verbosity=0)
        connections["owner"].close()
        return pending

    def _collect_static(self) -> None:
        call_command("collectstatic", interactive=False, verbosity=0)

    def _load_demo(self, *, base_url: str) -> list[str]:
        if not settings.LLMASOS_DEMO or "organisations" not in get_commands():
            return []
        output = io.StringIO()
        call_command("organisations", "demo", stdout=output)
        return [line.rstrip() for line in output.getvalue().splitlines() if line.strip()]
