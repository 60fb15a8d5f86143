"""`manage.py up` as seen by `manage.py help`; the command itself starts before Django."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from llmasos.runtime import up


class Command(BaseCommand):
    """Start everything on this machine."""

    help = "Start PostgreSQL, Valkey, the workers and the web server, and keep them running until Ctrl-C."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand over to the supervisor."""
        sys.exit(up.main(argv[2:]))

    def handle(self, *args: Any, **options: Any) -> None:
        """Hand over to the supervisor."""
        sys.exit(up.main([]))
