"""`manage.py privacy rotate-keys`: move everything to a new key-encryption key, while the system runs."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from llmasos.privacy import key_rotation
from llmasos.privacy.errors import PrivacyError
from llmasos.vault.errors import VaultError

HELP = "Move everything to a new key-encryption key, while the system runs; goes on where it was interrupted."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--to", default="", metavar="KEY", help="the name of the key (not given: a new one)")
    parser.add_argument("--batch", type=int, default=key_rotation.BATCH, help="rows a transaction (%(default)s)")
    parser.add_argument("--json", action="store_true", help="Print one JSON object.")


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    try:
        done = key_rotation.rotate(to=options["to"], batch=max(1, options["batch"]), tell=command.stderr.write)
    except (PrivacyError, VaultError) as error:
        raise CommandError(str(error)) from None
    if options["json"]:
        command.stdout.write(json.dumps(asdict(done)))
    else:
        command.stdout.write(
            f"{done.key}: {done.subject_keys} subjects' keys in {done.organisations} organisations and {done.values} "
            f"values moved in {done.seconds} s"
        )
        command.stdout.write("Export the new key now: manage.py privacy keys export FILE")
    if done.remaining:
        raise CommandError(f"{done.remaining} are still under an older key: run rotate-keys again.")
