"""What privacy itself keeps: requests with their notes, consents, holds and reports of erasures."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from llmasos.audit.types import Ref
from llmasos.privacy import queries
from llmasos.privacy.models import Consent, LegalHold, Note, Request
from llmasos.privacy.registry import Store, register_store
from llmasos.privacy.stores.rows import exported

EVERYBODY = ("*",)


def register() -> None:
    duty = _("Legal duty (GDPR, article 6(1)(c))")
    register_store(
        Store(
            name="privacy.requests",
            label=_("Privacy requests and their notes"),
            purpose=_("To answer people who ask about their data"),
            categories=(_("What was asked and decided"),),
            legal_basis=duty,
            protection="encrypted",
            subject_kinds=EVERYBODY,
            retention_class="privacy_requests",
            tables=("privacy_request", "privacy_note"),
            erase=_erase_requests,
            export=lambda organisation_id, subject: exported(
                queries.requests_of(organisation_id, subject),
                ("kind", "state", "details", "received_at", "due_at", "extension_reason", "decided_at",
                 "decision_reason"),
            ),
            count=_count_requests,
            expire=lambda organisation_id, before, held: _old_requests(organisation_id, before, held).delete()[0],
            due=lambda organisation_id, before, held: _old_requests(organisation_id, before, held).count(),
        )
    )  # fmt: skip
    register_store(
        Store(
            name="privacy.consents",
            label=_("Consents"),
            purpose=_("To prove what people agreed to"),
            categories=(_("Purpose, version of the text, times"),),
            legal_basis=duty,
            protection="row security",
            subject_kinds=EVERYBODY,
            tables=("privacy_consent", "privacy_consenttext"),
            erase=lambda organisation_id, subject: queries.consents_of(organisation_id, subject).delete()[0],
            export=_export_consents,
            count=lambda organisation_id, subject: _of(
                Consent.objects.for_organisation(organisation_id), subject
            ).count(),
        )
    )
    register_store(
        Store(
            name="privacy.holds",
            label=_("Reasons of legal holds"),
            purpose=_("To keep what the law or a dispute demands"),
            categories=(_("Reason of a hold"),),
            legal_basis=duty,
            protection="encrypted",
            subject_kinds=EVERYBODY,
            tables=("privacy_legalhold",),
            erase=lambda organisation_id, subject: _of(
                LegalHold.objects.for_organisation(organisation_id), subject
            ).delete()[0],
            export=lambda organisation_id, subject: exported(
                _of(LegalHold.objects.for_organisation(organisation_id), subject), ("placed_at", "lifted_at")
            ),
            count=lambda organisation_id, subject: _of(
                LegalHold.objects.for_organisation(organisation_id), subject
            ).count(),
        )
    )
    register_store(
        Store(
            name="privacy.erasures",
            label=_("Reports of erasures"),
            purpose=_("To prove that an erasure was done, and to repeat it after a restore"),
            categories=(_("Kind and id of the person, counts"),),
            legal_basis=duty,
            protection="ids and digests",
            subject_kinds=EVERYBODY,
            tables=("privacy_erasure",),
            erase=lambda organisation_id, subject: 0,
            export=lambda organisation_id, subject: [],
            kept=_("The report names the id and counts, nothing that somebody said or is called."),
        )
    )


def _of(rows: QuerySet[Any], subject: Ref | None) -> QuerySet[Any]:
    return rows if subject is None else rows.filter(subject_kind=subject.kind, subject_id=subject.id)


_WRITTEN = Q(details__isnull=False) | Q(extension_reason__isnull=False) | Q(decision_reason__isnull=False)


def _erase_requests(organisation_id: UUID, subject: Ref) -> int:
    """Take the words out and leave what was asked and decided when: the organisation must be able to show that."""
    notes = _of(Note.objects.for_organisation(organisation_id), subject).delete()[0]
    cleared = (
        _of(Request.objects.for_organisation(organisation_id), subject)
        .filter(_WRITTEN)
        .update(details=None, extension_reason=None, decision_reason=None)
    )
    return int(notes) + int(cleared)


def _count_requests(organisation_id: UUID, subject: Ref | None) -> int:
    requests = _of(Request.objects.for_organisation(organisation_id), subject).filter(_WRITTEN)
    return int(requests.count()) + int(_of(Note.objects.for_organisation(organisation_id), subject).count())


def _old_requests(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Request]:
    rows = Request.objects.for_organisation(organisation_id).filter(decided_at__lt=before)
    return rows.exclude(subject_id__in=[ref.id for ref in held])


def _export_consents(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    return [
        {
            "purpose": consent.purpose,
            "version": consent.text.version,
            "text": consent.text.text,
            "digest": consent.text.digest,
            "given_at": consent.given_at.isoformat(),
            "withdrawn_at": consent.withdrawn_at.isoformat() if consent.withdrawn_at else None,
        }
        for consent in queries.consents_of(organisation_id, subject)
    ]
