"""A version's way: proposed by one person, reviewed by another, put in use, rolled back."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from clinical_assist.governance.leads import require_governing
from clinical_assist.governance.versions.kinds import ContentError, digest_of, kind_of
from clinical_assist.governance.versions.queries import base_of, current_content, current_digest, version_for
from clinical_assist.models import KnowledgeVersion
from clinical_assist.permissions import READERS
from llmasos.accounts.models import Organisation
from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in, kept_while_acting
from llmasos.audit.services import record
from llmasos.audit.types import Ref

State = KnowledgeVersion.State
LARGEST_CONTENT = 8 * 1024 * 1024


class VersionError(ValueError):
    """What was asked does not fit the version's state; the message says why."""


def propose(principal: Principal, kind: str, content: str, note: str) -> KnowledgeVersion:
    """Check a content and keep it as a proposal.

    Raises:
        PermissionDenied: the principal is neither clinician nor administrator.
        ContentError: the content is not consistent, too large, or what is in use already.
        ValidationError: there is no note, or it is too long.
    """
    person_id = _require_reader(principal)
    if len(content) > LARGEST_CONTENT:
        raise ContentError(_("The tables are larger than 8 MB."))
    organisation_id = principal.organisation_id
    with acting_in(organisation_id):
        _require_fitting(organisation_id, kind, content)
        kind_of(kind).tables(content)
        base = current_digest(organisation_id, kind)
        if digest_of(content) == base:
            raise ContentError(_("This is what is in use already: nothing would change."))
        _lock(organisation_id)
        rows = KnowledgeVersion.objects.for_organisation(organisation_id).filter(kind=kind)
        version = KnowledgeVersion(
            organisation_id=organisation_id,
            kind=kind,
            number=(rows.aggregate(last=Max("number"))["last"] or 0) + 1,
            content=content,
            digest=digest_of(content),
            base_digest=base,
            figures={} if kind_of(kind).measure is None else None,
            note=note.strip(),
            proposed_by_id=person_id,
        )
        _check_words(version)
        version.save(force_insert=True)
        _record(principal, version, "clinical.version_proposed")
        return version


def propose_again(principal: Principal, version_id: UUID) -> KnowledgeVersion:
    """Make the changes of a version that was overtaken once more on what is in use, as a proposal of its own.

    Raises:
        PermissionDenied, ContentError: as :func:`propose`.
        KnowledgeVersion.DoesNotExist: there is none.
        VersionError: what it was made from is not there any more, or its kind cannot do that.
    """
    _require_reader(principal)
    with acting_in(principal.organisation_id):
        version = version_for(principal.organisation_id, version_id)
        carried, base = kind_of(version.kind).carried, base_of(version)
        if carried is None or base is None:
            raise VersionError(_("Its changes cannot be told from what it was made from: propose them anew."))
        content = carried(version.content, base, current_content(principal.organisation_id, version.kind))
        return propose(principal, version.kind, content, version.note)


def measure(principal: Principal, version_id: UUID) -> KnowledgeVersion:
    """Measure a version beside what is in use and keep the figures; once. Takes seconds.

    Raises:
        PermissionDenied: as :func:`propose`.
        KnowledgeVersion.DoesNotExist: there is none.
    """
    _require_reader(principal)
    with acting_in(principal.organisation_id):
        version = version_for(principal.organisation_id, version_id)
        measured_by = kind_of(version.kind).measure
        if version.figures is None and measured_by is not None:
            figures = dict(measured_by(version.content, current_content(principal.organisation_id, version.kind)))
            version.figures = figures
            version.save(update_fields=["figures"])
            _record(principal, version, "clinical.version_measured")
        return version


def review(principal: Principal, version_id: UUID, note: str, *, approve: bool) -> KnowledgeVersion:
    """Approve or reject a proposal of somebody else.

    Raises:
        PermissionDenied: the principal does not govern.
        KnowledgeVersion.DoesNotExist: there is none.
        VersionError: it is the principal's own, or no longer a proposal.
    """
    with acting_in(principal.organisation_id):
        person_id = require_governing(principal)
        version = _locked(principal, version_id)
        if version.state != State.PROPOSED:
            raise VersionError(_("This version is no longer a proposal."))
        if version.proposed_by_id == person_id:
            raise VersionError(_("Somebody else than who proposed it has to review it."))
        version.state = State.REVIEWED if approve else State.REJECTED
        version.reviewed_by_id, version.reviewed_at = person_id, timezone.now()
        version.review_note = note.strip()
        _check_words(version)
        version.save(update_fields=["state", "reviewed_by", "reviewed_at", "review_note"])
        _record(principal, version, "clinical.version_reviewed", approved=approve)
        return version


def activate(principal: Principal, version_id: UUID) -> KnowledgeVersion:
    """Put a reviewed version in use, or one that was in use before; the present one is retired.

    Raises:
        PermissionDenied, KnowledgeVersion.DoesNotExist: as :func:`review`.
        VersionError: it was not approved, not measured yet, or does not go with what else is in use.
    """
    with acting_in(principal.organisation_id):
        person_id = require_governing(principal)
        _lock(principal.organisation_id)
        version = _locked(principal, version_id)
        if version.state not in {State.REVIEWED, State.RETIRED}:
            raise VersionError(_("Only a version that was approved in a review can be put in use."))
        if version.figures is None:
            raise VersionError(_("Wait until the version is measured."))
        _require_fitting_in_use(version.organisation_id, version.kind, version.content)
        _retire(principal, version.kind)
        version.state, version.retired_at = State.ACTIVE, None
        version.activated_by_id, version.activated_at = person_id, timezone.now()
        version.save(update_fields=["state", "retired_at", "activated_by", "activated_at"])
        _forget()
        _record(principal, version, "clinical.version_activated")
        return version


def back_to_built_in(principal: Principal, kind: str) -> None:
    """Work with what comes with the application again.

    Raises:
        PermissionDenied: the principal does not govern.
        VersionError: it does not go with what else is in use.
    """
    with acting_in(principal.organisation_id):
        require_governing(principal)
        _lock(principal.organisation_id)
        _require_fitting_in_use(principal.organisation_id, kind, kind_of(kind).built_in())
        _retire(principal, kind)
        _forget()


def _lock(organisation_id: UUID) -> None:
    """Let one change of an organisation's versions, of whatever kind, go on at a time.

    Kinds are held against each other: what others put in use is seen only when they are through.
    """
    Organisation.objects.select_for_update().get(pk=organisation_id)
    _forget()


def _require_fitting(organisation_id: UUID, kind: str, content: str) -> None:
    hold = kind_of(kind).require_fitting
    if hold is not None:
        hold(organisation_id, content)


def _require_fitting_in_use(organisation_id: UUID, kind: str, content: str) -> None:
    """What else is in use may have changed since the content was proposed."""
    try:
        _require_fitting(organisation_id, kind, content)
    except ContentError as error:
        raise VersionError(str(error)) from error


def _forget() -> None:
    """Drop what this unit of work has read of what was in use."""
    kept = kept_while_acting()
    if kept is not None:
        kept.clear()


def _retire(principal: Principal, kind: str) -> None:
    rows = KnowledgeVersion.objects.for_organisation(principal.organisation_id).select_for_update()
    present = rows.filter(kind=kind, state=State.ACTIVE).first()
    if present is not None:
        present.state, present.retired_at = State.RETIRED, timezone.now()
        present.save(update_fields=["state", "retired_at"])
        _record(principal, present, "clinical.version_retired")


def _locked(principal: Principal, version_id: UUID) -> KnowledgeVersion:
    rows = KnowledgeVersion.objects.for_organisation(principal.organisation_id).select_for_update()
    return rows.get(pk=version_id)


def _check_words(version: KnowledgeVersion) -> None:
    version.clean_fields(exclude={field.name for field in version._meta.fields} - {"note", "review_note"})


def _require_reader(principal: Principal) -> UUID:
    if principal.kind != "person" or principal.id is None or not principal.has_role(*READERS):
        raise PermissionDenied
    return principal.id


def _record(principal: Principal, version: KnowledgeVersion, action: str, **digests: bool) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("knowledge_version", version.pk),
        digests={"kind": str(version.kind), "content": version.digest, "number": version.number, **digests},
    )
