"""Reads of emergency access; all inside ``acting_in``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypedDict
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass.models import CLOSING, REVIEW_WITHIN, Grant, Review

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class LastFinding(TypedDict):
        verdict: str | None

    GrantWithFinding: TypeAlias = WithAnnotations[Grant, LastFinding]


@dataclass(frozen=True, slots=True)
class Queue:
    """How many grants are open for review, how many of these are overdue, and how many give access now."""

    open: int
    overdue: int
    active: int


def active_grant(principal: Principal, subject: Ref) -> Grant | None:
    """Return the principal's running grant for the subject."""
    if principal.kind != "person" or principal.id is None or subject.id is None:
        return None
    return (
        Grant.objects.for_organisation(principal.organisation_id)
        .filter(person_id=principal.id, subject_kind=subject.kind, subject_id=subject.id)
        .filter(ended_at__isnull=True, expires_at__gt=timezone.now())
        .order_by("-expires_at")
        .first()
    )


def grants(organisation_id: UUID) -> QuerySet[GrantWithFinding]:
    """Return all grants, newest first, each with ``verdict``: the last review's, or None."""
    last = Review.objects.filter(grant=OuterRef("pk")).order_by("-reviewed_at", "-id").values("verdict")[:1]
    return Grant.objects.for_organisation(organisation_id).annotate(verdict=Subquery(last)).order_by("-granted_at")


def open_grants(organisation_id: UUID) -> QuerySet[GrantWithFinding]:
    """Return the grants that wait for a closing review, oldest first."""
    return grants(organisation_id).exclude(verdict__isnull=False, verdict__in=CLOSING).order_by("granted_at")


def own_grants(principal: Principal) -> QuerySet[GrantWithFinding]:
    """Return what a person asked for themselves, newest first."""
    if principal.id is None:
        return grants(principal.organisation_id).none()
    return grants(principal.organisation_id).filter(person_id=principal.id)


def queue(organisation_id: UUID) -> Queue:
    """Return the counts that the pages and the badge show."""
    now = timezone.now()
    waiting = open_grants(organisation_id)
    return Queue(
        open=waiting.count(),
        overdue=waiting.filter(granted_at__lt=now - REVIEW_WITHIN).count(),
        active=Grant.objects.for_organisation(organisation_id)
        .filter(Q(ended_at__isnull=True), expires_at__gt=now)
        .count(),
    )
