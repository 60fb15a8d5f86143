"""`manage.py restore PATH`: a backup into an empty system."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from llmasos.privacy.commands.keys import read_passphrase
from llmasos.runtime.backup import archive, restoring, servers


class Command(BaseCommand):
    """Restore a backup; nobody is served meanwhile."""

    help = "Restore a backup into an empty system, verify the log, and erase again who was erased since."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and what was agreed to."""
        parser.add_argument("path", type=Path, help="a file that `backup` wrote")
        parser.add_argument(
            "--passphrase-file", type=Path, metavar="FILE", help="its first line; otherwise you are asked"
        )
        parser.add_argument("--journal", type=Path, metavar="FILE", help="a copy of the journal of erasures")
        parser.add_argument("--without-journal", action="store_true", help="nobody was erased since, or may come back")
        parser.add_argument("--replace", action="store_true", help="give up what this system holds")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore, print what was done; leave with status 1 when the log is not as it was written."""
        path: Path = options["path"]
        try:
            passphrase = read_passphrase(options["passphrase_file"], new=False) if archive.is_sealed(path) else ""
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from None
        with servers.reachable(Path(settings.VAR), alone=True) as urls:
            plan = restoring.Plan(
                path=path,
                owner_url=urls.owner,
                passphrase=passphrase,
                erasures=options["journal"],
                replace=options["replace"],
                without_journal=options["without_journal"],
            )
            done = restoring.restore(plan, tell=self.stderr.write)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(done)))
        else:
            self._print(done)
        if done.faults:
            sys.exit(1)

    def _print(self, done: restoring.Restored) -> None:
        self.stdout.write(f"{done.rows} rows of {done.tables} tables and {done.files} files of {done.made_at}")
        self.stdout.write(f"{done.entries} log entries verified, {len(done.faults)} faults")
        self.stdout.write(f"{done.erased_again} people erased since were erased again")
        if done.aside:
            self.stdout.write(
                f"The key that signed the checkpoints is not here: a new one begins. They are in {done.aside}"
            )
        self.stdout.write(f"The settings of then are in {done.settings}; secrets come from your own copies.")
