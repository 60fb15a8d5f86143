"""Cards for pupils without an e-mail address: an account, and a PIN that is shown once."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
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
from tutor.courses.errors import CourseError
from tutor.models import Course, Enrolment, Learner
from tutor.permissions import TEACHER, course_for

AT_ONCE: Final = 40
"""So many PINs are made in one request: each takes a tenth of a second to hash, as passwords do."""
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Card:
    """What a pupil is given. Nobody can read the PIN again."""

    name: str
    number: str
    pin: str = field(repr=False)


def make_cards(principal: Principal, course_id: UUID, learner_ids: Sequence[UUID] = ()) -> list[Card]:
    """Give pupils new PINs: those that are named, else those of the course who have none yet (:data:`AT_ONCE` at most).

    A pupil who had a PIN can sign in with the new one only.

    Raises:
        Course.DoesNotExist, PermissionDenied: as ``course_for``; only teachers of the course do.
        CourseError: the course has no class code, or somebody signs in with an address or has no number.
    """
    with acting_in(principal.organisation_id):
        course = course_for(principal, course_id, TEACHER)
        if not course.class_code:
            raise CourseError(_("Make a class code first: it stands on the cards."))
        found = _without_mail(course).select_for_update(of=("self",))
        learners = _numbered(found.filter(pk__in=learner_ids)) if learner_ids else without_card(course)
        if len(learners) < len(set(learner_ids)):
            raise CourseError(_("Cards are for learners of the course with a number and without an e-mail address."))
        chosen = learners[:AT_ONCE]
        pins = [f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}" for _one in chosen]
        # Hashing takes nearly all of the time, and lets the other cores work.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            hashes = list(pool.map(make_password, pins))
        return [_card(principal, course, *card) for card in zip(chosen, pins, hashes, strict=True)]


def without_card(course: Course) -> list[Learner]:
    """Return the learners of a course who could have a card and have none, in the order of the list."""
    return _numbered(_without_mail(course).filter(pin_hash=""))


def _numbered(learners: QuerySet[Learner]) -> list[Learner]:
    return [one for one in learners.order_by("created_at", "pk") if one.number and not one.email]


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
    return Card(learner.name, learner.number, pin)
