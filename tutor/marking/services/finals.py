"""Final marks, moderated or regraded: replaced or taken back by a teacher, for a reason that the log keeps."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from tutor.marking.access import DECIDERS, answer_for, require_person
from tutor.marking.errors import MarkConflictError, ReasonNeededError
from tutor.marking.services.locks import refuse_if_locked
from tutor.marking.services.marks import value_of
from tutor.marking.services.storing import new_mark, store_marks, withdraw
from tutor.marking.shown import marks_of
from tutor.models import Answer, Mark


class Correction(models.TextChoices):
    """Why a final mark does not stay as it is."""

    SLIP = "slip", _("It was entered wrongly")
    RUBRIC = "rubric", _("The rubric was read wrongly")
    ANSWER = "answer", _("It was meant for another answer")
    NEWS = "news", _("Something new became known")


def replace_final(
    principal: Principal,
    answer_id: UUID,
    *,
    expected_mark_id: UUID | None,
    reason: str,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
) -> Mark:
    """Put another final mark in the place of the one that was on the screen. The learner sees it after a release.

    Raises:
        NotFoundError, PermissionDenied: no teacher of the course.
        MarkConflictError: another final mark stands by now, or none.
        ReasonNeededError: the reason is none of ``Correction``.
        LockedError, InvalidMarkError.
    """
    with acting_in(principal.organisation_id):
        answer, held = _held(principal, answer_id, expected_mark_id, reason)
        mark = new_mark(
            principal,
            answer,
            kind=Mark.Kind.FINAL,
            origin=Mark.Origin(held.origin),
            value=value_of(answer.question, levels=levels, points=points),
            replaces=held,
            proposal=held.proposal,
            feedback=feedback,
            feedback_drafted=held.feedback_drafted and feedback.strip() == held.feedback,
        )
        store_marks(principal, [mark], digests={"correction": reason})
        return mark


def take_back_final(principal: Principal, answer_id: UUID, *, expected_mark_id: UUID | None, reason: str) -> Mark:
    """Take the final mark back: the one before it counts again, or both markers' marks wait for moderation.

    What was released stays released until somebody releases again. Raises as ``replace_final``.
    """
    with acting_in(principal.organisation_id):
        _answer, held = _held(principal, answer_id, expected_mark_id, reason)
        withdraw(principal, [held], reason=reason)
        return held


def _held(principal: Principal, answer_id: UUID, expected: UUID | None, reason: str) -> tuple[Answer, Mark]:
    person_id = require_person(principal)
    answer = answer_for(principal, answer_id, *DECIDERS, lock=True)
    refuse_if_locked(answer, person_id)
    held = marks_of(principal.organisation_id, [answer.pk]).get(answer.pk, {}).get(Mark.Kind.FINAL)
    if held is None or held.pk != expected:
        raise MarkConflictError(held.pk if held is not None else None)
    if reason not in Correction.values:
        raise ReasonNeededError
    return answer, held
