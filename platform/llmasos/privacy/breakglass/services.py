"""Asking for emergency access, ending it, reviewing it: each with its log entry in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from llmasos.accounts.models import Role
from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.privacy.breakglass import notices, permissions, queries
from llmasos.privacy.breakglass.errors import NoGrantError, NotAllowedError, NotConfirmedError, NotCoveredError
from llmasos.privacy.breakglass.models import Grant, Reason, Review, Verdict
from llmasos.privacy.breakglass.registry import covered_kind

active_grant = queries.active_grant

# How long a proof of who somebody is counts: the page asks for one not older than five minutes, and reasons take time.
CONFIRMED_WITHIN = timedelta(minutes=10)
SHORTEST = timedelta(minutes=5)
SHORTEST_NOTE = 10


def ask_access(
    principal: Principal,
    subject: Ref,
    reason: str,
    *,
    note: str,
    confirmed_at: datetime | None,
    duration: timedelta | None = None,
) -> Grant:
    """Give the principal access to one subject at once, for ``duration`` (the kind's longest by default).

    ``confirmed_at`` is when the person last proved who they are, by password or second factor. A grant that runs
    already is returned as it is, so that a form sent twice has one effect. The organisation's reviewers are told.

    Raises:
        NotCoveredError: emergency access does not exist for this kind, or there is no such subject here.
        NotAllowedError: no person, or a role that may not ask. The refusal is recorded by the page.
        NotConfirmedError: the proof is missing or too old.
        ValidationError: the reason is unknown, the note too short or long, or the duration out of bounds.
    """
    covered = covered_kind(subject.kind)
    if not permissions.may_ask(principal, subject.kind) or principal.id is None:
        raise NotAllowedError(_("Your role may not ask for this access."))
    now = timezone.now()
    if confirmed_at is None or not now - CONFIRMED_WITHIN <= confirmed_at <= now:
        raise NotConfirmedError(_("Please confirm again who you are."))
    wanted = duration or covered.longest
    if not SHORTEST <= wanted <= covered.longest:
        raise ValidationError(_("This access cannot last that long, or is too short to be of use."))
    with acting_in(principal.organisation_id):
        if subject.id is None or covered.describe(principal.organisation_id, subject.id) is None:
            raise NotCoveredError(_("There is no such person here."))
        _one_at_a_time(principal.id, subject)
        running = queries.active_grant(principal, subject)
        if running is not None:
            return running
        grant = Grant(
            organisation_id=principal.organisation_id,
            subject_kind=subject.kind,
            subject_id=subject.id,
            person_id=principal.id,
            role=principal.actor.role,
            reason=Reason(reason) if reason in Reason.values else reason,
            note=_words(note),
            granted_at=now,
            expires_at=now + wanted,
        )
        grant.clean_fields(exclude=("ended_at", "announced_at"))
        grant.save(force_insert=True)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="breakglass.granted",
            subject=subject,
            object=Ref("grant", grant.pk),
            purpose=permissions.PURPOSE,
            digests={
                "reason": grant.reason,
                "minutes": int(wanted.total_seconds() // 60),
            },
            payload={"note": grant.note},
        )
        # A broker that is away holds nobody up: beat announces what was not announced.
        transaction.on_commit(notices.announce_soon, robust=True)
    return grant


def end_grant(principal: Principal, grant_id: UUID) -> Grant:
    """End the principal's own running grant before its time.

    Raises:
        NoGrantError: it is not theirs, not here, or over.
    """
    with acting_in(principal.organisation_id):
        grant = (
            Grant.objects.for_organisation(principal.organisation_id).select_for_update().filter(pk=grant_id).first()
        )
        if grant is None or grant.person_id != principal.id or not grant.is_active:
            raise NoGrantError(_("This access is over already."))
        grant.ended_at = timezone.now()
        grant.save(update_fields=["ended_at"])
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="breakglass.ended",
            subject=grant.subject,
            object=Ref("grant", grant.pk),
            purpose=permissions.PURPOSE,
        )
    return grant


def review(principal: Principal, grant_id: UUID, verdict: str, *, note: str) -> Review:
    """Record what an administrator found about somebody else's grant.

    "Needs follow-up" keeps the grant in the queue. A grant can be reviewed again; the last finding counts.

    Raises:
        NotAllowedError: no administrator, or their own access.
        NoGrantError: there is no such grant here.
        ValidationError: the finding is unknown, or the note too short or long.
    """
    if principal.kind != "person" or principal.id is None or not principal.has_role(Role.ADMINISTRATOR):
        raise NotAllowedError(_("Only administrators review emergency access."))
    with acting_in(principal.organisation_id):
        grant = Grant.objects.for_organisation(principal.organisation_id).filter(pk=grant_id).first()
        if grant is None:
            raise NoGrantError(_("There is no such access here."))
        if grant.person_id == principal.id:
            raise NotAllowedError(_("Nobody reviews their own access: another administrator does."))
        found = Review(
            organisation_id=principal.organisation_id,
            subject_kind=grant.subject_kind,
            subject_id=grant.subject_id,
            grant=grant,
            reviewer_id=principal.id,
            verdict=Verdict(verdict) if verdict in Verdict.values else verdict,
            note=_words(note),
        )
        found.clean_fields()
        found.save(force_insert=True)
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="breakglass.reviewed",
            subject=grant.subject,
            object=Ref("grant", grant.pk),
            digests={"finding": found.verdict},
            payload={"note": found.note},
        )
    return found


def announce_waiting(organisation_id: UUID) -> int:
    """Send the organisation's reviewers word of grants that were not announced yet; return how many grants.

    A mail server that does not take it leaves them for the next time. Without any mail server the badge and the
    queue are the notice, and nothing is marked.
    """
    with acting_in(organisation_id):
        waiting = list(
            Grant.objects.for_organisation(organisation_id)
            .filter(announced_at__isnull=True)
            .select_for_update(skip_locked=True)
            .order_by("granted_at")
        )
        if not waiting or not notices.send(organisation_id, waiting):
            return 0
        now = timezone.now()
        for grant in waiting:
            grant.announced_at = now
            grant.save(update_fields=["announced_at"])
            record(
                organisation_id=organisation_id,
                actor=system_principal(organisation_id).actor,
                action="breakglass.announced",
                object=Ref("grant", grant.pk),
            )
    return len(waiting)


def _words(note: str) -> str:
    words = note.strip()
    if len(words) < SHORTEST_NOTE:
        raise ValidationError({"note": _("Say in a few words why; somebody will read it.")})
    return words


def _one_at_a_time(person_id: UUID, subject: Ref) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"llmasos.breakglass/{person_id}/{subject.kind}/{subject.id}"],
        )
