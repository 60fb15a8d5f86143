"""`manage.py privacy export`: everything that is held of one subject, with who saw it."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from llmasos.privacy import services
from llmasos.privacy.commands.subjects import add_subject, principal_of, subject_of
from llmasos.privacy.errors import PrivacyError

HELP = "Write everything that is held of one person, with the log of accesses, into a zip archive."


def add_arguments(parser: ArgumentParser) -> None:
    add_subject(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="Where the archive goes. Not given: print the JSON.")


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    out: Path | None = options["out"]
    try:
        export = services.export_subject(principal_of(options), subject_of(options))
    except PrivacyError as error:
        raise CommandError(str(error)) from None
    if out is None:
        command.stdout.write(json.dumps(export, ensure_ascii=False, indent=None if options["json"] else 2))
        return
    try:
        # Nobody else on the machine may read what one person asked for.
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error.strerror}.") from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(services.as_zip(export))
    items = sum(len(store["items"]) for store in export["stores"])
    if options["json"]:
        command.stdout.write(json.dumps({"file": str(out), "items": items, "accesses": len(export["access_log"])}))
    else:
        command.stdout.write(f"{out}: {items} items, {len(export['access_log'])} accesses")
