"""``manage.py clinical knowledge``: import, list and calibrate knowledge bases."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from clinical_assist.differential import calibration
from clinical_assist.knowledge import library, tables
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.types import Knowledge

HELP = "Import, list and calibrate knowledge bases."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("import", "list", "calibrate"))
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="FILE",
        help="The JSON tables of a DDXPlus-style release, or one TSV list.",
    )
    parser.add_argument("--knowledge", default=library.STARTER, metavar="NAME", help="The base to write or to fit.")


def run(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Do what was asked and return the figures to print. Raises CommandError."""
    try:
        if options["action"] == "list":
            return {name: _summary(library.load(name)) for name in library.names()}
        if options["action"] == "calibrate":
            fitted = calibration.fit(library.load(options["knowledge"]))
            return {"temperature": fitted.temperature, "least_fit": fitted.least_fit}
        if not options["paths"]:
            raise CommandError("Name the files to import.")
        return _summary(library.save(tables.from_tables(options["paths"], name=options["knowledge"], version="0")))
    except KnowledgeError as error:
        raise CommandError(str(error)) from error


def _summary(knowledge: Knowledge) -> Mapping[str, Any]:
    return {
        "name": knowledge.name,
        "version": knowledge.version,
        "conditions": len(knowledge.conditions),
        "findings": len(knowledge.findings),
        "digest": knowledge.digest,
    }
