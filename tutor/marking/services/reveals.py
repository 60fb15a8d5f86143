"""Whose work it is: shown to one marker, for a reason, and written down."""

from __future__ import annotations

from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.marking.access import answer_for, require_person
from tutor.marking.errors import ReasonNeededError
from tutor.models import Reveal
from tutor.permissions import MARKERS


def reveal(principal: Principal, answer_id: UUID, *, reason: str) -> Reveal:
    """Let the marker see whose the answer's submission is, from now on. Asked again, nothing more is written.

    Raises:
        NotFoundError, PermissionDenied.
        ReasonNeededError: the reason is none of ``Reveal.Reason``.
    """
    person_id = require_person(principal)
    if reason not in Reveal.Reason.values:
        raise ReasonNeededError
    with acting_in(principal.organisation_id):
        answer = answer_for(principal, answer_id, *MARKERS)
        made, is_new = Reveal.objects.for_organisation(principal.organisation_id).get_or_create(
            organisation_id=principal.organisation_id,
            submission=answer.submission,
            person_id=person_id,
            defaults={"learner_id": answer.learner_id, "reason": reason},
        )
        if is_new:
            record(
                organisation_id=principal.organisation_id,
                actor=principal.actor,
                action="tutor.revealed",
                subject=Ref("learner", answer.learner_id),
                object=Ref("submission", answer.submission_id),
                digests={"reason": reason},
            )
        return made
