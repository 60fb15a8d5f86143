"""`manage.py backup PATH`: everything but keys, into one file."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from llmasos.privacy.commands.keys import read_passphrase
from llmasos.runtime.backup import making, servers


class Command(BaseCommand):
    """Write a backup while the system runs."""

    help = "Write database, files, checkpoints and settings into one file. Keys are never in it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, and how it is closed."""
        parser.add_argument("path", type=Path, help="a new file")
        parser.add_argument(
            "--passphrase", action="store_true", help="close it with a passphrase that you are asked for"
        )
        parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="close it with this file's first line")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and print what was made."""
        closed = options["passphrase"] or options["passphrase_file"] is not None
        try:
            passphrase = read_passphrase(options["passphrase_file"], new=True) if closed else ""
        except OSError as error:
            raise CommandError(f"{error.filename}: {error.strerror}.") from None
        with servers.reachable(Path(settings.VAR), alone=False) as urls:
            made = making.make(options["path"], owner_url=urls.owner, passphrase=passphrase, tell=self.stderr.write)
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made)))
            return
        self.stdout.write(
            f"{made.path}: {made.rows} rows of {made.tables} tables, {made.files} files, {made.bytes} bytes"
        )
        self.stdout.write(f"SHA-256 of its manifest: {made.digest}")
        self.stdout.write(f"It opens only with the keys {', '.join(made.keys) or '(none)'}: keep their export apart.")
