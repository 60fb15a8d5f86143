"""Files of other systems on their way into the record: sealed, and gone once they were read."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical_assist.models import SUBJECT, FhirImport
from clinical_assist.personal_data import rows_of_person
from llmasos.audit.types import Ref
from llmasos.privacy.registry import Store, register_store
from llmasos.privacy.subjects import id_of


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
    """Delete all files that wait or are being read: who is named in them cannot be told without opening them, and they
    can come again. An import that runs ends before its next file, so that it brings nobody back.

    What reports say of the imports that the patient came with goes too: files are often named after the patient.
    """
    rows, state = FhirImport.objects.for_organisation(organisation_id), FhirImport.State
    people = rows_of_person(organisation_id, id_of(subject))
    for one in rows.filter(state__in=(state.WAITING, state.RUNNING)):
        one.state, one.upload, one.finished_at = state.FAILED, [], timezone.now()
        one.save(update_fields=["state", "upload", "finished_at"])
    told = rows.filter(Q(patients__in=people) | Q(encounters__patient__in=people) | Q(items__patient__in=people))
    for one in rows.filter(pk__in=told.values("pk")):
        one.report = []
        one.save(update_fields=["report"])
    return rows.filter(state=state.UPLOADED).delete()[0]
