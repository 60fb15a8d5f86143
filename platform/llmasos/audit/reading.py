"""Reading a log from its beginning, page by page, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from llmasos.audit import canonical
from llmasos.audit.models import Entry, Position
from llmasos.audit.scope import log_of
from llmasos.audit.services import document_of

PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries of a log: a range of numbers (inclusive), and what they must have in common.

    ``entry_seq`` chooses a single one, ``entry_ids`` exactly those; ``until`` is exclusive; ``action`` is a code or a
    namespace.
    """

    from_seq: int = 1
    to_seq: int | None = None
    entry_seq: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    request_id: str = ""
    action: str = ""
    entry_ids: tuple[UUID, ...] = ()

    @property
    def is_range(self) -> bool:
        """Tell whether nothing within the range is left out."""
        chosen_by = (self.entry_seq, self.since, self.until, self.subject_id, self.actor_id, self.entry_ids)
        return not (any(chosen_by) or self.request_id or self.action)


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry with its place in the log."""

    entry: Entry
    seq: int
    previous_hash: bytes
    leaf_hash: bytes
    chain_hash: bytes
    sequenced_at: datetime

    @property
    def document(self) -> canonical.Document:
        """The entry as it is digested."""
        return document_of(self.entry)


def placed_entries(organisation_id: UUID, selection: Selection, *, page: int = PAGE) -> Iterator[Placed]:
    """Yield the selected entries in the log's order; every page is a transaction of its own."""
    found = Position.objects.filter(organisation_id=organisation_id).select_related("entry").order_by("seq")
    if selection.to_seq is not None:
        found = found.filter(seq__lte=selection.to_seq)
    if selection.entry_seq is not None:
        found = found.filter(seq=selection.entry_seq)
    if selection.entry_ids:
        found = found.filter(entry__in=selection.entry_ids)
    if selection.since is not None:
        found = found.filter(entry__recorded_at__gte=selection.since)
    if selection.until is not None:
        found = found.filter(entry__recorded_at__lt=selection.until)
    if selection.subject_id is not None:
        found = found.filter(entry__subject_id=selection.subject_id)
    if selection.actor_id is not None:
        found = found.filter(entry__actor_id=selection.actor_id)
    if selection.request_id:
        found = found.filter(entry__request_id=selection.request_id)
    if selection.action:
        code = selection.action
        found = found.filter(entry__action=code) if "." in code else found.filter(entry__action__startswith=f"{code}.")
    seq = selection.from_seq
    while True:
        with log_of(organisation_id):
            positions = list(found.filter(seq__gte=seq)[:page])
        for position in positions:
            yield Placed(
                entry=position.entry,
                seq=position.seq,
                previous_hash=bytes(position.previous_hash),
                leaf_hash=bytes(position.leaf_hash),
                chain_hash=bytes(position.chain_hash),
                sequenced_at=position.sequenced_at,
            )
        if len(positions) < page:
            return
        seq = positions[-1].seq + 1
