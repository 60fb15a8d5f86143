"""Taking back what one act marked: the same steps for a group of answers and for an import."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from llmasos.accounts.principals import Principal
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.jobs import Step, unseen
from tutor.marking.access import DECIDERS, FIRST_MARKERS, require_role
from tutor.marking.errors import NothingToDoError, PersonNeededError
from tutor.marking.group_types import Undone
from tutor.marking.services.storing import withdraw
from tutor.models import GroupAct, Mark, MarksImport


def take_back(
    principal: Principal,
    act: GroupAct | MarksImport,
    person_id: UUID | None,
    marks: QuerySet[Mark],
    *,
    course_id: UUID,
    action: str,
    marked: Ref,
    name: str,
    step: Step = unseen,
) -> Undone:
    """Withdraw every one of the act's marks that still stands; what a person has changed since stays.

    ``person_id`` is who takes it back; None for a program, which takes back what a program did. Inside ``acting_in``,
    with the act's row locked. The log's entry ``action`` is about ``marked`` and holds the act's id under ``name``.

    Raises:
        PermissionDenied: acts are undone by who did them, or by a teacher.
        NothingToDoError: it was undone already.
    """
    if person_id is None and act.person_id is not None:
        raise PersonNeededError
    require_role(principal, course_id, *(FIRST_MARKERS if act.person_id == person_id else DECIDERS))
    if act.undone_at is not None:
        raise NothingToDoError
    standing = list(marks.filter(withdrawn_at=None).select_related("replaces").order_by("pk"))
    withdraw(principal, standing, step=step)
    act.undone_at = timezone.now()
    act.save(update_fields=["undone_at"])
    kept = marks.count() - len(standing)
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=marked,
        digests={name: str(act.pk), "withdrawn": len(standing), "kept": kept},
    )
    return Undone(len(standing), kept)
