from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from llmasos.audit import verification
from llmasos.audit.management import checkpointing, taking_out
from llmasos.audit.services import record
from llmasos.audit.stores import StoreError
from llmasos.audit.types import PLATFORM, Actor


class Command(BaseCommand):
    help = "Checks the audit log, signs it, proves its entries and writes it into files."
    # They read every page of the platform, which takes longer than verifying a log of thousands of entries.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser(
            "verify", help="Recompute digests, leaves and chains; exit 1 when something is not as it was written."
        )
        which = verify.add_mutually_exclusive_group()
        which.add_argument("--organisation", metavar="SLUG", help="Only this organisation's log (a slug or an id).")
        which.add_argument("--all", action="store_true", help="Every log of the installation (the default).")
        verify.add_argument("--json", action="store_true", help="Print one JSON object.")
        checkpointing.add_verify_arguments(verify)
        checkpointing.add_arguments(actions)
        taking_out.add_arguments(actions)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "prove":
            taking_out.prove(options, self.stdout)
            return
        if options["action"] == "export":
            taking_out.export_log(options, self.stdout)
            return
        if options["action"] == "checkpoint":
            checkpointing.run(options, self.stdout)
            return
        given, keys = checkpointing.given_stores(options), checkpointing.given_keys(options)
        try:
            if options["organisation"]:
                log = checkpointing.log_named(options["organisation"])
                found = verification.verify(log, given=given, pinned=keys)
            else:
                found = verification.verify_all(given=given, pinned=keys)
        except StoreError as error:
            raise CommandError(str(error)) from error
        record(
            organisation_id=PLATFORM,
            actor=Actor("system"),
            action="audit.verified",
            outcome="success" if found.ok else "failure",
            digests={"entries": found.entries, "faults": len(found.faults)},
        )
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json()))
        else:
            self._print(found)
        if not found.ok:
            raise SystemExit(1)

    def _print(self, found: verification.Verification) -> None:
        self.stdout.write(f"{found.entries} entries, {found.unsequenced} not sequenced yet")
        window = found.window
        if window.since:
            age = f"the last is of {window.since}, {window.seconds:.0f} s ago"
            self.stdout.write(f"window: {window.entries} entries are under no outside checkpoint yet ({age})")
        else:
            self.stdout.write(f"window: {window.entries} entries are under no outside checkpoint yet")
        for key in found.keys:
            self.stdout.write(f"trusted key: {key}")
        for fault in found.faults:
            since = f", suspect since {fault.since}" if fault.since else ""
            stretch = f"{fault.from_seq} to {fault.to_seq}{since}"
            self.stdout.write(f"{fault.kind}: organisation {fault.organisation}, {stretch}")
        if found.ok:
            self.stdout.write(
                "Every entry is as it was written; what is in the window is only as good as the database."
            )
