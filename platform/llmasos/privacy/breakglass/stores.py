"""Emergency access as a store of personal data: the notes are about the subject."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy.breakglass.models import CLOSING, Grant, Review
from llmasos.privacy.breakglass.queries import grants
from llmasos.privacy.registry import RetentionClass, Store, register_retention_class, register_store
from llmasos.vault.errors import KeyDestroyedError

if TYPE_CHECKING:
    from llmasos.privacy.breakglass.queries import GrantWithFinding

CLASS = "access-reviews"


def register_stores() -> None:
    register_retention_class(
        RetentionClass(
            code=CLASS,
            label=_("Emergency access and its reviews"),
            days=3 * 365,
            reason=_("Limitation of claims about access to personal data."),
            minimum_days=90,
        )
    )
    register_store(
        Store(
            name="breakglass.grants",
            label=_("Emergency access and its reviews"),
            purpose=_("To show why somebody saw data outside the usual relation, and what a reviewer found."),
            categories=(_("Reasons and findings in words"), _("Times and roles of staff")),
            legal_basis=_("Legal obligation: accountability for access to personal data"),
            retention_class=CLASS,
            protection="encrypted",
            subject_kinds=("*",),
            tables=("privacy_breakglass_grant", "privacy_breakglass_review"),
            erase=erase,
            export=export,
            expire=expire,
            due=due,
            count=count,
        )
    )


def erase(organisation_id: UUID, subject: Ref) -> int:
    """Take the words away; that there was access, by whom and when, stays, as in the log."""
    about = {"subject_kind": subject.kind, "subject_id": subject.id, "note__isnull": False}
    return sum(
        model.objects.for_organisation(organisation_id).filter(**about).update(note=None) for model in (Grant, Review)
    )


def export(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    """Return the access to the subject's data, and where the subject is a member of staff also their own."""
    found = grants(organisation_id).filter(_of(subject))
    return [
        {
            "granted_at": grant.granted_at.isoformat(),
            "until": grant.over_at.isoformat(),
            "role": grant.role,
            "reason": grant.reason,
            "note": _readable(grant) if grant.subject == subject else "",
            "finding": grant.verdict or "",
            "about_you": grant.subject == subject,
        }
        for grant in found
    ]


def expire(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    """Remove reviewed grants from before the moment; one that nobody reviewed is kept until somebody does."""
    old = [grant.pk for grant in _expired(organisation_id, before, held)]
    Grant.objects.for_organisation(organisation_id).filter(pk__in=old).delete()
    return len(old)


def due(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    return len(_expired(organisation_id, before, held))


def count(organisation_id: UUID, subject: Ref | None) -> int:
    found = Grant.objects.for_organisation(organisation_id)
    return (found if subject is None else found.filter(_of(subject))).count()


def _expired(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> list[GrantWithFinding]:
    old = grants(organisation_id).filter(expires_at__lt=before, verdict__in=CLOSING)
    return [grant for grant in old if grant.subject not in held]


def _of(subject: Ref) -> Q:
    about = Q(subject_kind=subject.kind, subject_id=subject.id)
    return about | Q(person_id=subject.id) if subject.kind == "person" else about


def _readable(grant: Grant) -> str:
    try:
        return grant.note or ""
    except KeyDestroyedError:
        return ""
