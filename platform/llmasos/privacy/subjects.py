"""Naming a subject: ``person:<uuid>`` in commands, a kind and id in the code."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from llmasos.audit.types import Ref
from llmasos.privacy.errors import UnknownSubjectError
from llmasos.privacy.registry import SubjectKind, subject_kinds


def parse_subject(text: str) -> Ref:
    """Read ``KIND:ID``. Raises ``UnknownSubjectError`` for another shape or kind."""
    kind, _separator, identifier = text.strip().partition(":")
    try:
        return Ref(kind_of(kind).kind, UUID(identifier))
    except ValueError:
        raise UnknownSubjectError(_("A subject is written as KIND:ID, with the id a UUID.")) from None


def kind_of(kind: str) -> SubjectKind:
    """Return a registered kind of subject. Raises ``UnknownSubjectError``."""
    try:
        return subject_kinds()[kind]
    except KeyError:
        known = ", ".join(subject_kinds())
        raise UnknownSubjectError(_("Nobody is of that kind here. Known are: %(kinds)s.") % {"kinds": known}) from None


def id_of(subject: Ref) -> UUID:
    """Return the subject's id. Raises ``UnknownSubjectError`` for a reference without one."""
    if subject.id is None:
        raise UnknownSubjectError(_("A subject is written as KIND:ID, with the id a UUID."))
    return subject.id


def require_known(organisation_id: UUID, subject: Ref) -> None:
    """Raise ``UnknownSubjectError`` unless the organisation knows the subject; inside ``acting_in``."""
    if not kind_of(subject.kind).exists(organisation_id, id_of(subject)):
        raise UnknownSubjectError(_("This organisation knows nobody of that kind and id."))
