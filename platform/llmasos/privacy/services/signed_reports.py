"""The report of an erasure as a third party can check it: with its log entry and the signature over that."""

from __future__ import annotations

import io
import zipfile
from uuid import UUID

import rfc8785
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.bundle import bundle_lines
from llmasos.audit.models import Checkpoint, Position
from llmasos.audit.reading import Selection
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import permissions
from llmasos.privacy.errors import NotSignedYetError
from llmasos.privacy.models import Erasure

REPORT, PROOF = "report.json", "proof.jsonl"


def signed_report(principal: Principal, erasure_id: UUID) -> bytes:
    """Return a zip archive of an erasure's report and the proof of its digest, for ``llmasos-verify``.

    The report is in RFC 8785 form, so that its SHA-256 is the digest in the entry; the proof leads from that entry to
    a signed checkpoint. That it was handed out is recorded.

    Raises:
        NotAllowedError: the principal is neither administrator nor auditor.
        Erasure.DoesNotExist: the organisation has no such erasure.
        NotSignedYetError: it is not done, or no checkpoint covers its entry yet.
    """
    with acting_in(principal.organisation_id):
        permissions.require_reader(principal)
        erasure = Erasure.objects.for_organisation(principal.organisation_id).get(pk=erasure_id)
        seq = _signed_entry(erasure)
        if seq is None:
            raise NotSignedYetError(_("The report is under the next signed checkpoint, within about a minute."))
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="privacy.erasure_report_read",
            subject=erasure.subject,
            object=Ref("erasure", erasure.pk),
            digests={"report": erasure.report_digest, "entry": seq},
        )
        proof = "".join(
            f"{line}\n" for line in bundle_lines(principal.organisation_id, Selection(to_seq=seq, entry_seq=seq))
        )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _explanation(erasure) + "\n")
        archive.writestr(REPORT, rfc8785.dumps(erasure.report))
        archive.writestr(PROOF, proof)
    return content.getvalue()


def is_signed(erasure: Erasure) -> bool:
    """Whether a signed checkpoint covers the report's entry. Inside ``acting_in``."""
    return _signed_entry(erasure) is not None


def _signed_entry(erasure: Erasure) -> int | None:
    """Return the number of the entry that holds the report's digest, where a checkpoint covers it."""
    organisation_id = erasure.organisation_id
    size = (
        Checkpoint.objects.filter(organisation_id=organisation_id)
        .order_by("-number")
        .values_list("size", flat=True)
        .first()
    )
    entries = Position.objects.filter(
        organisation_id=organisation_id, entry__action="privacy.erased", entry__object_id=erasure.pk
    )
    return entries.filter(seq__lte=size or 0).values_list("seq", flat=True).first()


def _explanation(erasure: Erasure) -> str:
    return _(
        "report.json says what was removed where. Its SHA-256 is %(digest)s and stands in the log's entry"
        " “privacy.erased” in proof.jsonl, under a signed checkpoint. Check the proof with"
        " `llmasos-verify proof.jsonl --key KEY`, where KEY is the installation's verifier key, had from elsewhere."
    ) % {"digest": erasure.report_digest}
