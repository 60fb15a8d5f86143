"""Which tables an organisation works with, and all that were proposed; inside ``acting_in``."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from clinical_assist.governance.versions.kinds import digest_of, kind_of
from clinical_assist.models import KnowledgeVersion


def versions_of(organisation_id: UUID, kind: str) -> QuerySet[KnowledgeVersion]:
    """Return the versions of a kind, newest first, without their content."""
    rows = KnowledgeVersion.objects.for_organisation(organisation_id).filter(kind=kind)
    return rows.select_related("proposed_by", "reviewed_by", "activated_by").defer("content")


def version_for(organisation_id: UUID, version_id: UUID) -> KnowledgeVersion:
    """Return a version. Raises KnowledgeVersion.DoesNotExist."""
    rows = KnowledgeVersion.objects.for_organisation(organisation_id)
    return rows.select_related("proposed_by", "reviewed_by", "activated_by").get(pk=version_id)


def active(organisation_id: UUID, kind: str) -> KnowledgeVersion | None:
    """Return the version in use, without its content; None where it is what comes with the application."""
    return versions_of(organisation_id, kind).filter(state=KnowledgeVersion.State.ACTIVE).first()


def base_of(version: KnowledgeVersion) -> str | None:
    """Return the content that a version was made from; None where it is no longer there."""
    built_in = kind_of(version.kind).built_in()
    if version.base_digest == digest_of(built_in):
        return built_in
    rows = KnowledgeVersion.objects.for_organisation(version.organisation_id)
    found = rows.filter(kind=version.kind, digest=version.base_digest)
    return found.values_list("content", flat=True).first()


def current_digest(organisation_id: UUID, kind: str) -> str:
    """Return the digest of what is in use."""
    rows = KnowledgeVersion.objects.for_organisation(organisation_id).filter(
        kind=kind, state=KnowledgeVersion.State.ACTIVE
    )
    found = rows.values_list("digest", flat=True).first()
    return found if found is not None else digest_of(kind_of(kind).built_in())


def current_content(organisation_id: UUID, kind: str) -> str:
    """Return what is in use."""
    rows = KnowledgeVersion.objects.for_organisation(organisation_id).filter(
        kind=kind, state=KnowledgeVersion.State.ACTIVE
    )
    found = rows.values_list("content", flat=True).first()
    return found if found is not None else kind_of(kind).built_in()
