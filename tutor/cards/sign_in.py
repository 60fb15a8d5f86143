"""Telling a pupil by class code, number and PIN. What is wrong shows neither in the answer nor in its time."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.utils.crypto import get_random_string

from llmasos.accounts.models import WITHOUT_MAIL, Person
from llmasos.accounts.queries import memberships_of
from llmasos.accounts.sign_in import record_for_person
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import PLATFORM, Actor
from llmasos.vault.blind import found_by
from tutor.models import Enrolment, Learner
from tutor.permissions import LEARNERS


def pupil_of(code: str, number: str, pin: str) -> Person | None:
    """Return the account of the pupil whose card says so, or None; a failure is recorded. Outside ``acting_in``."""
    place = _course_of(code)
    learner = _learner(*place, number) if place is not None else None
    # Also where nobody was found: the answer takes as long.
    is_right = check_password(pin, learner.pin_hash if learner is not None else _nobodys())
    person = learner.person if learner is not None else None
    if is_right and person is not None and _opens(person):
        return person
    if person is not None:
        record_for_person(person, "accounts.sign_in_failed", actor=Actor("visitor"), outcome="denied")
    else:
        record(organisation_id=PLATFORM, actor=Actor("visitor"), action="accounts.sign_in_failed", outcome="denied")
    return None


def _opens(person: Person) -> bool:
    """Whether six digits are enough: for a pupil's account without an address, which can do no more than a pupil."""
    roles = {role for place in memberships_of(person.pk) for role in place.roles}
    return person.is_active and person.email.endswith(f"@{WITHOUT_MAIL}") and bool(roles) and roles <= set(LEARNERS)


def folded_code(text: str) -> str:
    """Return a class code as it is stored, whatever its case, spaces and hyphens."""
    return text.strip().upper().replace(" ", "").replace("-", "")


def _course_of(code: str) -> tuple[UUID, UUID] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organisation_id, course_id FROM llmasos_course_of_code(%s)", [folded_code(code)])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def _learner(organisation_id: UUID, course_id: UUID, number: str) -> Learner | None:
    wanted = number.strip().casefold()
    with acting_in(organisation_id):
        places = Enrolment.objects.for_organisation(organisation_id).filter(course_id=course_id, withdrawn_at=None)
        matching = found_by(Learner, "identifier_index", organisation_id=organisation_id, text=number)
        rows = (
            Learner.objects.for_organisation(organisation_id)
            .filter(matching, pk__in=places.values("learner_id"))
            .exclude(pin_hash="")
            .select_related("person")
        )
        return next((one for one in rows if one.number.casefold() == wanted), None)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return make_password(get_random_string(32))
