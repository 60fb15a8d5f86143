"""`audit checkpoint`, and what `audit verify` asks about checkpoints."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser, _SubParsersAction
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError, OutputWrapper
from django.db import connection

from llmasos.audit import checkpoints, registry
from llmasos.audit.errors import UnsignableLogError
from llmasos.audit.models import Checkpoint
from llmasos.audit.notes import parse_introduction
from llmasos.audit.services import sequence_all
from llmasos.audit.signing import SigningKeyError
from llmasos.audit.stores import ReadableStore, StoreError, readable_store
from llmasos.audit.types import PLATFORM

_SEQUENCE_SECONDS = 10.0


def add_arguments(actions: _SubParsersAction[Any]) -> None:
    parser = actions.add_parser(
        "checkpoint", help="Sign the logs as they are now and take the checkpoints to their stores."
    )
    parser.add_argument("--organisation", metavar="SLUG", help="Only this organisation's log (a slug or an id).")
    parser.add_argument("--rotate-key", action="store_true", help="Replace the signing key by one that it endorses.")
    parser.add_argument("--show-keys", action="store_true", help="Print the public keys and sign nothing.")
    parser.add_argument("--json", action="store_true", help="Print one JSON object.")


def add_verify_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--checkpoints",
        metavar="PATH|URL",
        action="append",
        default=[],
        help="Read checkpoints from here too: a folder, a saved e-mail, or an object store.",
    )
    parser.add_argument(
        "--key",
        metavar="KEY",
        action="append",
        default=[],
        help="Trust only keys that hang together with this one: a verifier key, a fingerprint, or a file with one.",
    )


def log_named(name: str) -> UUID:
    """Return the id of the log that a slug or id names.

    Raises:
        CommandError: there is none.
    """
    found = registry.organisation_id(name)
    if found is not None:
        return found
    try:
        # The organisation may be gone, and its log with it.
        return UUID(name)
    except ValueError:
        raise CommandError(f"There is no organisation named {name}.") from None


def given_stores(options: dict[str, Any]) -> list[ReadableStore]:
    """Return the stores that the operator named.

    Raises:
        CommandError: there is nothing at one of them.
    """
    for address in options["checkpoints"]:
        if "://" not in address and not Path(address).exists():
            raise CommandError(f"There are no checkpoints at {address}.")
    return [readable_store(address) for address in options["checkpoints"]]


def given_keys(options: dict[str, Any]) -> list[str]:
    """Return the keys that the operator trusts, read from files where they are such."""
    return [
        Path(key).read_text(encoding="utf-8").strip() if "+" not in key and Path(key).is_file() else key.strip()
        for key in options["key"]
    ]


def run(options: dict[str, Any], out: OutputWrapper) -> None:
    """Run `audit checkpoint`."""
    if options["show_keys"]:
        keys = [parse_introduction(note) for note in checkpoints.journal().introductions()]
        listed = [
            {"number": key.number, "fingerprint": key.verifier.fingerprint, "key": str(key.verifier), "since": key.time}
            for key in keys
        ]
        out.write(json.dumps({"keys": listed}) if options["json"] else "\n".join(str(key.verifier) for key in keys))
        return
    wanted = log_named(options["organisation"]) if options["organisation"] else None
    try:
        key = checkpoints.rotate_key() if options["rotate_key"] else None
        _sequence()
        made = checkpoints.make(wanted)
        checkpoints.deliver()
    except (SigningKeyError, UnsignableLogError, StoreError) as error:
        raise CommandError(str(error)) from error
    waiting = checkpoints.waiting_deliveries()
    if options["json"]:
        report = {
            "checkpoints": [_described(one) for one in made],
            "waiting_deliveries": waiting,
            "key": key.fingerprint if key else None,
        }
        out.write(json.dumps(report))
        return
    if key is not None:
        out.write(f"new key {key} (fingerprint {key.fingerprint})")
    for one in made:
        log = "the installation" if one.organisation_id == PLATFORM else f"organisation {one.organisation_id}"
        out.write(f"checkpoint {one.number} of {log}: {one.size} entries, root {bytes(one.root).hex()}")
    if not made:
        out.write("Every entry is under a checkpoint already.")
    for store, problem in waiting.items():
        out.write(f"not delivered yet to {store}: {problem or 'waiting'}")


def _described(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "organisation": str(checkpoint.organisation_id),
        "number": checkpoint.number,
        "size": checkpoint.size,
        "root": bytes(checkpoint.root).hex(),
        "time": checkpoint.created_at.isoformat(),
    }


def _sequence() -> None:
    """Have every committed entry placed, here or by the sequencer that is at it."""
    until = time.monotonic() + _SEQUENCE_SECONDS
    while time.monotonic() < until:
        sequence_all()
        with connection.cursor() as cursor:
            cursor.execute("SELECT organisation_id FROM audit_pending_organisations() LIMIT 1")
            if cursor.fetchone() is None:
                return
        time.sleep(0.05)
