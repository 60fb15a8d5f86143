"""Marks: given, replaced and withdrawn by people; never changed and never overwritten by a run."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.answering.sentences import split
from tutor.marking.access import DECIDERS, FIRST_MARKERS, answer_for, is_superseded, kind_for, require_person
from tutor.marking.errors import (
    AnswerChangedError,
    InvalidMarkError,
    MarkConflictError,
    NotFoundError,
    NothingToModerateError,
    ReasonNeededError,
    ReplayedDifferentlyError,
    SameMarkerError,
)
from tutor.marking.learning import learn_from_marks
from tutor.marking.points import checked_points, points_of
from tutor.marking.services.locks import refuse_if_locked
from tutor.marking.services.storing import Value, new_mark, store_marks, withdraw
from tutor.marking.shown import applied_run, marks_of, proposal_for, proposed_levels
from tutor.marking.types import MarkKind
from tutor.models import Answer, FeedbackDraft, Mark, Proposal, Question
from tutor.permissions import MARKERS

TELLING: Final = 20
"""A sentence of so many characters is nobody's by chance."""


def give_mark(
    principal: Principal,
    answer_id: UUID,
    *,
    expected_digest: str,
    expected_mark_id: UUID | None,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    feedback_drafted: bool = False,
    override_reason: str = "",
    client_id: UUID | None = None,
    kind: MarkKind = "first",
) -> Mark:
    """Mark an answer, or put another mark in the place of one's own kind.

    The caller says what was on the screen: the answer's digest and the id of the mark that stood there (None:
    none). Either ``levels``, one a criterion, or ``points`` for the answer as a whole. The mark's origin follows from
    the proposal that was shown: the same is a confirmation, another an override, which needs a reason code. A
    repeated ``client_id`` gives back the mark that it made. A second mark must be somebody else's than the first.

    Raises:
        PermissionDenied: no person, or one without that part in the course.
        NotFoundError: no such answer.
        AnswerChangedError, MarkConflictError, LockedError: another answer or mark than shown, or another marker at it.
        InvalidMarkError, ReasonNeededError, SameMarkerError, ReplayedDifferentlyError.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        answer = answer_for(principal, answer_id, *MARKERS, lock=True)
        kind = kind_for(principal, answer.submission.assignment.course_id, kind)
        if kind == "final":
            raise PermissionDenied("a final mark comes from moderation")
        if kind == "first":
            answer_for(principal, answer_id, *FIRST_MARKERS)
        value = value_of(answer.question, levels=levels, points=points)
        if (made := _replayed(answer, client_id, kind=kind, value=value)) is not None:
            return made
        refuse_if_locked(answer, person_id)
        refuse_if_changed(answer, expected_digest)
        standing = marks_of(principal.organisation_id, [answer.pk]).get(answer.pk, {})
        _check_expected(standing.get(kind), expected_mark_id)
        other = standing.get("second" if kind == "first" else "first")
        if other is not None and other.marker_id == person_id:
            raise SameMarkerError
        proposal = proposal_for(answer, applied_run(answer.question)) if kind == "first" else None
        origin = origin_of(value, proposal)
        reason = checked_reason(override_reason, needed=origin == Mark.Origin.OVERRIDDEN)
        mark = new_mark(
            principal,
            answer,
            kind=kind,
            origin=origin,
            value=value,
            replaces=standing.get(kind),
            proposal=proposal,
            feedback=feedback,
            feedback_drafted=feedback_drafted or stands_on_draft(answer, feedback),
            override_reason=reason,
            client_id=client_id,
        )
        store_marks(principal, [mark])
        FeedbackDraft.objects.for_organisation(principal.organisation_id).filter(answer=answer).delete()
        if kind == "first":
            learn_from_marks(principal, answer.question)
        return mark


def withdraw_mark(principal: Principal, mark_id: UUID) -> Mark:
    """Take a mark back (undo). The mark that it had replaced stands again, with its own marker and words.

    Withdrawing what is withdrawn already changes nothing. Marks are taken back by who gave them, or by a teacher.

    Raises:
        NotFoundError, PermissionDenied.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        found = Mark.objects.for_organisation(principal.organisation_id).filter(pk=mark_id).first()
        if found is None:
            raise NotFoundError
        roles = MARKERS if found.marker_id == person_id else DECIDERS
        answer = answer_for(principal, found.answer_id, *roles, lock=True)
        mark = Mark.objects.for_organisation(principal.organisation_id).get(pk=mark_id)
        if mark.withdrawn_at is not None:
            return mark
        refuse_if_locked(answer, person_id)
        withdraw(principal, [mark])
        return mark


def moderate(
    principal: Principal,
    answer_id: UUID,
    *,
    expected_digest: str,
    expected_mark_id: UUID | None,
    levels: Mapping[str, str] | None = None,
    points: Decimal | None = None,
    feedback: str = "",
    feedback_drafted: bool = False,
    client_id: UUID | None = None,
) -> Mark:
    """Decide between a first and a second mark that differ. The moderated mark counts from then on.

    ``expected_mark_id`` is the moderated mark that stood on the screen, None if there was none.

    Raises:
        PermissionDenied: no teacher of the course.
        NothingToModerateError: there are no two marks that differ.
        NotFoundError, AnswerChangedError, MarkConflictError, LockedError, InvalidMarkError, ReplayedDifferentlyError.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        answer = answer_for(principal, answer_id, *DECIDERS, lock=True)
        value = value_of(answer.question, levels=levels, points=points)
        if (made := _replayed(answer, client_id, kind="final", value=value)) is not None:
            return made
        refuse_if_locked(answer, person_id)
        refuse_if_changed(answer, expected_digest)
        standing = marks_of(principal.organisation_id, [answer.pk]).get(answer.pk, {})
        _check_expected(standing.get("final"), expected_mark_id)
        first, second = standing.get("first"), standing.get("second")
        if first is None or second is None or (first.points == second.points and "final" not in standing):
            raise NothingToModerateError
        mark = new_mark(
            principal,
            answer,
            kind="final",
            origin=Mark.Origin.MODERATED,
            value=value,
            replaces=standing.get("final"),
            feedback=feedback,
            feedback_drafted=feedback_drafted,
            client_id=client_id,
        )
        store_marks(principal, [mark], digests={"first": str(first.pk), "second": str(second.pk)})
        return mark


def value_of(question: Question, *, levels: Mapping[str, str] | None, points: Decimal | None) -> Value:
    """Return what a mark gives under the question's present rubric.

    Raises:
        InvalidMarkError: both or neither was given, or they do not fit.
    """
    if (levels is None) == (points is None):
        raise InvalidMarkError(_("Give either levels or points."))
    if points is not None:
        return Value({}, checked_points(points, maximum=question.points))
    criteria = question.rubric.criteria if question.rubric is not None else []
    if not criteria:
        raise InvalidMarkError(_("This question has no criteria: give points."))
    return Value(dict(levels or {}), points_of(criteria, levels or {}, maximum=question.points))


def origin_of(value: Value, proposal: Proposal | None) -> Mark.Origin:
    """Return how a mark came about, given the proposal that its marker was shown."""
    if proposal is None or proposal.decision != Proposal.Decision.PROPOSED or proposal.points is None:
        return Mark.Origin.OWN
    levels = proposed_levels(proposal)
    same = dict(value.levels) == levels if value.levels and levels else value.points == proposal.points
    return Mark.Origin.CONFIRMED if same else Mark.Origin.OVERRIDDEN


def checked_reason(code: str, *, needed: bool) -> str:
    """Return the reason code of an override; empty where none is needed.

    Raises:
        ReasonNeededError: it is needed and missing or unknown.
    """
    if not needed:
        return ""
    if code not in Mark.OverrideReason.values:
        raise ReasonNeededError
    return code


def refuse_if_changed(answer: Answer, expected_digest: str) -> None:
    """Raise ``AnswerChangedError`` unless the answer is the one that was shown and its learner's latest."""
    if answer.digest != expected_digest or is_superseded(answer):
        raise AnswerChangedError


def stands_on_draft(answer: Answer, feedback: str) -> bool:
    """Whether a sentence of the machine's draft stands in the feedback, however it came there."""
    draft = FeedbackDraft.objects.for_organisation(answer.organisation_id).filter(answer=answer).first()
    if draft is None or not feedback:
        return False
    return any(one.text in feedback for one in split(draft.text) if len(one.text) >= TELLING)


def _replayed(answer: Answer, client_id: UUID | None, *, kind: str, value: Value) -> Mark | None:
    if client_id is None:
        return None
    made = Mark.objects.for_organisation(answer.organisation_id).filter(answer=answer, client_id=client_id).first()
    if made is None:
        return None
    if (made.kind, made.points, made.levels) != (kind, value.points, dict(value.levels)):
        raise ReplayedDifferentlyError
    return made


def _check_expected(standing: Mark | None, expected: UUID | None) -> None:
    current = standing.pk if standing is not None else None
    if current != expected:
        raise MarkConflictError(current)
