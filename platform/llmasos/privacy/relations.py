"""Who has to do with whose data: the relations (care, a course, a conversation) that applications tell.

The console shows access outside of them. Packages register theirs in ``AppConfig.ready``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# (organisation, person, subjects) -> those of the subjects with whom the person has to do.
Related = Callable[[UUID, UUID, frozenset[UUID]], frozenset[UUID]]


@dataclass(frozen=True, slots=True)
class Relation:
    """A reason for which members of staff see the data of one kind of subject, in words that complete "because …".

    ``related`` runs inside ``acting_in`` and returns the subjects with whom the person has, or had, to do.
    """

    kind: str
    label: StrOrPromise
    related: Related


_relations: dict[tuple[str, str], Relation] = {}


def register_relation(kind: str, label: StrOrPromise, related: Related) -> Relation:
    """Make a relation known. Registering it again with another question is an error."""
    relation = Relation(kind, label, related)
    known = _relations.setdefault((kind, str(label)), relation)
    if known.related is not related:
        raise ValueError(f"The relation {label} to {kind!r} is registered already.")
    return known


def unregister_relation(kind: str, label: StrOrPromise) -> None:
    """Take a relation back."""
    _relations.pop((kind, str(label)), None)


def relations() -> Mapping[str, tuple[Relation, ...]]:
    """Return the relations by kind of subject; a kind without any has none to be outside of."""
    found: dict[str, list[Relation]] = {}
    for (kind, _label), relation in sorted(_relations.items()):
        found.setdefault(kind, []).append(relation)
    return {kind: tuple(each) for kind, each in found.items()}


def unrelated(organisation_id: UUID, person_id: UUID, kind: str, subjects: frozenset[UUID]) -> frozenset[UUID]:
    """Return the subjects with whom the person has nothing to do; none for a kind without relations."""
    known = relations().get(kind, ())
    if not known:
        return frozenset()
    outside = subjects
    for relation in known:
        outside -= relation.related(organisation_id, person_id, outside)
    return outside
