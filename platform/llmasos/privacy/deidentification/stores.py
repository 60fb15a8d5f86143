"""The maps of surrogates as a store of personal data."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy.deidentification.models import SurrogateMap
from llmasos.privacy.registry import RetentionClass, Store, register_retention_class, register_store

CLASS = "surrogate-maps"


def register_stores() -> None:
    register_retention_class(
        RetentionClass(CLASS, _("Ways back from surrogates"), 365, _("Long enough to follow up what came back."))
    )
    register_store(
        Store(
            name="deidentification.maps",
            label=_("Ways back from surrogates to originals"),
            purpose=_("To tell whom a de-identified text was about when its result comes back"),
            categories=(_("Names, contacts and numbers found in texts"),),
            legal_basis=_("That of the text it belongs to"),
            retention_class=CLASS,
            protection="encrypted",
            subject_kinds=("*",),
            tables=("privacy_deidentification_surrogatemap",),
            erase=lambda organisation_id, subject: _maps(organisation_id, subject).delete()[0],
            export=_export,
            expire=lambda organisation_id, before, held: _old(organisation_id, before, held).delete()[0],
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
            count=lambda organisation_id, subject: _maps(organisation_id, subject).count(),
        )
    )


def _export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    return [{"made_at": kept.created_at.isoformat()} for kept in _maps(organisation_id, subject)]


def _maps(organisation_id: UUID, subject: Ref | None) -> QuerySet[SurrogateMap]:
    found = SurrogateMap.objects.for_organisation(organisation_id)
    if subject is None:
        return found
    if subject.id is None:
        return found.none()
    return found.filter(subject_kind=subject.kind, subject_id=subject.id)


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[SurrogateMap]:
    kept = Q(pk__in=[])
    for subject in held:
        kept |= Q(subject_kind=subject.kind, subject_id=subject.id)
    return SurrogateMap.objects.for_organisation(organisation_id).filter(created_at__lt=before).exclude(kept)
