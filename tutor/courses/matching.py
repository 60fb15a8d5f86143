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


def match(organisation_id: UUID, rows: Sequence[Sequence[str]]) -> list[Learner | None]:
    """Return the learner whom each row's numbers and addresses name, or None. Inside ``acting_in``.

    Raises:
        CourseError: a row names two different learners.
    """
    wanted = {identifier.strip() for row in rows for identifier in row if identifier.strip()}
    found: dict[str, dict[UUID, Learner]] = {}
    for learner in _candidates(organisation_id, wanted):
        for identifier in filter(None, (learner.email, learner.number)):
            found.setdefault(identifier.casefold(), {})[learner.pk] = learner
    matched: list[Learner | None] = []
    for row in rows:
        named = {pk: one for identifier in row for pk, one in found.get(identifier.strip().casefold(), {}).items()}
        if len(named) > 1:
            raise CourseError(
                _("A number and an address on one line belong to two different learners: correct that line.")
            )
        matched.append(next(iter(named.values()), None))
    return matched


@contextmanager
def sealing(organisation_id: UUID, learners: Sequence[Learner]) -> Iterator[None]:
    """Have the keys at hand under which these learners, and what they are found by, are sealed."""
    indexes = [field for field in Learner._meta.local_fields if isinstance(field, BlindIndexField)]
    subjects = [("learner", one.pk) for one in learners]
    subjects += [(f"index.{field.purpose}", organisation_id) for field in indexes]
    with keys_at_hand(organisation_id=organisation_id, subjects=subjects):
        yield


def _candidates(organisation_id: UUID, identifiers: set[str]) -> list[Learner]:
    """Return the learners that the blind index finds, with their identifiers opened."""
    index = Learner._meta.get_field("identifier_index")
    assert isinstance(index, BlindIndexField)  # noqa: S101 - narrows the type
    entries = {entry for identifier in identifiers for entry in identifier_entries(identifier)}
    if not entries:
        return []
    learners: dict[UUID, Learner] = {}
    wanted = digests(organisation_id, index.purpose, entries)
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        rows = Learner.objects.for_organisation(organisation_id).filter(identifier_index__overlap=some)
        found = {one.pk: one for one in rows if one.pk not in learners}
        keep_keys(organisation_id=organisation_id, subject_kind="learner", subject_ids=found)
        for one in found.values():
            # Read while the keys are kept; the row keeps what was opened.
            _opened = (one.email, one.number)
        learners |= found
    return list(learners.values())
