"""``manage.py fhir import``: bundles of R4 into the record, with a line for every entry."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from clinical_assist.fhir.errors import FhirError
from clinical_assist.fhir.importing import File
from clinical_assist.fhir.jobs import import_now
from clinical_assist.fhir.reading import MOST_BYTES
from clinical_assist.fhir.report import Row
from clinical_assist.record.access import CLINICIANS
from llmasos.accounts.models import Membership, Person
from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in

HELP = "Import FHIR R4 bundles; importing them again changes nothing."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--organisation", required=True, metavar="SLUG")
    parser.add_argument("--clinician", metavar="EMAIL", help="Who becomes responsible for new patients.")
    parser.add_argument("--out", type=Path, metavar="FILE", help="Write what became of every entry, one JSON a line.")


def run(organisation_id: UUID, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Import the files and return the counts. Raises CommandError."""
    clinician = _clinician(organisation_id, options["clinician"]) if options["clinician"] else None
    try:
        report = import_now(system_principal(organisation_id), _files(options["paths"]), clinician=clinician)
    except FhirError as error:
        raise CommandError(str(error)) from error
    if options["out"]:
        _write(options["out"], report.rows)
    reasons = report.told()
    return {**report.counts(), "reasons": reasons[:_SHOWN], "more_reasons": max(0, len(reasons) - _SHOWN)}


_SHOWN = 50


def _clinician(organisation_id: UUID, email: str) -> Person:
    with acting_in(organisation_id):
        members = Membership.objects.for_organisation(organisation_id).filter(
            role__in=CLINICIANS, deactivated_at=None, person__email__iexact=email
        )
        found = members.select_related("person").first()
    if found is None:
        raise CommandError(f"No clinician of this organisation has the address {email}.")
    return found.person


def _files(paths: Sequence[Path]) -> Iterator[File]:
    for path in paths:
        try:
            with path.open("rb") as file:
                yield path.name, file.read(MOST_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None


def _write(path: Path, rows: Sequence[Row]) -> None:
    lines = (json.dumps(asdict(row), ensure_ascii=False) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
