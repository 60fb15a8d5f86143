"""Making checkpoints and taking them out of the database. Runs in the checkpoint process, which holds the key."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from llmasos.audit import canonical, tree
from llmasos.audit.errors import UnsignableLogError
from llmasos.audit.merkle import CompactRange
from llmasos.audit.models import Checkpoint, Delivery, SigningKey
from llmasos.audit.notes import Statement, Verifier, parse_introduction, parse_notes, parse_statement
from llmasos.audit.scope import log_of
from llmasos.audit.services import record
from llmasos.audit.signing import SigningRoom
from llmasos.audit.stores import Folder, Parcel, StoreError, store_at
from llmasos.audit.types import PLATFORM, Actor, Ref

_log = structlog.get_logger(__name__)
_ROWS = 5_000
_FIRST_RETRY_SECONDS = 10
_LAST_RETRY_SECONDS = 3_600
_POSITIONS = """
SELECT seq, previous_hash, leaf_hash, chain_hash, (extract(epoch FROM sequenced_at) * 1000000)::bigint
FROM audit_position WHERE organisation_id = %s AND seq > %s ORDER BY seq LIMIT %s
"""

# The trees of this process, by log: each only grows.
_trees: dict[tuple[Path, UUID], CompactRange] = {}
# When this process first saw entries of a log that no checkpoint covers.
_waiting: dict[UUID, float] = {}
_refused: set[tuple[UUID, str]] = set()
# A slow store must not be asked twice at once.
_delivering = threading.Lock()


def signing_room() -> SigningRoom:
    """Return the room of this installation's key."""
    return SigningRoom(Path(settings.CHECKPOINT_KEY_FOLDER), journal())


def journal() -> Folder:
    """Return the folder outside the database that every checkpoint goes to first."""
    return Folder(Path(settings.CHECKPOINT_FOLDER))


def make_due() -> int:
    """Sign what is due, by number of entries or by age, and return how many checkpoints were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, size FROM audit_checkpoint_state()")
        sizes: dict[UUID, int] = dict(cursor.fetchall())
    room, made = signing_room(), 0
    with room.alone():
        _finish(room)
        for organisation_id, covered in room.logs().items():
            if sizes.get(organisation_id, 0) < covered:
                _refuse(organisation_id, "shorter")
        for organisation_id, size in sizes.items():
            covered = room.last(organisation_id).size
            if size <= covered:
                _waiting.pop(organisation_id, None)
                continue
            seen = _waiting.setdefault(organisation_id, time.monotonic())
            many = size - covered >= settings.CHECKPOINT_ENTRIES
            if many or time.monotonic() - seen >= settings.CHECKPOINT_SECONDS:
                made += _attempt(room, organisation_id)
    return made


def make(organisation_id: UUID | None = None) -> list[Checkpoint]:
    """Sign one log, or every log, as it is now; logs without new entries are left out.

    Raises:
        UnsignableLogError: a log does not continue what was signed of it.
        SigningKeyError: this process may not use the key.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id FROM audit_checkpoint_state()")
        logs = [row[0] for row in cursor.fetchall()]
    room = signing_room()
    with room.alone():
        _finish(room)
        made = [_make(room, log) for log in logs if organisation_id in {None, log}]
    return [checkpoint for checkpoint in made if checkpoint is not None]


def rotate_key() -> Verifier:
    """Replace the signing key by one that it endorses; checkpoints under the old one stay verifiable."""
    room = signing_room()
    with room.alone():
        _finish(room)
        verifier = room.rotate(timezone.now())
        _list_keys(room)
    return verifier


def deliver() -> int:
    """Take waiting checkpoints to their stores; return how many arrived. Those that did not are tried again."""
    if not _delivering.acquire(blocking=False):
        return 0
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT organisation_id FROM audit_waiting_deliveries(%s)", [timezone.now()])
            logs = [row[0] for row in cursor.fetchall()]
        return sum(_deliver_log(organisation_id) for organisation_id in logs)
    finally:
        _delivering.release()


def waiting_deliveries() -> dict[str, str]:
    """Return the stores that still wait for checkpoints, with the last problem of each."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id FROM audit_waiting_deliveries('infinity')")
        logs = [row[0] for row in cursor.fetchall()]
    waiting: dict[str, str] = {}
    for log in logs:
        with log_of(log):
            rows = Delivery.objects.filter(organisation_id=log, delivered_at__isnull=True).order_by("id")
            waiting.update(rows.values_list("store", "problem"))
    return waiting


def _attempt(room: SigningRoom, organisation_id: UUID) -> int:
    try:
        made = _make(room, organisation_id)
    except UnsignableLogError as error:
        _refuse(organisation_id, str(error))
        return 0
    _waiting.pop(organisation_id, None)
    return int(made is not None)


def _refuse(organisation_id: UUID, reason: str) -> None:
    """Say once that a log is not signed any more: what it holds is not what was signed."""
    if (organisation_id, reason) in _refused:
        return
    _refused.add((organisation_id, reason))
    _log.error("checkpoint refused", organisation=str(organisation_id), reason=reason)
    record(
        organisation_id=PLATFORM,
        actor=Actor("system"),
        action="audit.checkpoint_refused",
        object=Ref("log", organisation_id),
        outcome="failure",
    )


def _make(room: SigningRoom, organisation_id: UUID) -> Checkpoint | None:
    last = room.last(organisation_id)
    with log_of(organisation_id):
        grown, chain = _continued(room, organisation_id)
    if grown.size == last.size:
        return None
    note = room.sign(organisation_id, size=grown.size, root=grown.root(), chain=chain, moment=timezone.now())
    return _store(room, note)


def _continued(room: SigningRoom, organisation_id: UUID) -> tuple[CompactRange, bytes]:
    """Return the tree and the chain's hash over the log as it is, having checked that it continues what was signed."""
    last = room.last(organisation_id)
    place = (room.journal.path, organisation_id)
    grown = _trees.pop(place, CompactRange())
    if grown.size != last.size or (last.size and grown.root().hex() != last.root):
        grown, _ = _grown(CompactRange(), organisation_id, canonical.genesis(organisation_id), until=last.size)
        if last.size and (grown.size != last.size or grown.root().hex() != last.root):
            raise UnsignableLogError("the entries that were signed are not in the log")
    chain = bytes.fromhex(last.chain) if last.chain else canonical.genesis(organisation_id)
    grown, chain = _grown(grown, organisation_id, chain, until=None)
    _trees[place] = grown
    return grown, chain


def _grown(
    grown: CompactRange, organisation_id: UUID, chain: bytes, *, until: int | None
) -> tuple[CompactRange, bytes]:
    with connection.cursor() as cursor:
        while until is None or grown.size < until:
            limit = _ROWS if until is None else min(_ROWS, until - grown.size)
            cursor.execute(_POSITIONS, [organisation_id, grown.size, limit])
            rows = cursor.fetchall()
            for seq, previous, leaf, stored, moment in rows:
                expected = canonical.chain_hash(previous=chain, leaf=bytes(leaf), sequenced_at=moment)
                if seq != grown.size + 1 or bytes(previous) != chain or bytes(stored) != expected:
                    raise UnsignableLogError(f"the chain breaks at entry {grown.size + 1}")
                grown.append(bytes(leaf))
                chain = expected
            if len(rows) < limit:
                break
    return grown, chain


def _finish(room: SigningRoom) -> None:
    """Store what was signed when the process was last killed."""
    _list_keys(room)
    if room.pending:
        _store(room, room.pending)


def _store(room: SigningRoom, text: str) -> Checkpoint:
    (note,) = parse_notes(text)
    statement = parse_statement(note)
    log = statement.organisation
    with log_of(log):
        # The database first, undone when the journal fails: a note in the journal is then never missing here.
        checkpoint = _row(room, statement, text)
        last = room.journal.last(log)
        if last is None or last.hash != note.hash:
            room.journal.add(log, text)
        start = room.last(log).size
        room.journal.add_leaves(log, start, _leaves(log, start, statement.size))
    room.settle(statement, note)
    return checkpoint


def _row(room: SigningRoom, statement: Statement, text: str) -> Checkpoint:
    present = Checkpoint.objects.filter(organisation_id=statement.organisation, number=statement.number).first()
    if present is not None:
        return present
    checkpoint = Checkpoint.objects.create(
        organisation_id=statement.organisation,
        number=statement.number,
        serial=statement.serial,
        size=statement.size,
        root=statement.root,
        chain_hash=statement.chain,
        note=text,
        key_id=parse_introduction(room.introductions()[-1]).verifier.fingerprint,
        created_at=statement.moment,
    )
    Delivery.objects.bulk_create(
        Delivery(
            checkpoint=checkpoint,
            organisation_id=statement.organisation,
            store=name,
            delivered_at=statement.moment if name == room.journal.name else None,
            try_after=statement.moment,
        )
        for name in dict.fromkeys([room.journal.name, *settings.CHECKPOINT_STORES])
    )
    return checkpoint


def _list_keys(room: SigningRoom) -> None:
    """Show in the database which keys there are."""
    notes = room.introductions()
    known = set(SigningKey.objects.values_list("fingerprint", flat=True))
    for note in notes:
        key = parse_introduction(note)
        if key.verifier.fingerprint in known:
            continue
        with transaction.atomic():
            SigningKey.objects.create(
                fingerprint=key.verifier.fingerprint,
                number=key.number,
                verifier_key=str(key.verifier),
                endorsement=str(note),
                created_at=key.time,
            )
            record(
                organisation_id=PLATFORM,
                actor=Actor("system"),
                action="audit.key_made" if key.number == 1 else "audit.key_rotated",
                digests={"fingerprint": key.verifier.fingerprint, "number": key.number},
            )


def _leaves(organisation_id: UUID, start: int, end: int) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(leaf_hash, ''::bytea ORDER BY seq) FROM audit_position"
            " WHERE organisation_id = %s AND seq > %s AND seq <= %s",
            [organisation_id, start, end],
        )
        row = cursor.fetchone()
    return bytes(row[0]) if row and row[0] else b""


def _deliver_log(organisation_id: UUID) -> int:
    with log_of(organisation_id):
        waiting = list(
            Delivery.objects.filter(
                organisation_id=organisation_id, delivered_at__isnull=True, try_after__lte=timezone.now()
            )
            .select_related("checkpoint")
            .order_by("checkpoint__number", "store")
        )
    failed: set[str] = set()
    arrived = 0
    keys = [str(note) for note in journal().introductions()]
    for delivery in waiting:
        # In order: a store that refused one checkpoint is not asked for the next.
        if delivery.store not in failed and not _delivered(delivery, keys):
            failed.add(delivery.store)
        arrived += delivery.delivered_at is not None
    return arrived


def _delivered(delivery: Delivery, keys: Sequence[str]) -> bool:
    checkpoint = delivery.checkpoint
    log = checkpoint.organisation_id
    with log_of(log):
        sizes = Checkpoint.objects.filter(organisation_id=log, number__lt=checkpoint.number).order_by("number")
        before = list(sizes.values_list("size", flat=True))
        leaves = _leaves(log, before[-1] if before else 0, checkpoint.size)
    parcel = Parcel(
        organisation_id=log,
        number=checkpoint.number,
        size=checkpoint.size,
        note=checkpoint.note,
        keys=keys,
        leaves=leaves,
        prove=lambda known: tree.consistency_proof(log, known, checkpoint.size),
        first_sizes=before,
    )
    delivery.attempts += 1
    try:
        delivery.countersignature = store_at(delivery.store).deliver(parcel)
        delivery.delivered_at, delivery.problem = timezone.now(), ""
    except (StoreError, ValueError, tree.MissingLeafError) as error:
        pause = min(_FIRST_RETRY_SECONDS * 2 ** (delivery.attempts - 1), _LAST_RETRY_SECONDS)
        delivery.problem = str(error)[:255]
        delivery.try_after = timezone.now() + timedelta(seconds=pause)
        _log.warning("checkpoint not delivered", store=delivery.store, problem=delivery.problem)
    with log_of(log):
        delivery.save(update_fields=["attempts", "countersignature", "delivered_at", "problem", "try_after"])
    return delivery.delivered_at is not None
