"""Everything that is held of a subject, machine-readable, with who saw it."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import permissions, queries
from llmasos.privacy.registry import stores_of
from llmasos.privacy.subjects import require_known

FORMAT = "llmasos-subject-export/1"


def export_subject(principal: Principal, subject: Ref) -> dict[str, Any]:
    """Return what every store holds of a subject, and the log of accesses, as one JSON object.

    The subject itself and administrators may; the export is recorded, and stands in the log that it carries.

    Raises:
        NotAllowedError: somebody else asks.
        UnknownSubjectError: the organisation knows no such subject.
    """
    with acting_in(principal.organisation_id):
        permissions.require_self_or_officer(principal, subject)
        require_known(principal.organisation_id, subject)
        organisation = Organisation.objects.get(pk=principal.organisation_id)
        held = [
            {
                "store": store.name,
                "label": str(store.label),
                "purpose": str(store.purpose),
                "categories": [str(category) for category in store.categories],
                "legal_basis": str(store.legal_basis),
                "items": store.export(principal.organisation_id, subject),
            }
            for store in stores_of(subject.kind)
        ]
        items = sum(len(store["items"]) for store in held)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="privacy.exported",
            subject=subject,
            purpose="rights",
            digests={"stores": len(held), "items": items},
        )
        entries = queries.entries_about(principal.organisation_id, subject)
        accesses = queries.in_words(entries, subject, names=shows_names(subject))
        return {
            "format": FORMAT,
            "organisation": {"name": organisation.name, "id": str(organisation.pk)},
            "subject": {"kind": subject.kind, "id": str(subject.id)},
            "exported_at": timezone.now().isoformat(),
            "stores": held,
            "access_log": [access.as_dict() for access in accesses],
        }


def shows_names(subject: Ref) -> bool:
    """Whether the subject is told the names of those who saw its data: members are; others are told roles."""
    return subject.kind == "person"


def as_zip(export: dict[str, Any]) -> bytes:
    """Return the export as an archive: one file with everything, one for each store, one with the accesses."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _explanation() + "\n")
        archive.writestr("export.json", _json(export))
        archive.writestr("access-log.json", _json(export["access_log"]))
        for store in export["stores"]:
            archive.writestr(f"stores/{store['store']}.json", _json(store))
    return content.getvalue()


def _explanation() -> str:
    return _(
        "This archive holds what the organisation keeps about you. export.json has everything; the folder stores has"
        " the same, by place; access-log.json says who saw or changed it, when and why."
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
