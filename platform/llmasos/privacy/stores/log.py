"""The audit log: entries that stay as the proof, and sealed payloads that go."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from llmasos.audit.models import Payload
from llmasos.audit.queries import payload_of
from llmasos.audit.services import remove_payloads
from llmasos.audit.types import Actor, Ref
from llmasos.privacy.registry import Store, register_store
from llmasos.privacy.subjects import id_of
from llmasos.vault.errors import VaultError

_SYSTEM = Actor("system")


def register() -> None:
    duty = _("Legal duty (GDPR, article 6(1)(c))")
    register_store(
        Store(
            name="audit.payloads",
            label=_("Sealed details of log entries"),
            purpose=_("To explain an entry of the log where ids do not suffice"),
            categories=(_("Details of what happened"),),
            legal_basis=duty,
            protection="encrypted",
            subject_kinds=("*",),
            retention_class="audit_payloads",
            tables=("audit_payload",),
            erase=lambda organisation_id, subject: remove_payloads(
                organisation_id=organisation_id, actor=_SYSTEM, subject=subject
            ),
            export=_export_payloads,
            count=lambda organisation_id, subject: _payloads(organisation_id, subject).count(),
            expire=_expire_payloads,
            due=lambda organisation_id, before, held: _old(organisation_id, before, held).count(),
        )
    )
    register_store(
        Store(
            name="audit.entries",
            label=_("Audit log"),
            purpose=_("To prove who saw and changed what"),
            categories=(_("Ids, codes, times and digests"),),
            legal_basis=duty,
            protection="ids and digests",
            subject_kinds=("*",),
            retention_class="audit",
            tables=("audit_entry", "audit_position"),
            erase=lambda organisation_id, subject: 0,
            export=lambda organisation_id, subject: [],
            kept=_("Entries hold ids and digests. Without them nothing could be proved any more."),
        )
    )


def _payloads(organisation_id: UUID, subject: Ref | None) -> QuerySet[Payload]:
    rows = Payload.objects.filter(organisation_id=organisation_id)
    return rows if subject is None else rows.filter(subject_kind=subject.kind, subject_id=id_of(subject))


def _old(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> QuerySet[Payload]:
    rows = _payloads(organisation_id, None).filter(recorded_at__lt=before)
    return rows.exclude(subject_id__in=[id_of(subject) for subject in held])


def _expire_payloads(organisation_id: UUID, before: datetime, held: frozenset[Ref]) -> int:
    if not held:
        return remove_payloads(organisation_id=organisation_id, actor=_SYSTEM, before=before)
    subjects = _old(organisation_id, before, held).values_list("subject_kind", "subject_id").distinct()
    return sum(
        remove_payloads(organisation_id=organisation_id, actor=_SYSTEM, subject=Ref(kind, identifier), before=before)
        for kind, identifier in list(subjects)
    )


def _export_payloads(organisation_id: UUID, subject: Ref) -> list[dict[str, Any]]:
    found = []
    for row in _payloads(organisation_id, subject).select_related("entry").order_by("recorded_at"):
        try:
            details = payload_of(row.entry)
        except VaultError:
            details = None
        found.append({"action": row.entry.action, "recorded_at": row.recorded_at.isoformat(), "details": details})
    return found
