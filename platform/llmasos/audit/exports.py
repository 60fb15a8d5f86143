"""Taking the log out of the system: as a bundle with proofs, as FHIR AuditEvents, as a table, as JSON lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from llmasos.audit.bundle import bundle_lines
from llmasos.audit.errors import UnprovableError
from llmasos.audit.interchange.balp import bundle as balp_bundle
from llmasos.audit.interchange.tables import csv_lines, json_lines
from llmasos.audit.models import Position
from llmasos.audit.queries import subject_of
from llmasos.audit.reading import Selection
from llmasos.audit.scope import log_of
from llmasos.audit.services import record
from llmasos.audit.types import Actor

Kind = Literal["bundle", "balp", "csv", "jsonl"]


@dataclass(frozen=True, slots=True)
class _Writer:
    suffix: str
    content_type: str
    write: Callable[[UUID, Selection], Iterator[str]]


def _bundle(organisation_id: UUID, selection: Selection) -> Iterator[str]:
    return (f"{line}\n" for line in bundle_lines(organisation_id, selection))


FORMATS: Mapping[Kind, _Writer] = {
    "bundle": _Writer("bundle.jsonl", "application/x-ndjson", _bundle),
    "balp": _Writer("balp.json", "application/fhir+json", balp_bundle),
    "csv": _Writer("csv", "text/csv; charset=utf-8", csv_lines),
    "jsonl": _Writer("jsonl", "application/x-ndjson", json_lines),
}


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is written while it is read: its name, its media type and its text, piece by piece."""

    name: str
    content_type: str
    selection: Selection
    pieces: Iterator[str]


def export(
    *,
    organisation_id: UUID,
    actor: Actor,
    selection: Selection,
    kind: Kind,
    purpose: str = "",
) -> Export:
    """Record that the log is taken out, and return the file. Its last entry is the last one before this.

    Payloads stay: the file holds what the entries hold, codes, ids and digests.

    Raises:
        UnprovableError: the range holds no entry.
    """
    with log_of(organisation_id):
        positions = Position.objects.filter(organisation_id=organisation_id).order_by("-seq")
        head = positions.values_list("seq", flat=True).first() or 0
        last = head if selection.to_seq is None else min(selection.to_seq, head)
        if not 1 <= selection.from_seq <= max(last, 1):
            raise UnprovableError(f"The log has {head} entries: this range holds none.")
        selection = replace(selection, to_seq=last)
        record(
            organisation_id=organisation_id,
            actor=actor,
            action="audit.exported",
            subject=subject_of(organisation_id, selection.subject_id) if selection.subject_id else None,
            purpose=purpose,
            digests={"format": kind, "from": selection.from_seq, "to": last, "whole_range": selection.is_range},
        )
    writer = FORMATS[kind]
    name = f"audit-{organisation_id}-{selection.from_seq}-{last}.{writer.suffix}"
    return Export(name, writer.content_type, selection, writer.write(organisation_id, selection))
