"""`manage.py prepare`: what must be done before anybody is served. `up` and deployments run it; it may run again."""

from __future__ import annotations

import io
import json
from itertools import groupby
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.urls import reverse

from llmasos.accounts import setup
from llmasos.api.services import ensure_local_credentials
from llmasos.runtime import locations, updating
from llmasos.runtime.components import PROGRESS
from llmasos.vault import keys


class Command(BaseCommand):
    """Migrate, collect static files, load the demo organisations, leave this machine's key."""

    help = "Migrate the database, load the demo organisations, collect the static files; harmless to repeat."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the site's address and where to leave a report."""
        parser.add_argument("--no-demo", action="store_true", help="no demo organisations")
        parser.add_argument("--no-static", action="store_true", help="the static files are known to be collected")
        parser.add_argument(
            "--backup", action="store_true", help="back up before migrations are applied to data; `up` asks for it"
        )
        parser.add_argument("--base-url", default="", help="where this machine's programs reach the platform")
        parser.add_argument("--report", type=Path, help="a file for what was done, as one JSON object")
        parser.add_argument("--json", action="store_true", help="print that object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is missing, in order."""
        # A production set-up that is refused must not have touched the database first.
        self._check(databases=None)
        update = updating.bring_up_to_date(
            owner_url=settings.CONNECTIONS.owner,
            with_backup=options["backup"],
            tell=lambda text: self.stderr.write(f"{PROGRESS}{text}"),
        )
        self._check(databases=["default"])
        if not options["no_static"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        notes = self._update_note(update)
        notes += [] if options["no_demo"] else self._load_demo()
        notes += self._setup_link(options["base_url"])
        notes += self._keys_note()
        if options["base_url"]:
            ensure_local_credentials(options["base_url"])
        report = {
            "migrated": update.migrations,
            "backup": update.backup.path if update.backup else "",
            "https_outside": settings.HTTPS_OUTSIDE,
            "notes": notes,
        }
        text = json.dumps(report, ensure_ascii=False)
        if options["report"]:
            options["report"].write_text(text + "\n", encoding="utf-8")
        if options["json"]:
            self.stdout.write(text)

    def _check(self, *, databases: list[str] | None) -> None:
        try:
            self.check(databases=databases)
        except SystemCheckError as error:
            raise CommandError(str(error)) from error

    def _update_note(self, update: updating.Update) -> list[str]:
        """Return what an update did; nothing for a new database or one that was up to date."""
        if update.backup is None:
            return []
        done = f"this version brought {update.migrations} migrations ({update.seconds} s)"
        return [f"{done}; the data as they were are in {update.backup.path}"]

    def _setup_link(self, base_url: str) -> list[str]:
        """Return where an empty installation is set up; nothing once there is an organisation."""
        if not base_url or not setup.is_open():
            return []
        path = reverse("accounts:setup", kwargs={"secret": setup.make_link_secret()})
        return [f"set up your organisation here (works once, for 24 hours): {base_url.rstrip('/')}{path}"]

    def _keys_note(self) -> list[str]:
        """Return, at the first start alone, that keys are to be kept apart from backups, which never hold them."""
        told = locations.run_folder(Path(settings.VAR)) / "told-about-keys"
        if not keys.are_files() or told.exists():
            return []
        keys.current_key_id()
        locations.make_private_folder(told.parent)
        told.touch()
        folder = settings.KEY_ENCRYPTION_FOLDER
        said = f"the keys of all personal data are in {folder} and in no backup: keep a copy in another place with"
        return [f"{said} manage.py privacy keys export FILE"]

    def _load_demo(self) -> list[str]:
        """Return the sign-ins, an organisation a line."""
        if not settings.LLMASOS_DEMO:
            return []
        output = io.StringIO()
        call_command("organisations", "demo", "--json", stdout=output)
        found = json.loads(output.getvalue())
        lines = [f"demo sign-ins, all with the password {found['password']}:"]
        for slug, people in groupby(found["people"], key=lambda person: person["organisation"]):
            lines.append(f"  {slug:<7} " + "  ".join(person["email"] for person in people))
        return lines
