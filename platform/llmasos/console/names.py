"""Names of organisations for pages that show several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class Named:
    """An organisation as operators see it."""

    id: UUID
    slug: str
    name: str


def organisation_names(ids: Iterable[UUID]) -> dict[UUID, Named]:
    """Return the organisations that exist among ``ids``."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, slug, name FROM console_organisation_names(%s::uuid[])", [list(set(ids))])
        return {row[0]: Named(*row) for row in cursor.fetchall()}
