"""The actions `prove` and `export` of `manage.py audit`."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.core.management.base import OutputWrapper as Output
from django.utils.timezone import get_current_timezone

from llmasos.audit import registry
from llmasos.audit.errors import UnprovableError
from llmasos.audit.exports import FORMATS, export
from llmasos.audit.proofs import Consistency, Inclusion, prove_consistency, prove_entry
from llmasos.audit.reading import Selection
from llmasos.audit.types import PLATFORM, Actor

_SYSTEM = Actor("system")


def add_arguments(actions: _SubParsersAction[Any]) -> None:
    prove = actions.add_parser("prove", help="Prove an entry, or that one state of a log begins a later one.")
    _add_log(prove)
    what = prove.add_mutually_exclusive_group(required=True)
    what.add_argument("--entry", metavar="ID|NUMBER", help="The entry to prove, by its id or its number in the log.")
    what.add_argument("--consistency", nargs=2, type=int, metavar=("FIRST", "SECOND"), help="Two sizes of the log.")
    prove.add_argument("--checkpoint", type=int, metavar="NUMBER", help="Prove against this one (default: the last).")
    prove.add_argument("--json", action="store_true", help="Print one JSON object.")

    out = actions.add_parser("export", help="Write a log, or a part of it, into a file.")
    _add_log(out)
    out.add_argument("--format", choices=list(FORMATS), default="bundle", help="Default: bundle, for llmasos-verify.")
    out.add_argument("--out", metavar="FILE", help="The file to write (default: standard output).")
    out.add_argument("--from", dest="from_seq", type=int, default=1, metavar="NUMBER", help="First entry.")
    out.add_argument("--to", dest="to_seq", type=int, metavar="NUMBER", help="Last entry.")
    out.add_argument("--entry", type=int, metavar="NUMBER", help="This entry alone, with its proof.")
    out.add_argument("--since", type=_moment, metavar="TIME", help="Recorded at this time or later (ISO 8601).")
    out.add_argument("--until", type=_moment, metavar="TIME", help="Recorded before this time.")
    out.add_argument("--subject", type=UUID, metavar="ID", help="Only entries about this subject.")
    out.add_argument("--actor", type=UUID, metavar="ID", help="Only entries of this actor.")
    out.add_argument("--action-code", default="", metavar="CODE", help="Only this action, or its namespace.")
    out.add_argument("--json", action="store_true", help="Print one JSON object about the file; needs --out.")


def prove(options: Mapping[str, Any], output: Output) -> None:
    organisation_id = _log(options)
    try:
        found: Inclusion | Consistency
        if options["consistency"]:
            first, second = options["consistency"]
            found = prove_consistency(organisation_id=organisation_id, actor=_SYSTEM, first=first, second=second)
        else:
            entry = _entry(options["entry"])
            found = prove_entry(
                organisation_id=organisation_id, actor=_SYSTEM, entry=entry, checkpoint=options["checkpoint"]
            )
    except UnprovableError as error:
        raise CommandError(str(error)) from error
    output.write(json.dumps(found.as_json()) if options["json"] else _in_words(found))
    if not found.holds:
        raise SystemExit(1)


def export_log(options: Mapping[str, Any], output: Output) -> None:
    if options["json"] and not options["out"]:
        raise CommandError("--json needs --out: the export itself would go to standard output.")
    selection = Selection(
        from_seq=options["from_seq"],
        to_seq=options["to_seq"],
        entry_seq=options["entry"],
        since=options["since"],
        until=options["until"],
        subject_id=options["subject"],
        actor_id=options["actor"],
        action=options["action_code"],
    )
    try:
        made = export(organisation_id=_log(options), actor=_SYSTEM, selection=selection, kind=options["format"])
    except UnprovableError as error:
        raise CommandError(str(error)) from error
    if not options["out"]:
        _write(made.pieces, None)
        return
    written = _write(made.pieces, Path(options["out"]))
    about = {"file": options["out"], "format": options["format"], "from": made.selection.from_seq}
    about |= {"to": made.selection.to_seq, "bytes": written}
    output.write(json.dumps(about) if options["json"] else f"{options['out']}: {written} bytes")


def _add_log(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--organisation", metavar="SLUG", help="This organisation's log.")
    which.add_argument("--platform", action="store_true", help="The log of the installation as a whole.")


def _log(options: Mapping[str, Any]) -> UUID:
    if options["platform"]:
        return PLATFORM
    found = registry.organisation_id(options["organisation"])
    if found is None:
        raise CommandError(f"There is no organisation named {options['organisation']}.")
    return found


def _entry(text: str) -> UUID | int:
    try:
        return int(text) if text.isdecimal() else UUID(text)
    except ValueError:
        raise CommandError(f"{text} is neither an entry's id nor its number.") from None


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=get_current_timezone())


def _write(pieces: Iterable[str], path: Path | None) -> int:
    written = 0
    with path.open("w", encoding="utf-8", newline="") if path else nullcontext(sys.stdout) as file:
        for piece in pieces:
            file.write(piece)
            written += len(piece.encode())
    return written


def _in_words(found: Inclusion | Consistency) -> str:
    if isinstance(found, Consistency):
        says = "begin" if found.holds else "do NOT begin"
        lines = [
            f"The first {found.first} entries {says} the first {found.second}.",
            f"  root of {found.first}: {found.first_root.hex()}",
            f"  root of {found.second}: {found.second_root.hex()}",
        ]
    else:
        says = "is" if found.holds else "is NOT"
        lines = [
            f"Entry {found.seq} ({found.entry_id}) {says} among the {found.size} entries of checkpoint {found.number}.",
            f"  leaf: {found.leaf.hex()}",
            f"  root: {found.root.hex()}",
        ]
    path = [f"  path: {node.hex()}" for node in found.path]
    note = ["", found.note.rstrip("\n")] if isinstance(found, Inclusion) else []
    return "\n".join([*lines, *path, *note])
