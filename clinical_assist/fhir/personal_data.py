"""Files of other systems on their way into the record: sealed, and gone once they were read."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from clinical_assist.models import SUBJECT, FhirImport
from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, register_store


def register() -> None:
    """Make the uploads known; called once, in ``AppConfig.ready``."""
    register_store(
        Store(
            name="clinical.imports",
            label=_("Records from other systems on their way"),
            purpose=_("To take over the record of a patient from another system"),
            categories=(_("Names and numbers"), _("Health data")),
            legal_basis=_("Health care (GDPR, article 9(2)(h))"),
            protection="encrypted",
            subject_kinds=(SUBJECT,),
            tables=("clinical_assist_fhirimport",),
            erase=_erase,
            export=lambda organisation_id, subject: [],
            kept=_("Files are deleted once they were read, and after a day at most. What they say is in the record."),
            order=29,
        )
    )


def _erase(organisation_id: UUID, subject: Ref) -> int:
    """Delete all files that wait: who is named in them cannot be told without opening them, and they can come again."""
    waiting = FhirImport.objects.for_organisation(organisation_id).filter(state=FhirImport.State.UPLOADED)
    return waiting.delete()[0]
