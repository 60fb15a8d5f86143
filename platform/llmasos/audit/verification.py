"""Verifying logs: against themselves, and against the checkpoints that are kept outside the database.

What is under an outside checkpoint is proved: whatever is not as it was signed is found and named. What came after the
last one (the window, printed in every report) is only as good as the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from llmasos.audit import checkpoints, queries
from llmasos.audit.diagnosis import diagnose
from llmasos.audit.faults import Fault, FaultKind, joined
from llmasos.audit.notes import Statement
from llmasos.audit.outside import Evidence, gather
from llmasos.audit.scope import log_of
from llmasos.audit.stores import ReadableStore
from llmasos.audit.sweep import sweep

__all__ = ["Fault", "FaultKind", "Verification", "Window", "verify", "verify_all"]

# What says that positions are gone, and so explains entries that have none.
_MISSING = frozenset({"deleted", "cut_tail", "log_missing"})
_TIME = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'

# One statement, one snapshot: an entry that waits is in the pending table for as long as it has no position.
_COUNTS = """
SELECT (SELECT count(*) FROM audit_entry WHERE organisation_id = %(organisation)s),
       (SELECT count(*) FROM audit_position WHERE organisation_id = %(organisation)s),
       (SELECT count(*) FROM audit_pending w JOIN audit_entry e ON e.id = w.entry_id
        LEFT JOIN audit_position p ON p.entry_id = e.id
        WHERE w.organisation_id = %(organisation)s AND e.organisation_id = w.organisation_id AND p.entry_id IS NULL)
"""
_UNSEQUENCED = """
SELECT count(*), count(*) FILTER (WHERE w.entry_id IS NULL),
       to_char(min(e.recorded_at) FILTER (WHERE w.entry_id IS NULL) AT TIME ZONE 'UTC', %(time)s)
FROM audit_entry e LEFT JOIN audit_position p ON p.entry_id = e.id LEFT JOIN audit_pending w ON w.entry_id = e.id
WHERE e.organisation_id = %(organisation)s AND p.entry_id IS NULL
"""
# Payloads that are not what their entries say, and such as no entry speaks of.
_PAYLOADS = """
SELECT e.id, l.entry_id IS NULL, e.subject_kind, e.subject_id,
       CASE WHEN isfinite(e.recorded_at) THEN e.recorded_at END
FROM audit_entry e LEFT JOIN audit_payload l ON l.entry_id = e.id
WHERE e.organisation_id = %(organisation)s AND e.digests ? 'payload'
  AND (l.entry_id IS NULL OR encode(sha256(l.ciphertext), 'hex') <> e.digests ->> 'payload'
       OR l.organisation_id <> e.organisation_id OR l.subject_kind <> e.subject_kind
       OR l.subject_id IS DISTINCT FROM e.subject_id OR l.recorded_at <> e.recorded_at)
UNION ALL
SELECT e.id, false, e.subject_kind, e.subject_id, NULL
FROM audit_payload l JOIN audit_entry e ON e.id = l.entry_id
WHERE l.organisation_id = %(organisation)s AND NOT e.digests ? 'payload'
"""
_REMOVALS = r"""
SELECT r.subject_kind, r.subject_id, (r.digests ->> 'before')::timestamptz
FROM audit_entry r WHERE r.organisation_id = %s AND r.action = 'audit.payloads_removed'
  AND r.digests ->> 'before' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$'
"""
_PLACES = """
SELECT seq, to_char(sequenced_at AT TIME ZONE 'UTC', %(time)s) FROM audit_position
WHERE organisation_id = %(organisation)s AND entry_id = ANY(%(entries)s) ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Window:
    """What no outside checkpoint covers: so many entries, since the last one (UTC; empty where there is none)."""

    entries: int
    since: str
    seconds: float | None

    @classmethod
    def after(cls, last: Statement | None, *, entries: int) -> Window:
        if last is None:
            return cls(entries, "", None)
        return cls(entries, last.time, round((timezone.now() - last.moment).total_seconds(), 1))


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome for one or more organisations. ``entries`` have a position, ``unsequenced`` wait for one."""

    entries: int
    unsequenced: int
    faults: tuple[Fault, ...]
    window: Window = Window(0, "", None)
    keys: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "entries": self.entries,
            "unsequenced": self.unsequenced,
            "window": asdict(self.window),
            "keys": list(self.keys),
            "faults": [asdict(fault) for fault in self.faults],
        }


def verify(
    organisation_id: UUID,
    *,
    given: Sequence[ReadableStore] = (),
    pinned: Sequence[str] = (),
    progress: Callable[[int], None] | None = None,
) -> Verification:
    """Verify one organisation's log (``PLATFORM`` for the installation's).

    ``given`` stores are read beside the folder outside the database; ``pinned`` are verifier keys or fingerprints that
    the caller trusts, in place of the keys that are kept with the checkpoints; ``progress`` is told how many entries
    were found sound so far.

    Raises:
        StoreError: a store cannot be read.
    """
    evidence = gather(checkpoints.journal(), given=given, pinned=pinned, only=organisation_id)
    return _verify(organisation_id, evidence, progress)


def verify_all(*, given: Sequence[ReadableStore] = (), pinned: Sequence[str] = ()) -> Verification:
    """Verify every log of the installation, also those that only outside checkpoints tell of."""
    evidence = gather(checkpoints.journal(), given=given, pinned=pinned)
    logs = sorted({*queries.logged_organisations(), *evidence.checkpoints}, key=str)
    found = [_verify(organisation_id, evidence) for organisation_id in logs]
    known = {str(organisation_id) for organisation_id in logs}
    rest = tuple(fault for fault in evidence.faults if fault.organisation not in known)
    # Where everything is covered, the newest checkpoint tells how fresh that is.
    windows = [one.window for one in found if one.window.entries]
    newest = max((one.window for one in found), key=lambda window: window.since, default=Window(0, "", None))
    oldest = min(windows, key=lambda window: window.since, default=newest)
    return Verification(
        sum(one.entries for one in found),
        sum(one.unsequenced for one in found),
        tuple(fault for one in found for fault in one.faults) + rest,
        Window(sum(window.entries for window in windows), oldest.since, oldest.seconds),
        tuple(key.fingerprint for key in evidence.keys),
    )


def _verify(organisation_id: UUID, evidence: Evidence, progress: Callable[[int], None] | None = None) -> Verification:
    known = evidence.of(organisation_id)
    swept = sweep(organisation_id, known, progress=progress)
    faults = [fault for fault in evidence.faults if fault.organisation == str(organisation_id)]
    if not swept.sound:
        named = diagnose(organisation_id, known, evidence.original_leaves(organisation_id))
        # Never silent, even about what has no better name.
        faults += named or [Fault("changed", str(organisation_id), swept.last_good + 1, max(swept.last_seq, 1), "")]
    faults.extend(_payload_faults(organisation_id))
    unsequenced, lost, since = _unsequenced(organisation_id)
    missing = sum(one.to_seq - one.from_seq + 1 for one in faults if one.kind in _MISSING)
    if lost > missing and all(one.kind != "log_missing" for one in faults):
        faults.append(Fault("cut_tail", str(organisation_id), swept.last_seq + 1, swept.last_seq + lost, since))
    return Verification(
        swept.entries,
        unsequenced,
        tuple(sorted(joined(faults), key=lambda fault: (fault.from_seq, fault.to_seq, fault.kind))),
        Window.after(known[-1] if known else None, entries=max(0, swept.last_seq - (known[-1].size if known else 0))),
        tuple(key.fingerprint for key in evidence.keys),
    )


def _payload_faults(organisation_id: UUID) -> Iterator[Fault]:
    """Name the payloads that are not those of their entries, but for those that an entry says were removed."""
    with log_of(organisation_id), connection.cursor() as cursor:
        cursor.execute(_PAYLOADS, {"organisation": organisation_id})
        amiss = cursor.fetchall()
        if not amiss:
            return
        cursor.execute(_REMOVALS, [organisation_id])
        removed_until: dict[tuple[str, UUID | None], datetime] = {}
        for kind, subject_id, before in cursor.fetchall():
            key = (kind if subject_id else "", subject_id)
            removed_until[key] = max(before, removed_until.get(key, before))
        wrong = [
            entry_id
            for entry_id, is_gone, kind, subject_id, recorded_at in amiss
            if not is_gone
            or recorded_at is None
            or all(recorded_at >= removed_until.get(key, recorded_at) for key in ((kind, subject_id), ("", None)))
        ]
        cursor.execute(_PLACES, {"time": _TIME, "organisation": organisation_id, "entries": wrong})
        for seq, sequenced in cursor.fetchall():
            yield Fault("payload_swapped", str(organisation_id), seq, seq, sequenced)


def _unsequenced(organisation_id: UUID) -> tuple[int, int, str]:
    """Return how many entries have no position, how many of these do not even wait, and the oldest of them."""
    values: dict[str, str | UUID] = {"time": _TIME, "organisation": organisation_id}
    with log_of(organisation_id), connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        entries, positions, waiting = cursor.fetchone() or (0, 0, 0)
        if entries == positions + waiting:
            return waiting, 0, ""
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(_UNSEQUENCED, values)
        unsequenced, lost, since = cursor.fetchone() or (0, 0, None)
        cursor.execute("SET LOCAL enable_nestloop = on")
    return unsequenced, lost, since or ""
