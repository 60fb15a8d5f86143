"""``manage.py clinical ordersets``: list, show and check order sets."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from clinical_assist.ordersets import reading
from clinical_assist.ordersets.types import OrderLine, OrderSetError, OrderSets

HELP = "List, show and check order sets."


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("list", "show", "check"))
    parser.add_argument("name", nargs="?", metavar="NAME", help="show: the order set.")
    parser.add_argument(
        "--folder", type=Path, metavar="FOLDER", help="Read TOML files of a folder, not those of the application."
    )


def run(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the sets, the lines of one, or the figures of a check.

    Raises:
        CommandError: no such order set, or the files are wrong; the message names the line.
    """
    try:
        found = reading.read_folder(options["folder"]) if options["folder"] else reading.starter()
    except OrderSetError as error:
        raise CommandError(str(error)) from error
    if options["action"] == "list":
        return {code: f"{one.name} ({', '.join(one.conditions)})" for code, one in found.sets.items()}
    if options["action"] == "check":
        return _figures(found)
    if options["name"] not in found.sets:
        raise CommandError(f"There is no order set {options['name']!r}. There are: {', '.join(sorted(found.sets))}.")
    return {line.code: _described(line, found) for line in found.sets[options["name"]].lines}


def _figures(found: OrderSets) -> Mapping[str, Any]:
    lines = [line for one in found.sets.values() for line in one.lines]
    return {
        "sets": len(found.sets),
        "conditions": len({code for one in found.sets.values() for code in one.conditions}),
        "lines": len(lines),
        "medicines": len({line.medicine.name for line in lines if line.medicine}),
        "sources": len({line.source for line in lines}),
        "version": found.version,
        "digest": found.digest,
    }


def _described(line: OrderLine, found: OrderSets) -> Mapping[str, Any]:
    described = {
        "kind": line.kind,
        "text": line.text,
        "whom": line.whom,
        "why": line.why,
        "note": line.note,
        "days": line.days,
        "source": found.sources[line.source],
    }
    return {name: value for name, value in described.items() if value}
