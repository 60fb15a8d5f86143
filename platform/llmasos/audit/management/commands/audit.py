from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from llmasos.audit import registry, verification
from llmasos.audit.management import taking_out
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor


class Command(BaseCommand):
    help = "Checks the audit log, proves its entries and writes it into files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser(
            "verify", help="Recompute digests, leaves and chains; exit 1 when something is not as it was written."
        )
        which = verify.add_mutually_exclusive_group()
        which.add_argument("--organisation", metavar="SLUG", help="Only this organisation's log.")
        which.add_argument("--all", action="store_true", help="Every log of the installation (the default).")
        verify.add_argument("--json", action="store_true", help="Print one JSON object.")
        taking_out.add_arguments(actions)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "prove":
            taking_out.prove(options, self.stdout)
            return
        if options["action"] == "export":
            taking_out.export_log(options, self.stdout)
            return
        if options["organisation"]:
            organisation_id = registry.organisation_id(options["organisation"])
            if organisation_id is None:
                raise CommandError(f"There is no organisation named {options['organisation']}.")
            found = verification.verify(organisation_id)
        else:
            found = verification.verify_all()
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
        for fault in found.faults:
            since = f", suspect since {fault.since}" if fault.since else ""
            stretch = f"{fault.from_seq} to {fault.to_seq}{since}"
            self.stdout.write(f"{fault.kind}: organisation {fault.organisation}, {stretch}")
        if found.ok:
            self.stdout.write("Every entry is as it was written.")
