"""Consent: which words, in which version, given when, recorded by whom, and withdrawn when."""

from __future__ import annotations

import hashlib

from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy import permissions
from llmasos.privacy.errors import ConsentError
from llmasos.privacy.models import Consent, ConsentText
from llmasos.privacy.subjects import id_of, require_known


def publish_text(principal: Principal, *, purpose: str, text: str, language: str = "en") -> ConsentText:
    """Publish the words that people consent to; unchanged words keep their version.

    Raises:
        NotAllowedError: the principal is no administrator.
        ValidationError: the purpose is no short code.
    """
    text = text.strip()
    digest = hashlib.sha256(text.encode()).hexdigest()
    with acting_in(principal.organisation_id):
        permissions.require_officer(principal)
        latest = _latest(principal, purpose, language)
        if latest is not None and latest.digest == digest:
            return latest
        published = ConsentText(
            organisation_id=principal.organisation_id,
            purpose=purpose,
            version=latest.version + 1 if latest else 1,
            language=language,
            text=text,
            digest=digest,
        )
        published.full_clean(exclude=["organisation"])
        published.save(force_insert=True)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="privacy.consent_text_published",
            object=Ref("consent_text", published.pk),
            digests={"text": digest, "version": published.version},
        )
    return published


def give_consent(principal: Principal, subject: Ref, *, purpose: str, language: str = "en") -> Consent:
    """Record that the subject consents to the newest text of a purpose. The subject or an administrator may.

    Consent to the same version stands; consent to an older one is replaced.

    Raises:
        NotAllowedError: somebody else asks.
        UnknownSubjectError: the organisation knows no such subject.
        ConsentError: no text is published for the purpose.
    """
    with acting_in(principal.organisation_id):
        permissions.require_self_or_officer(principal, subject)
        require_known(principal.organisation_id, subject)
        text = _latest(principal, purpose, language)
        if text is None:
            raise ConsentError(_("No text is published for this purpose."))
        present = _active(principal, subject, purpose)
        if present is not None and present.text_id == text.pk:
            return present
        if present is not None:
            _end(principal, present)
        consent = Consent.objects.create(
            organisation_id=principal.organisation_id,
            subject_kind=subject.kind,
            subject_id=id_of(subject),
            text=text,
            purpose=purpose,
            recorded_by_kind=principal.kind,
            recorded_by_id=principal.id,
        )
        _record(principal, consent, "privacy.consent_given", text)
    return consent


def withdraw_consent(principal: Principal, subject: Ref, *, purpose: str) -> Consent:
    """Withdraw a consent. What was done under it before stays lawful; nothing may be done under it any more.

    Raises:
        NotAllowedError: somebody else than the subject or an administrator asks.
        ConsentError: there is no consent to withdraw.
    """
    with acting_in(principal.organisation_id):
        permissions.require_self_or_officer(principal, subject)
        present = _active(principal, subject, purpose)
        if present is None:
            raise ConsentError(_("There is no consent to withdraw."))
        _end(principal, present)
        _record(principal, present, "privacy.consent_withdrawn", present.text)
    return present


def _latest(principal: Principal, purpose: str, language: str) -> ConsentText | None:
    return (
        ConsentText.objects.for_organisation(principal.organisation_id)
        .filter(purpose=purpose, language=language)
        .order_by("-version")
        .first()
    )


def _active(principal: Principal, subject: Ref, purpose: str) -> Consent | None:
    return (
        Consent.objects.for_organisation(principal.organisation_id)
        .select_for_update(of=("self",))
        .select_related("text")
        .filter(subject_kind=subject.kind, subject_id=id_of(subject), purpose=purpose, withdrawn_at__isnull=True)
        .first()
    )


def _end(principal: Principal, consent: Consent) -> None:
    consent.withdrawn_at = timezone.now()
    consent.withdrawn_by_kind, consent.withdrawn_by_id = principal.kind, principal.id
    consent.save(update_fields=["withdrawn_at", "withdrawn_by_kind", "withdrawn_by_id"])


def _record(principal: Principal, consent: Consent, action: str, text: ConsentText) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        subject=consent.subject,
        object=Ref("consent", consent.pk),
        purpose=consent.purpose,
        digests={"text": text.digest, "version": text.version},
    )
