"""Locks that keep two markers from each other's answers, and run out by themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import answer_for, require_person
from tutor.marking.errors import LockedError
from tutor.marking.types import LockState
from tutor.models import Answer, MarkingLock
from tutor.permissions import MARKERS

LOCK_FOR: Final = timedelta(minutes=5)


def take_lock(principal: Principal, answer_id: UUID) -> LockState:
    """Take the answer, or renew the own lock, for five minutes; somebody else's is taken over once it ran out.

    Returns the state: ``mine`` is False while another marker has it.

    Raises:
        NotFoundError, PermissionDenied.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        answer = answer_for(principal, answer_id, *MARKERS)
        now = timezone.now()
        held = (
            MarkingLock.objects.for_organisation(principal.organisation_id)
            .select_for_update(of=("self",))
            .select_related("person")
            .filter(answer=answer)
            .first()
        )
        if held is None:
            try:
                with transaction.atomic():
                    held = MarkingLock.objects.create(
                        organisation_id=principal.organisation_id,
                        answer=answer,
                        person_id=person_id,
                        expires_at=now + LOCK_FOR,
                    )
            except IntegrityError:
                # Another marker was a moment quicker.
                return lock_state(answer, person_id)
            _record(principal, answer)
            return LockState(mine=True, expires_at=held.expires_at)
        if held.person_id != person_id and held.expires_at > now:
            return LockState(mine=False, who=held.person.name, expires_at=held.expires_at)
        if held.person_id != person_id or held.expires_at <= now:
            _record(principal, answer)
        held.person_id, held.expires_at = person_id, now + LOCK_FOR
        held.save(update_fields=["person", "expires_at"])
        return LockState(mine=True, expires_at=held.expires_at)


def release_lock(principal: Principal, answer_id: UUID) -> None:
    """Give the own lock back; somebody else's stays."""
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        answer = answer_for(principal, answer_id, *MARKERS)
        MarkingLock.objects.for_organisation(principal.organisation_id).filter(
            answer=answer, person_id=person_id
        ).delete()


def lock_state(answer: Answer, person_id: UUID | None) -> LockState:
    """Return who has the answer open now, seen by a person."""
    held = (
        MarkingLock.objects.for_organisation(answer.organisation_id)
        .select_related("person")
        .filter(answer=answer, expires_at__gt=timezone.now())
        .first()
    )
    if held is None:
        return LockState(mine=False)
    mine = held.person_id == person_id
    return LockState(mine=mine, who="" if mine else held.person.name, expires_at=held.expires_at)


def refuse_if_locked(answer: Answer, person_id: UUID) -> None:
    """Raise ``LockedError`` while another marker has the answer open."""
    state = lock_state(answer, person_id)
    if state.blocked:
        raise LockedError(state.who)


def _record(principal: Principal, answer: Answer) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.answer_locked",
        subject=Ref("learner", answer.learner_id),
        object=Ref("answer", answer.pk),
    )
