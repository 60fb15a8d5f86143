"""`manage.py privacy erase`: erase one subject, here and now."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from llmasos.privacy import services
from llmasos.privacy.commands.subjects import add_subject, principal_of, subject_of
from llmasos.privacy.errors import PrivacyError

HELP = "Erase one person's data everywhere, destroy the key, and print what was removed where."


def add_arguments(parser: ArgumentParser) -> None:
    add_subject(parser)


def handle(command: BaseCommand, options: dict[str, Any]) -> None:
    try:
        erasure = services.erase_now(principal_of(options), subject_of(options))
    except PrivacyError as error:
        raise CommandError(str(error)) from None
    stores = erasure.report["stores"]
    if options["json"]:
        answer = {"erasure": str(erasure.pk), "report": erasure.report, "report_digest": erasure.report_digest}
        command.stdout.write(json.dumps(answer))
        return
    for store in stores:
        kept = ", kept as proof" if store["kept"] else ""
        command.stdout.write(f"{store['store']}: {store['removed']} removed, {store['outside']} outside{kept}")
    command.stdout.write(f"The report's digest in the log is {erasure.report_digest}.")
