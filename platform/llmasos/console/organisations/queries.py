"""Organisations as operators see them: names, counts and times; no person's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection
from django.db.models import Exists, OuterRef

from llmasos.accounts.models import Person
from llmasos.inference.kinds import MODEL_KINDS

PAGE_ORGANISATIONS = 50


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """One organisation. ``runs``, ``failed`` and ``tokens`` are those of models in the last 24 hours."""

    id: UUID
    slug: str
    name: str
    is_demo: bool
    created_at: datetime
    members: int
    administrators: int
    keys: int
    passages: int
    runs: int
    failed: int
    tokens: int


@dataclass(frozen=True, slots=True)
class PeopleTotals:
    """The accounts of the installation; ``unprotected`` operators sign in without a second factor."""

    active: int
    closed: int
    operators: int
    unprotected: int
    staff: int


def organisations(text: str, *, page: int, size: int = PAGE_ORGANISATIONS) -> tuple[list[OrganisationRow], int]:
    """Return a page of the organisations whose name or short name holds ``text``, and how many there are in all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, slug, name, is_demo, created_at, members, administrators, keys, passages, runs, failed, tokens,"
            " total FROM console_organisations(%s, %s, %s, %s::varchar[])",
            [text, size, (page - 1) * size, sorted(MODEL_KINDS)],
        )
        rows = cursor.fetchall()
    return [OrganisationRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def people_totals() -> PeopleTotals:
    """Return how many accounts there are, and how many of those with rights over the installation."""
    people = Person.objects.filter(is_active=True)
    factor = Authenticator.objects.filter(user=OuterRef("pk"))
    operators = people.filter(is_operator=True)
    return PeopleTotals(
        active=people.count(),
        closed=Person.objects.filter(is_active=False).count(),
        operators=operators.count(),
        unprotected=operators.exclude(Exists(factor)).count(),
        staff=people.filter(is_staff=True).count(),
    )
