"""Writing the log: ``record`` in the caller's transaction, ``sequence_entries`` soon after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import structlog
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.utils import timezone

from llmasos.audit import canonical, context, payloads, tree
from llmasos.audit.canonical import DigestValue, check_digests, check_token
from llmasos.audit.errors import NotRecordedError, UnrecordableError
from llmasos.audit.models import Entry
from llmasos.audit.registry import registered_action
from llmasos.audit.scope import log_of
from llmasos.audit.types import Actor, Ref

logger = structlog.get_logger(__name__)

BATCH = 2_000
_NOTHING = Ref("", None)
# Written once: the ORM takes as long to compile this statement as PostgreSQL takes to run it.
_FIELDS = tuple(Entry._meta.concrete_fields)
_COLUMNS = ", ".join(str(field.column) for field in _FIELDS)
_CHANGE_AND_INSERT = (
    "SELECT set_config('llmasos.organisation', %(entry_organisation)s, true);"
    "WITH changed AS ({change}) "
    "INSERT INTO audit_entry ({columns}) SELECT {values} FROM changed RETURNING id"
)
_gathered: ContextVar[list[tuple[Entry, bytes]] | None] = ContextVar("gathered_entries", default=None)
_INSERT = f"INSERT INTO audit_entry ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_FIELDS))})"  # noqa: S608


def record(
    *,
    organisation_id: UUID,
    actor: Actor,
    action: str,
    subject: Ref | None = None,
    object: Ref | None = None,  # noqa: A002 - the log's own word
    purpose: str = "",
    outcome: Literal["success", "denied", "failure"] = "success",
    digests: Mapping[str, DigestValue] | None = None,
    payload: Mapping[str, payloads.Json] | None = None,
) -> UUID:
    """Insert one entry in the caller's transaction and return its id.

    ``subject`` is whose data it was, ``object`` the thing acted on. ``digests`` holds hexadecimal digests,
    ids, codes and whole numbers; text and fractions are refused. Entries of another organisation than the
    one acted in are refused by the database, except those of ``PLATFORM``. ``payload`` holds what may be
    text: it is sealed under the subject's key beside the entry, which carries the ciphertext's digest.

    Raises:
        UnregisteredActionError: no package registered ``action``.
        UnrecordableError: a value could be free text, or a payload has no subject.
        KeyDestroyedError: the subject of a payload was erased.
        NotRecordedError: the database does not take the entry; the caller must neither do nor show anything.
    """
    entry, ciphertext = _entry(
        organisation_id=organisation_id,
        actor=actor,
        action=action,
        subject=subject or _NOTHING,
        object=object or _NOTHING,
        purpose=purpose,
        outcome=outcome,
        digests=digests or {},
        payload=payload,
    )
    gathered = _gathered.get()
    if gathered is None:
        _insert([(entry, ciphertext)])
    else:
        gathered.append((entry, ciphertext))
    return entry.pk


@contextmanager
def recorded_together() -> Iterator[None]:
    """Insert what is recorded in the block at its end, in one go: for an act on thousands of rows.

    The block stands in the transaction of the act; where it raises, nothing of it is recorded. Raises as ``record``.
    """
    gathered: list[tuple[Entry, bytes]] = []
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    if gathered:
        _insert(gathered)


def _insert(entries: Sequence[tuple[Entry, bytes]]) -> None:
    with _or_nothing():
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_values(entry) for entry, _ciphertext in entries])
        for entry, ciphertext in entries:
            if ciphertext:
                payloads.keep(entry, ciphertext)


def record_if(
    change: str,
    parameters: Mapping[str, Any],
    *,
    organisation_id: UUID,
    actor: Actor,
    action: str,
    object: Ref,  # noqa: A002 - the log's own word
    purpose: str = "",
    outcome: Literal["success", "denied", "failure"] = "success",
    digests: Mapping[str, DigestValue],
) -> bool:
    """Make a change and its entry in one message to the database, which is one transaction; False if nothing changed.

    For a change on the way of every answer: each message to the database costs its share of a millisecond. ``change``
    is one UPDATE of at most one row, with RETURNING, and takes its values by name from ``parameters``. Not inside a
    transaction, which would then be more than the change and its entry. Raises as ``record`` does.
    """
    if connection.in_atomic_block:
        raise RuntimeError("record_if is a transaction of its own")
    entry, _ = _entry(
        organisation_id=organisation_id,
        actor=actor,
        action=action,
        subject=_NOTHING,
        object=object,
        purpose=purpose,
        outcome=outcome,
        digests=digests,
        payload=None,
    )
    values = {f"entry_{number}": value for number, value in enumerate(_values(entry))}
    names = ", ".join(f"%({name})s" for name in values)
    statement = _CHANGE_AND_INSERT.format(change=change, columns=_COLUMNS, values=names)
    with _or_nothing(), connection.cursor() as cursor:
        cursor.execute(statement, {**parameters, **values, "entry_organisation": str(organisation_id)})
        # The driver keeps the results of both statements; the second one holds the entry.
        while cursor.nextset():
            continue
        return cursor.fetchone() is not None


def _values(entry: Entry) -> list[Any]:
    return [field.get_db_prep_save(getattr(entry, field.attname), connection) for field in _FIELDS]


def _entry(
    *,
    organisation_id: UUID,
    actor: Actor,
    action: str,
    subject: Ref,
    object: Ref,  # noqa: A002 - the log's own word
    purpose: str,
    outcome: str,
    digests: Mapping[str, DigestValue],
    payload: Mapping[str, payloads.Json] | None,
) -> tuple[Entry, bytes]:
    """Return an entry that is not stored yet, with its digest, and the sealed payload (empty without one)."""
    registered_action(action)
    written = dict(digests)
    check_digests(written)
    if payloads.DIGEST in written:
        raise UnrecordableError(f"The digest named {payloads.DIGEST} is the log's own: give the payload instead.")
    for name, value in (
        ("actor.kind", actor.kind),
        ("subject.kind", subject.kind),
        ("object.kind", object.kind),
        ("purpose", purpose),
    ):
        check_token(value, name=name)
    entry_id, ciphertext = uuid4(), b""
    if payload is not None:
        ciphertext = payloads.seal(entry_id=entry_id, organisation_id=organisation_id, subject=subject, payload=payload)
        written[payloads.DIGEST] = payloads.digest(ciphertext)
    entry = Entry(
        id=entry_id,
        organisation_id=organisation_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_role=actor.role,
        action=action,
        subject_kind=subject.kind,
        subject_id=subject.id,
        object_kind=object.kind,
        object_id=object.id,
        purpose=purpose,
        outcome=outcome,
        recorded_at=timezone.now(),
        request_id=context.current().request_id,
        digests=written,
    )
    entry.digest = canonical.quick_entry_digest(document_of(entry))
    return entry, ciphertext


def remove_payloads(
    *, organisation_id: UUID, actor: Actor, subject: Ref | None = None, before: datetime | None = None
) -> int:
    """Remove the payloads of a subject (everybody's without one) recorded before a time; return how many.

    The entries stay, and their proofs. The removal is recorded, so that verification tells it from a theft.
    """
    removed, digests = payloads.remove(organisation_id=organisation_id, subject=subject, before=before)
    if removed:
        record(
            organisation_id=organisation_id,
            actor=actor,
            action="audit.payloads_removed",
            subject=subject,
            digests=digests,
        )
    return removed


def document_of(entry: Entry) -> canonical.Document:
    """Return the entry as it is digested."""
    return canonical.document(
        id=str(entry.pk),
        organisation=str(entry.organisation_id),
        actor_kind=entry.actor_kind,
        actor_id=_written(entry.actor_id),
        actor_role=entry.actor_role,
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject_id=_written(entry.subject_id),
        object_kind=entry.object_kind,
        object_id=_written(entry.object_id),
        purpose=entry.purpose,
        outcome=entry.outcome,
        recorded_at=canonical.written_time(entry.recorded_at),
        request_id=entry.request_id,
        digests=entry.digests,
    )


def sequence_entries(organisation_id: UUID, *, limit: int = BATCH) -> int:
    """Give positions to at most ``limit`` committed entries and return how many; 0 while another does it.

    One sequencer an organisation at a time, by an advisory lock that ends with the transaction. It reads
    what is committed at that moment: an open transaction neither holds it up nor can slip through, since
    the entry's pending row appears when that transaction commits.
    """
    with log_of(organisation_id), connection.cursor() as cursor:
        lock = f"llmasos.audit/{organisation_id}"
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [lock])
        if cursor.fetchone() != (True,):
            return 0
        # A statement of its own: its snapshot must be later than the lock.
        cursor.execute(
            "SELECT seq, chain_hash, sequenced_at FROM audit_position"
            " WHERE organisation_id = %s ORDER BY seq DESC LIMIT 1",
            [organisation_id],
        )
        head = cursor.fetchone()
        cursor.execute(
            "SELECT e.id, e.digest, clock_timestamp() FROM audit_pending p JOIN audit_entry e ON e.id = p.entry_id"
            " WHERE p.organisation_id = %s ORDER BY e.recorded_at, e.id LIMIT %s",
            [organisation_id, limit],
        )
        waiting = cursor.fetchall()
        if not waiting:
            return 0
        seq, previous = (head[0], bytes(head[1])) if head else (0, canonical.genesis(organisation_id))
        # The log's own time never runs backwards, also where the machine's clock was put back.
        now: datetime = max(waiting[0][2], head[2]) if head else waiting[0][2]
        moment = canonical.microseconds(now)
        rows: list[tuple[UUID, int, bytes, bytes, bytes]] = []
        for entry_id, digest, _ in waiting:
            seq += 1
            leaf = canonical.leaf_hash(bytes(digest))
            chain = canonical.chain_hash(previous=previous, leaf=leaf, sequenced_at=moment)
            rows.append((entry_id, seq, previous, leaf, chain))
            previous = chain
        cursor.execute(
            "INSERT INTO audit_position"
            " (entry_id, organisation_id, seq, previous_hash, leaf_hash, chain_hash, sequenced_at)"
            " SELECT entry_id, %s, seq, previous_hash, leaf_hash, chain_hash, %s"
            " FROM unnest(%s::uuid[], %s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[])"
            " AS new (entry_id, seq, previous_hash, leaf_hash, chain_hash)",
            [organisation_id, now, *(list(column) for column in zip(*rows, strict=True))],
        )
        tree.extend(cursor, organisation_id, size=rows[0][1] - 1, leaves=[row[3] for row in rows])
        cursor.execute("DELETE FROM audit_pending WHERE entry_id = ANY(%s)", [[row[0] for row in rows]])
        return len(waiting)


def sequence_all() -> int:
    """Give positions to whatever waits and return how many.

    The organisations take turns batch by batch, so that a busy one keeps no other waiting, and one whose log
    refuses more positions (somebody tampered with it) stops nobody else's.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id FROM audit_pending_organisations()")
        waiting: list[UUID] = [row[0] for row in cursor.fetchall()]
    total = 0
    while waiting:
        busy = []
        for organisation_id in waiting:
            try:
                done = sequence_entries(organisation_id)
            except IntegrityError:
                logger.exception("log takes no positions", organisation=str(organisation_id))
                continue
            total += done
            if done == BATCH:
                busy.append(organisation_id)
        waiting = busy
    return total


@contextmanager
def _or_nothing() -> Iterator[None]:
    try:
        yield
    except OperationalError:
        # A lost connection: who may try again knows it by this name.
        raise
    except DatabaseError as error:
        raise NotRecordedError(str(error)) from error


def _written(value: UUID | None) -> str:
    return "" if value is None else str(value)
