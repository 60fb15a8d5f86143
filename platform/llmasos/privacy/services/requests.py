"""Requests about one's own data, from the day they arrive to the decision."""

from __future__ import annotations

import calendar
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import permissions
from llmasos.privacy.errors import PrivacyError, RequestClosedError
from llmasos.privacy.models import LONGEST_TEXT, OPEN_STATES, Note, Request, RequestKind, RequestState
from llmasos.privacy.services.erasure import start_erasure
from llmasos.privacy.subjects import id_of, require_known

MONTHS = 1
"""The time for an answer (GDPR, article 12(3)), and the further months that a reason may add to it."""
MORE_MONTHS = 2
MOST_OPEN = 5


def make_request(principal: Principal, subject: Ref, kind: str, *, details: str = "") -> Request:
    """Store what a subject asks, or what an administrator took down for one, and set the day it is due.

    Raises:
        NotAllowedError: somebody else asks.
        UnknownSubjectError: the organisation knows no such subject.
        PrivacyError: the subject has five open requests, or the same one, already; or the text is too long.
        ValueError: there is no such kind of request.
    """
    if len(details) > LONGEST_TEXT:
        raise PrivacyError(_("Please use %(most)d characters at most.") % {"most": LONGEST_TEXT})
    with acting_in(principal.organisation_id):
        permissions.require_self_or_officer(principal, subject)
        require_known(principal.organisation_id, subject)
        present = Request.objects.for_organisation(principal.organisation_id).filter(
            subject_kind=subject.kind, subject_id=id_of(subject), state__in=OPEN_STATES
        )
        if len(present) >= MOST_OPEN:
            raise PrivacyError(_("There are %(count)d open requests already.") % {"count": MOST_OPEN})
        if kind == RequestKind.ERASURE and any(one.kind == kind for one in present):
            raise PrivacyError(_("Erasure is requested already."))
        now = timezone.now()
        request = Request(
            organisation_id=principal.organisation_id,
            subject_kind=subject.kind,
            subject_id=id_of(subject),
            kind=RequestKind(kind),
            made_by_kind=principal.kind,
            made_by_id=principal.id,
            received_at=now,
            due_at=months_after(now, MONTHS),
        )
        if details.strip():
            request.details = details.strip()
        request.save(force_insert=True)
        _record(principal, request, "privacy.request_made")
    return request


def take_on(principal: Principal, request_id: UUID) -> Request:
    """Mark a request as in work. Raises ``NotAllowedError``, ``RequestClosedError``, ``Request.DoesNotExist``."""
    with acting_in(principal.organisation_id):
        request = _open(principal, request_id)
        if request.state == RequestState.NEW:
            request.state = RequestState.WORKING
            request.save(update_fields=["state"])
            _record(principal, request, "privacy.request_taken_on")
    return request


def extend(principal: Principal, request_id: UUID, *, reason: str) -> Request:
    """Take two further months, once, with a reason that the subject is shown.

    Raises what ``take_on`` raises, and ``PrivacyError`` when it was extended before.
    """
    with acting_in(principal.organisation_id):
        request = _open(principal, request_id)
        if request.extended_at is not None:
            raise PrivacyError(_("It was extended before; it cannot be extended again."))
        request.extended_at = timezone.now()
        request.due_at = months_after(request.received_at, MONTHS + MORE_MONTHS)
        request.extension_reason = reason
        request.save(update_fields=["extended_at", "due_at", "extension_reason"])
        _record(principal, request, "privacy.request_extended")
    return request


def add_note(principal: Principal, request_id: UUID, *, text: str) -> Note:
    """Write a note beside a request, for those who work on it. Raises ``NotAllowedError``, ``Request.DoesNotExist``."""
    with acting_in(principal.organisation_id):
        permissions.require_officer(principal)
        request = Request.objects.for_organisation(principal.organisation_id).get(pk=request_id)
        note = Note.objects.create(
            organisation_id=principal.organisation_id,
            subject_kind=request.subject_kind,
            subject_id=request.subject_id,
            request=request,
            text=text,
            written_by_id=principal.id,
        )
        _record(principal, request, "privacy.note_added")
    return note


def accept(principal: Principal, request_id: UUID, *, reason: str = "") -> Request:
    """Do as asked. An erasure starts now and closes the request when it has ended; others are closed at once.

    Raises what ``take_on`` and ``start_erasure`` raise.
    """
    with acting_in(principal.organisation_id):
        request = _open(principal, request_id)
        if request.kind == RequestKind.ERASURE:
            request.state = RequestState.WORKING
            request.save(update_fields=["state"])
            _record(principal, request, "privacy.request_accepted")
            start_erasure(principal, request.subject, request=request)
            return request
        return _decided(principal, request, RequestState.DONE, reason, "privacy.request_accepted")


def refuse(principal: Principal, request_id: UUID, *, reason: str) -> Request:
    """Refuse with a reason that the subject is shown. Raises what ``take_on`` raises."""
    with acting_in(principal.organisation_id):
        request = _open(principal, request_id)
        return _decided(principal, request, RequestState.REFUSED, reason, "privacy.request_refused")


def months_after(start: datetime, months: int) -> datetime:
    """Return the same day some months later, or that month's last where it has no such day."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def _open(principal: Principal, request_id: UUID) -> Request:
    permissions.require_officer(principal)
    request = Request.objects.for_organisation(principal.organisation_id).select_for_update().get(pk=request_id)
    if not request.is_open:
        raise RequestClosedError(_("This request was decided already."))
    return request


def _decided(principal: Principal, request: Request, state: RequestState, reason: str, action: str) -> Request:
    request.state, request.decided_at, request.decided_by_id = state, timezone.now(), principal.id
    changed = ["state", "decided_at", "decided_by_id"]
    if reason.strip():
        request.decision_reason = reason.strip()
        changed.append("decision_reason")
    request.save(update_fields=changed)
    _record(principal, request, action)
    return request


def _record(principal: Principal, request: Request, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=request.subject,
        object=Ref("privacy_request", request.pk),
        purpose="rights",
        digests={"kind": str(request.kind)},
    )
