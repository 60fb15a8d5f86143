"""Cards for pupils without an e-mail address: an account, and a PIN that is shown once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from llmasos.accounts.models import WITHOUT_MAIL, Role
from llmasos.accounts.principals import Principal
from llmasos.accounts.services.people import add_person_without_mail
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.services import with_keys
from tutor.courses.errors import CourseError
from tutor.jobs import Step, unseen
from tutor.models import Course, Enrolment, Learner
from tutor.permissions import TEACHER, course_for

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Card:
    """What a pupil is given. Nobody can read the PIN again."""

    name: str
    number: str
    pin: str = field(repr=False)
    learner_id: UUID
    pin_hash: str = field(repr=False)


def make_cards(
    principal: Principal, course_id: UUID, learner_ids: Sequence[UUID] = (), *, step: Step = unseen
) -> list[Card]:
    """Give pupils new PINs: those that are named, else all of the course who have none yet.

    A pupil who had a PIN can sign in with the new one only. Each takes a tenth of a second to hash, as passwords do.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``; only teachers of the course do.
        CourseError: the course has no class code, or somebody signs in with an address or has no number.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        if not course.class_code:
            raise CourseError(_("Make a class code first: it stands on the cards."))
        found = _without_mail(course).select_for_update(of=("self",))
        named = found.filter(pk__in=learner_ids) if learner_ids else found.filter(pin_hash="")
        learners = _numbered(course.organisation_id, named)
        if len(learners) < len(set(learner_ids)):
            raise CourseError(_("Cards are for learners of the course with a number and without an e-mail address."))
        pins = [f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}" for _one in learners]
        hashes: list[str] = []
        # Hashing takes nearly all of the time, and lets the other cores work.
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            for pin_hash in pool.map(make_password, pins):
                hashes.append(pin_hash)
                step(len(hashes), len(pins))
        finally:
            # Where it was stopped, what nobody wants any more is not hashed.
            pool.shutdown(cancel_futures=True)
        return [_card(principal, course, *card) for card in zip(learners, pins, hashes, strict=True)]


def shown_again(principal: Principal, course: Course, made: Sequence[Mapping[str, str]]) -> list[Card]:
    """Return cards that were made, each as ``{"learner", "pin", "hash"}``, without those that a new PIN has replaced.

    That they are read is recorded. Inside ``acting_in``.
    """
    learners = _without_mail(course).filter(pk__in=[card["learner"] for card in made])
    by_id = {str(one.pk): one for one in _numbered(course.organisation_id, learners)}
    cards = [
        Card(learner.name, learner.number, card["pin"], learner.pk, learner.pin_hash)
        for card in made
        if (learner := by_id.get(card["learner"])) is not None and learner.pin_hash == card["hash"]
    ]
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.cards_shown",
        object=Ref("course", course.pk),
        digests={"count": len(cards)},
    )
    return cards


def _numbered(of: UUID, learners: QuerySet[Learner]) -> list[Learner]:
    """Return those with a number and without an address, with a few queries for all of their keys."""
    rows = list(learners.order_by("created_at", "pk"))
    opened = with_keys(rows, organisation_id=of, subject_kind="learner", subject_of=attrgetter("pk"))
    numbered = {one.pk for one in opened if one.name and one.number and not one.email}
    return [one for one in rows if one.pk in numbered]


def _without_mail(course: Course) -> QuerySet[Learner]:
    """Return the learners of a course without an account, or with one that no mail reaches."""
    places = Enrolment.objects.for_organisation(course.organisation_id).filter(course=course, withdrawn_at=None)
    return Learner.objects.for_organisation(course.organisation_id).filter(
        Q(person=None) | Q(person__email__endswith=f"@{WITHOUT_MAIL}"), pk__in=places.values("learner_id")
    )


def _card(principal: Principal, course: Course, learner: Learner, pin: str, pin_hash: str) -> Card:
    if learner.person_id is None:
        learner.person = add_person_without_mail(
            principal=principal, organisation_id=course.organisation_id, name=learner.name, role=Role.STUDENT
        )
    learner.pin_hash = pin_hash
    learner.save(update_fields=["person", "pin_hash"])
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.card_made",
        subject=Ref("learner", learner.pk),
        object=Ref("course", course.pk),
    )
    return Card(learner.name, learner.number, pin, learner.pk, pin_hash)
