"""What the subcommands about a subject share: their arguments and how these are read."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.audit.types import Ref
from llmasos.privacy.errors import PrivacyError
from llmasos.privacy.subjects import parse_subject


def add_organisation(parser: ArgumentParser) -> None:
    parser.add_argument("--organisation", required=True, metavar="SLUG")
    parser.add_argument("--json", action="store_true", help="Print one JSON object.")


def add_subject(parser: ArgumentParser) -> None:
    add_organisation(parser)
    parser.add_argument("--subject", required=True, metavar="KIND:ID", help="Such as visitor:1f0c… or person:9d2e…")


def principal_of(options: dict[str, Any]) -> Principal:
    organisation_id = organisation_id_by_slug(options["organisation"])
    if organisation_id is None:
        raise CommandError(f"There is no organisation named {options['organisation']}.")
    return system_principal(organisation_id)


def subject_of(options: dict[str, Any]) -> Ref:
    try:
        return parse_subject(options["subject"])
    except PrivacyError as error:
        raise CommandError(str(error)) from None
