"""The bank of comments: kept, changed, removed and counted. No entry of the log holds a comment's words."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import F

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.feedback.errors import EmptyCommentError, NamesSomebodyError
from tutor.feedback.names import named_in
from tutor.marking.access import FIRST_MARKERS, question_for, require_person, require_role
from tutor.marking.errors import NotFoundError
from tutor.models import Comment
from tutor.permissions import MARKERS, courses_of

LONGEST = 2_000


def keep_comment(
    principal: Principal, question_id: UUID, *, text: str, criterion: str = "", anyway: bool = False
) -> Comment:
    """Keep a sentence for answers to a question, or to one criterion of it. Kept already, it is given back.

    Raises:
        NotFoundError, PermissionDenied, EmptyCommentError.
        NamesSomebodyError: it holds a name of the class, and ``anyway`` was not said.
    """
    person_id = require_person(principal)
    with acting_in(principal.organisation_id):
        question = question_for(principal, question_id, *FIRST_MARKERS)
        words, names = _checked(principal, question.assignment.course_id, text, anyway=anyway)
        known = {one["id"] for one in (question.rubric.criteria if question.rubric is not None else [])}
        comment, is_new = Comment.objects.for_organisation(principal.organisation_id).get_or_create(
            organisation_id=principal.organisation_id,
            course_id=question.assignment.course_id,
            question=question,
            criterion=criterion if criterion in known else "",
            text=words,
            defaults={"author_id": person_id, "names": names},
        )
        if is_new:
            _record(principal, comment, "tutor.comment_saved")
        return comment


def change_comment(principal: Principal, comment_id: UUID, *, text: str, anyway: bool = False) -> Comment:
    """Write a comment anew. Raises as ``keep_comment``."""
    with acting_in(principal.organisation_id):
        comment = comment_for(principal, comment_id, *FIRST_MARKERS)
        comment.text, comment.names = _checked(principal, comment.course_id, text, anyway=anyway)
        comment.save(update_fields=["text", "names"])
        _record(principal, comment, "tutor.comment_saved")
        return comment


def remove_comment(principal: Principal, comment_id: UUID) -> None:
    """Remove a comment from the bank; feedback that used it stays. Raises NotFoundError or PermissionDenied."""
    with acting_in(principal.organisation_id):
        comment = comment_for(principal, comment_id, *FIRST_MARKERS)
        _record(principal, comment, "tutor.comment_removed")
        Comment.objects.for_organisation(principal.organisation_id).filter(pk=comment_id).delete()


def use_comment(principal: Principal, comment_id: UUID) -> None:
    """Count that a comment was used, so that it is offered sooner. Raises NotFoundError or PermissionDenied."""
    with acting_in(principal.organisation_id):
        comment = comment_for(principal, comment_id, *MARKERS)
        Comment.objects.for_organisation(principal.organisation_id).filter(pk=comment.pk).update(uses=F("uses") + 1)


def comment_for(principal: Principal, comment_id: UUID, *roles: str) -> Comment:
    """Return a comment of a course in which the principal has one of ``roles``."""
    require_person(principal)
    found = (
        Comment.objects.for_organisation(principal.organisation_id)
        .filter(pk=comment_id, course__in=courses_of(principal))
        .first()
    )
    if found is None:
        raise NotFoundError
    require_role(principal, found.course_id, *roles)
    return found


def _checked(principal: Principal, course_id: UUID, text: str, *, anyway: bool) -> tuple[str, dict[str, list[str]]]:
    """Return the text as it is kept, and whom it may name in spite of the warning."""
    words = text.strip()
    if not words or len(words) > LONGEST:
        raise EmptyCommentError
    named = named_in(principal.organisation_id, course_id, words)
    if named and not anyway:
        raise NamesSomebodyError(list(dict.fromkeys(word for found in named.values() for word in found)))
    return words, {str(learner_id): found for learner_id, found in named.items()}


def _record(principal: Principal, comment: Comment, action: str) -> None:
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action=action,
        object=Ref("comment", comment.pk),
        digests={
            "question": str(comment.question_id or ""),
            "comment": hashlib.sha256(comment.text.encode()).hexdigest(),
        },
    )
