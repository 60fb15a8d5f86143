"""Clearing what finds a person: with the subject's key go the blind indexes over what it sealed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast
from uuid import UUID

from django.apps import apps
from django.db import models

if TYPE_CHECKING:
    from llmasos.vault.fields import EncryptedField


class IndexField(Protocol):
    """A field derived from sealed ones of the same row."""

    attname: str

    def sealed_sources(self) -> tuple[EncryptedField, ...]: ...


def clear_indexes(*, organisation_id: UUID, subject_kind: str, subject_id: UUID) -> None:
    """Empty every blind index over the subject's sealed fields."""
    for model, field in _index_fields():
        for source in field.sealed_sources():
            if source.subject_kind == subject_kind:
                rows = {source.organisation_attribute: organisation_id, source.subject_attribute: subject_id}
                model._base_manager.filter(**rows).update(**{field.attname: []})  # noqa: SLF001 - Django's name for it


def _index_fields() -> Iterator[tuple[type[models.Model], IndexField]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if hasattr(field, "sealed_sources"):
                yield model, cast("IndexField", field)
