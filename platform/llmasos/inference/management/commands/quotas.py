"""`manage.py quotas`: what organisations and their programs may use of the models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from llmasos.accounts.errors import AccountsError
from llmasos.accounts.models import ApiKey, ServiceAccount
from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.types import Actor
from llmasos.inference.errors import InferenceError
from llmasos.inference.models import Measure, Period
from llmasos.inference.quotas.queries import limit_states, usage
from llmasos.inference.quotas.services import remove_limit, set_limit

DAYS = 30


class Command(BaseCommand):
    help = "Show, set and remove limits on requests and tokens, and show what was used."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (
            ("list", "show the limits and how much of each is used"),
            ("set", "allow so much, of an organisation or of one of its programs"),
            ("remove", "take a limit away"),
            ("usage", "show what was used, by day, program and model"),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument("--organisation", required=True, metavar="SLUG")
            action.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
            if name in ("set", "remove"):
                action.add_argument("measure", choices=Measure.values)
                action.add_argument("--per", choices=Period.values, default="", help="not for what runs at once")
                program = action.add_mutually_exclusive_group()
                program.add_argument("--key", default="", metavar="PREFIX", help="one API key, by its first letters")
                program.add_argument("--service", default="", metavar="NAME", help="one service account")
            if name == "set":
                action.add_argument("amount", type=int)
            if name == "usage":
                action.add_argument("--days", type=int, default=DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        organisation_id = organisation_id_by_slug(options["organisation"])
        if organisation_id is None:
            raise CommandError(f"There is no organisation named {options['organisation']}.")
        try:
            result = getattr(self, f"_{options['action']}")(organisation_id, options)
        except (AccountsError, InferenceError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result, default=str))
            return
        for row in result.get("limits", ()):
            self.stdout.write(_limit(row))
        for row in result.get("usage", ()):
            self.stdout.write(_used(row))

    def _list(self, organisation_id: UUID, options: dict[str, Any]) -> dict[str, Any]:
        return {"limits": [asdict(state) for state in limit_states(organisation_id)]}

    def _set(self, organisation_id: UUID, options: dict[str, Any]) -> dict[str, Any]:
        set_limit(
            principal=system_principal(organisation_id),
            organisation_id=organisation_id,
            measure=options["measure"],
            period=options["per"],
            amount=options["amount"],
            program=_program(organisation_id, options),
        )
        return self._list(organisation_id, options)

    def _remove(self, organisation_id: UUID, options: dict[str, Any]) -> dict[str, Any]:
        program = _program(organisation_id, options)
        wanted = (options["measure"], options["per"], program.id if program else None)
        found = [one for one in limit_states(organisation_id) if (one.measure, one.period, one.program_id) == wanted]
        if not found:
            raise CommandError("There is no such limit.")
        remove_limit(principal=system_principal(organisation_id), organisation_id=organisation_id, limit_id=found[0].id)
        return self._list(organisation_id, options)

    def _usage(self, organisation_id: UUID, options: dict[str, Any]) -> dict[str, Any]:
        since = timezone.now() - timedelta(days=options["days"])
        return {"usage": [asdict(row) for row in usage(organisation_id, since=since)]}


def _limit(row: Mapping[str, Any]) -> str:
    """One limit for people: whose, how much of what, and how much of it is used."""
    whose = f"{row['program_kind']} {row['program_id']}" if row["program_id"] else "organisation"
    what = f"{row['amount']} {row['measure']}" + (f" per {row['period']}" if row["period"] else "")
    used = "use cannot be counted now" if row["used"] is None else f"{row['used']} used"
    until = f", free again {row['resets_at']:%Y-%m-%d %H:%M} UTC" if row["resets_at"] else ""
    return f"{whose}: {what}; {used}{until}"


def _used(row: Mapping[str, Any]) -> str:
    """What one caller used of one model on one day, for people."""
    who = " ".join(str(row[field]) for field in ("principal_kind", "principal_id") if row[field])
    requests = f"{row['requests']} requests" + (f" ({row['failed']} failed)" if row["failed"] else "")
    return (
        f"{row['day']}  {who}  {row['model']}: {requests}, "
        f"{row['prompt_tokens']} tokens read and {row['completion_tokens']} written"
    )


def _program(organisation_id: UUID, options: dict[str, Any]) -> Actor | None:
    """The key or service account that is meant. Raises CommandError where it is not one."""
    if not options["key"] and not options["service"]:
        return None
    with acting_in(organisation_id):
        if options["key"]:
            keys = ApiKey.objects.for_organisation(organisation_id).filter(prefix__startswith=options["key"])
            found = list(keys.values_list("pk", "service_account_id")[:2])
            if len(found) == 1 and found[0][1] is not None:
                raise CommandError("This key is a service account's: name that with --service.")
            programs = [Actor("key", pk) for pk, _ in found]
        else:
            accounts = ServiceAccount.objects.for_organisation(organisation_id).filter(name=options["service"])
            programs = [Actor("service", pk) for pk in accounts.values_list("pk", flat=True)]
    if len(programs) != 1:
        raise CommandError("There is no such key or service account, or there are several.")
    return programs[0]
