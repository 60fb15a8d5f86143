"""What most stores need: rows that name their subject in one or two columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from llmasos.audit.types import Ref
from llmasos.vault.errors import VaultError


def as_json(row: models.Model, names: Sequence[str]) -> dict[str, Any]:
    """Return some columns of a row as JSON values; a sealed one that cannot be opened any more is null."""
    return {name: _value(row, name) for name in names}


def exported(rows: Iterable[models.Model], names: Sequence[str]) -> list[dict[str, Any]]:
    return [as_json(row, names) for row in rows]


def ids_held(held: frozenset[Ref], kind: str) -> list[UUID]:
    """Return the ids among held subjects of one kind."""
    return [ref.id for ref in held if ref.kind == kind and ref.id is not None]


def _value(row: models.Model, name: str) -> Any:
    try:
        value = getattr(row, name)
    except VaultError:
        return None
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
