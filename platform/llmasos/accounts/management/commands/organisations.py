from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from llmasos.accounts import demo, services, setup
from llmasos.accounts.errors import AccountsError


class Command(BaseCommand):
    help = "Adds organisations: an empty one, the demo with its people, or the first one in the browser."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="Add an empty organisation.")
        add.add_argument("slug", metavar="SLUG", help="Short name, as in addresses: letters, digits and hyphens.")
        add.add_argument("--name", default="", help="Full name; the short name if not given.")
        add.add_argument("--time-zone", default="UTC", help="Such as Europe/Berlin. Default: UTC.")
        add.add_argument("--language", default="en", help="Such as en or zh-hans. Default: en.")
        add.add_argument("--json", action="store_true", help="Print one JSON object.")
        load = actions.add_parser("demo", help="Add shop, school and clinic with people for every role.")
        load.add_argument("--json", action="store_true", help="Print one JSON object.")
        link = actions.add_parser(
            "setup-link", help="Print the one-time link that sets an empty installation up; it works for 24 hours."
        )
        link.add_argument("--base", default="http://127.0.0.1:8000", help="Where this installation is reached.")
        link.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        {"add": self._add, "demo": self._demo, "setup-link": self._setup_link}[options["action"]](options)

    def _setup_link(self, options: dict[str, Any]) -> None:
        try:
            secret = setup.make_link_secret()
        except setup.SetupClosedError as error:
            raise CommandError(str(error)) from error
        url = options["base"].rstrip("/") + reverse("accounts:setup", kwargs={"secret": secret})
        self.stdout.write(json.dumps({"url": url}) if options["json"] else url)

    def _add(self, options: dict[str, Any]) -> None:
        try:
            organisation = services.add_organisation(
                slug=options["slug"],
                name=options["name"],
                time_zone=options["time_zone"],
                language=options["language"],
            )
        except (AccountsError, ValidationError) as error:
            messages = error.messages if isinstance(error, ValidationError) else [str(error)]
            raise CommandError(" ".join(messages)) from error
        if options["json"]:
            self.stdout.write(
                json.dumps({"id": str(organisation.pk), "slug": organisation.slug, "name": organisation.name})
            )
        else:
            self.stdout.write(f"{organisation.slug}: {organisation.name} ({organisation.pk})")

    def _demo(self, options: dict[str, Any]) -> None:
        try:
            people = demo.load(progress=self.stderr.write)
        except demo.DemoRefusedError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            rows = [{"organisation": row.organisation, "role": row.role, "email": row.email} for row in people]
            self.stdout.write(json.dumps({"people": rows, "password": demo.PASSWORD}))
            return
        for row in people:
            self.stdout.write(f"{row.organisation:8} {row.role:14} {row.email}")
        self.stdout.write(f"Password: {demo.PASSWORD}")
