"""`manage.py doctor`: what is well on this machine and what is not."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from llmasos.runtime import doctor


class Command(BaseCommand):
    """Look at versions, services, models, devices, queues and disk."""

    help = "Versions, services, models, devices, queues, disk; exit status 1 if something is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--json`."""
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print every finding; leave with status 1 when one is not well."""
        findings = doctor.examine()
        well = all(finding.well for finding in findings)
        if options["json"]:
            self.stdout.write(json.dumps({"well": well, "findings": [asdict(finding) for finding in findings]}))
        else:
            width = max(len(finding.name) for finding in findings)
            for finding in findings:
                mark = "ok   " if finding.well else "WRONG"
                self.stdout.write(f"{mark} {finding.name:<{width}}  {finding.detail}")
                if finding.way_out:
                    self.stdout.write(f"      {'':<{width}}  {finding.way_out}")
        if not well:
            sys.exit(1)
