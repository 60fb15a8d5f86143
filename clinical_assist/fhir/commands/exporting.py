"""``manage.py fhir export``: the record of one patient as a bundle of R4."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError

from clinical_assist.fhir.errors import FhirError
from clinical_assist.fhir.exporting import export_record
from clinical_assist.models import Patient
from llmasos.accounts.principals import system_principal

HELP = "Export the record of a patient as a FHIR R4 bundle."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--organisation", required=True, metavar="SLUG")
    parser.add_argument("--patient", required=True, type=UUID, metavar="ID")
    parser.add_argument("--out", type=Path, metavar="FILE", help="Write the bundle there; without it, print it.")


def run(organisation_id: UUID, options: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """Write the bundle and return what it holds; without a file return the bundle. Raises CommandError."""
    try:
        found = export_record(system_principal(organisation_id), options["patient"])
        if options["out"] is None:
            return found.text
        options["out"].write_text(found.text, encoding="utf-8")
    except Patient.DoesNotExist:
        raise CommandError("There is no such patient in this organisation.") from None
    except FhirError as error:
        raise CommandError(str(error)) from None
    except OSError as error:
        raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from None
    return {"file": str(options["out"]), "patient": str(found.patient_id), **found.counts}
