"""Moving data from one key-encryption key to another, a batch a transaction, while everything runs.

A subject's data is not touched: its data key is wrapped anew. Only what is sealed under the key-encryption key
itself (a few secrets of the installation) is opened and sealed again. What is still under another key says itself how
far a rotation got, so that an interrupted one goes on where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db import connection, models, transaction

from llmasos.vault import registry, sealing, services
from llmasos.vault.fields import EncryptedField, Sealed
from llmasos.vault.models import SubjectKey


@dataclass(frozen=True, slots=True)
class KeyUse:
    """How much is under one key-encryption key."""

    subject_keys: int = 0
    values: int = 0


def key_use() -> dict[str, KeyUse]:
    """Return what is under each key-encryption key, in all organisations."""
    subject_keys: Counter[str] = Counter()
    for _, key_id, number in _subject_keys():
        subject_keys[key_id] += number
    values: Counter[str] = Counter()
    for model, field in _direct_fields():
        values.update(_key_of(sealed) for sealed in _stored(model, field).values_list(field.attname, flat=True))
    for others in registry.sealed_values().values():
        values.update(others.use())
    return {key_id: KeyUse(subject_keys[key_id], values[key_id]) for key_id in sorted({*subject_keys, *values})}


def organisations_to_move(key_id: str) -> dict[UUID, int]:
    """Return how many subjects' keys of each organisation are not under ``key_id``."""
    waiting: Counter[UUID] = Counter()
    for organisation_id, under, number in _subject_keys():
        if under != key_id:
            waiting[organisation_id] += number
    return dict(waiting)


def rewrap(organisation_id: UUID, *, to: str, limit: int) -> int:
    """Wrap at most ``limit`` of the organisation's data keys under the key ``to``; return how many.

    Inside a transaction that acts in the organisation. A key that is destroyed meanwhile stays destroyed: its row is
    locked here, and one that is not there any more is not read.
    """
    batch = list(
        SubjectKey.objects.select_for_update()
        .filter(organisation_id=organisation_id, wrapped_key__isnull=False)
        .exclude(key_id=to)
        .order_by("pk")[:limit]
    )
    for key in batch:
        services.rewrap(key, to=to)
    SubjectKey.objects.bulk_update(batch, ["wrapped_key", "key_id"])
    return len(batch)


def reseal(*, to: str, limit: int) -> int:
    """Seal at most ``limit`` values of each place under the key ``to``; return how many. 0 when all are there."""
    done = 0
    for model, field in _direct_fields():
        with transaction.atomic():
            for row in _stored(model, field).select_for_update().only("pk", field.attname).order_by("pk"):
                stored = row.__dict__[field.attname]
                if done < limit and _key_of(stored) != to:
                    setattr(row, field.attname, getattr(row, field.attname))
                    row.save(update_fields=[field.name])
                    done += 1
    for others in registry.sealed_values().values():
        with transaction.atomic():
            done += others.reseal(to, limit)
    return done


def _subject_keys() -> list[tuple[UUID, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, key_id, subject_keys FROM vault_key_use()")
        return list(cursor.fetchall())


def _direct_fields() -> Iterator[tuple[type[models.Model], EncryptedField]]:
    """Yield the fields sealed under the key-encryption key itself: those of the installation's own tables."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, EncryptedField) and not field.subject_kind:
                yield model, field


def _stored(model: type[models.Model], field: EncryptedField) -> models.QuerySet[models.Model]:
    return model._base_manager.filter(**{f"{field.name}__isnull": False})  # noqa: SLF001 - Django's name for it


def _key_of(sealed: Sealed) -> str:
    return sealing.read_key_id(sealed.blob).decode("ascii", "replace")
