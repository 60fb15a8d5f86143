"""`manage.py privacy expire`: remove what is older than its period, or say what would go."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from llmasos.privacy import services
from llmasos.privacy.commands.subjects import add_organisation, principal_of

HELP = "Remove what is older than the organisation's periods allow; beat does it each night."


def add_arguments(parser: ArgumentParser) -> None:
    add_organisation(parser)
    parser.add_argument("--dry-run", action="store_true", help="Only count.")


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    expired = services.expire(principal_of(options), dry_run=options["dry_run"])
    if options["json"]:
        stores = [
            {"class": one.code, "store": one.store, "before": one.before.isoformat(), "removed": one.removed,
             "held": one.held}
            for one in expired
        ]  # fmt: skip
        command.stdout.write(json.dumps({"dry_run": options["dry_run"], "stores": stores}))
        return
    word = "would be removed" if options["dry_run"] else "removed"
    for one in expired:
        state = "held" if one.held else f"{one.removed} {word}"
        command.stdout.write(f"{one.store}: {state} (older than {one.before:%Y-%m-%d})")
