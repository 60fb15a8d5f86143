from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from llmasos.accounts import setup


class Command(BaseCommand):
    help = "Sets an empty installation up in the browser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        link = actions.add_parser("link", help="Print the one-time link of the set-up page; it works for 24 hours.")
        link.add_argument("--base", default="http://127.0.0.1:8000", help="Where this installation is reached.")
        link.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            secret = setup.make_link_secret()
        except setup.SetupClosedError as error:
            raise CommandError(str(error)) from error
        url = options["base"].rstrip("/") + reverse("accounts:setup", kwargs={"secret": secret})
        self.stdout.write(json.dumps({"url": url}) if options["json"] else url)
