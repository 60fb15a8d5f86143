"""Finding the learners that an organisation knows by numbers and addresses, a whole list at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.vault.blind import BlindIndexField, digests
from llmasos.vault.normalising import identifier_entries
from llmasos.vault.services import keep_keys, keys_at_hand
from tutor.courses.errors import CourseError
from tutor.models import Learner

AT_ONCE = 1_000


def by_external_id(organisation_id: UUID, external_ids: Sequence[str]) -> dict[str, Learner]:
    """Return the learners that come from the school's own system, by their ids there. Inside ``acting_in``."""
    found = _candidates(organisation_id, "external_index", {one for one in external_ids if one})
    return {one.external_id or "": one for one in found}


def match(organisation_id: UUID, rows: Sequence[Sequence[str]]) -> list[Learner | None]:
    """Return the learner whom each row's numbers and addresses name, or None. Inside ``acting_in``.

    Raises:
        CourseError: a row names two different learners.
    """
    matched: list[Learner | None] = []
    for named in matches(organisation_id, rows):
        if len(named) > 1:
            raise CourseError(
                _("A number and an address on one line belong to two different learners: correct that line.")
            )
        matched.append(next(iter(named), None))
    return matched


def matches(organisation_id: UUID, rows: Sequence[Sequence[str]]) -> list[list[Learner]]:
    """Return all learners whom each row's numbers and addresses name. Inside ``acting_in``."""
    wanted = {identifier.strip() for row in rows for identifier in row if identifier.strip()}
    found: dict[str, dict[UUID, Learner]] = {}
    for learner in _candidates(organisation_id, "identifier_index", wanted):
        for identifier in filter(None, (learner.email, learner.number)):
            found.setdefault(identifier.casefold(), {})[learner.pk] = learner
    return [
        list({pk: one for name in row for pk, one in found.get(name.strip().casefold(), {}).items()}.values())
        for row in rows
    ]


@contextmanager
def sealing(organisation_id: UUID, learners: Sequence[Learner]) -> Iterator[None]:
    """Have the keys at hand under which these learners, and what they are found by, are sealed."""
    indexes = [field for field in Learner._meta.local_fields if isinstance(field, BlindIndexField)]
    subjects = [("learner", one.pk) for one in learners]
    subjects += [(f"index.{field.purpose}", organisation_id) for field in indexes]
    with keys_at_hand(organisation_id=organisation_id, subjects=subjects):
        yield


def _candidates(organisation_id: UUID, name: str, identifiers: set[str]) -> list[Learner]:
    """Return the learners that a blind index finds, with their identifiers opened."""
    index = Learner._meta.get_field(name)
    assert isinstance(index, BlindIndexField)  # noqa: S101 - narrows the type
    entries = {entry for identifier in identifiers for entry in identifier_entries(identifier)}
    if not entries:
        return []
    learners: dict[UUID, Learner] = {}
    wanted = digests(organisation_id, index.purpose, entries)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = Learner.objects.for_organisation(organisation_id).filter(**{f"{name}__overlap": some})
        found = {one.pk: one for one in rows if one.pk not in learners}
        keep_keys(organisation_id=organisation_id, subject_kind="learner", subject_ids=found)
        for one in found.values():
            # Read while the keys are kept; the row keeps what was opened.
            _opened = (one.email, one.number, one.external_id)
        learners |= found
    return list(learners.values())
