"""Terms of the organisation: made, changed and, while no course is taught in them, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from llmasos.accounts.principals import PROGRAMS, Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.courses.errors import CourseError
from tutor.models import Term
from tutor.permissions import SCOPE


def keeps_terms(principal: Principal) -> bool:
    """Say whether the principal may change the organisation's terms: administrators, keys and the system do."""
    if principal.kind in PROGRAMS:
        return SCOPE in principal.scopes
    return principal.kind == "system" or principal.has_role("administrator")


def terms(principal: Principal) -> QuerySet[Term]:
    """Return the organisation's terms, the latest first, with ``taught``, the number of courses in each."""
    found = Term.objects.for_organisation(principal.organisation_id)
    return found.annotate(taught=Count("courses")).order_by("-starts_on", "name")


def term_of(principal: Principal, term_id: UUID) -> Term:
    """Return a term that the principal may change. Raises Term.DoesNotExist or PermissionDenied."""
    found = Term.objects.for_organisation(principal.organisation_id).get(pk=term_id)
    _require(principal)
    return found


def save_term(principal: Principal, values: Mapping[str, str | date], *, term_id: UUID | None = None) -> Term:
    """Make a term with ``name``, ``starts_on`` and ``ends_on``, or change one.

    Raises:
        Term.DoesNotExist, PermissionDenied.
        CourseError: the days are the wrong way round, or another term has the name.
    """
    with acting_in(principal.organisation_id):
        _require(principal)
        term = Term(organisation_id=principal.organisation_id) if term_id is None else term_of(principal, term_id)
        for name, value in values.items():
            setattr(term, name, value)
        if term.ends_on < term.starts_on:
            raise CourseError(_("The last day is before the first."))
        others = Term.objects.for_organisation(principal.organisation_id).exclude(pk=term.pk)
        if others.filter(name=term.name).exists():
            raise CourseError(_("There is a term with this name already."))
        term.save()
        _record(principal, term, "tutor.term_saved")
        return term


def delete_term(principal: Principal, term_id: UUID) -> None:
    """Delete a term in which nothing is taught.

    Raises:
        Term.DoesNotExist, PermissionDenied.
        CourseError: courses name it.
    """
    with acting_in(principal.organisation_id):
        term = term_of(principal, term_id)
        if term.courses.exists():
            raise CourseError(_("Courses are taught in this term. Give them another one first."))
        _record(principal, term, "tutor.term_deleted")
        term.delete()


def _require(principal: Principal) -> None:
    if not keeps_terms(principal):
        raise PermissionDenied("terms are kept by administrators")


def _record(principal: Principal, term: Term, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("term", term.pk),
    )
