"""Adding the questions of a file to an assignment."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from tutor.authoring.services import QuestionContent, assignment_of, save_question
from tutor.interchange.qti.packages import read_questions
from tutor.interchange.qti.types import ReadQuestion
from tutor.models import Question


def import_questions(
    principal: Principal, assignment_id: UUID, content: bytes, *, chosen: Collection[int]
) -> list[Question]:
    """Add the chosen questions of a file, by their places in it from 0, at the end of an assignment.

    Raises:
        Assignment.DoesNotExist, PermissionDenied.
        UnreadableFileError: as ``read_questions``.
    """
    read = read_questions(content)
    with acting_in(principal.organisation_id):
        assignment = assignment_of(principal, assignment_id)
        made = [
            save_question(principal, assignment.pk, content_of(one))
            for place, one in enumerate(read.questions)
            if place in chosen
        ]
        record(
            organisation_id=principal.organisation_id,
            actor=principal.actor,
            action="tutor.questions_imported",
            object=Ref("assignment", assignment.pk),
            digests={
                "file": hashlib.sha256(content).hexdigest(),
                "count": len(made),
                "skipped": len(read.skipped),
            },
        )
    return made


def content_of(question: ReadQuestion) -> QuestionContent:
    """Return a read question as it is written here."""
    values = {
        "kind": question.kind,
        "prompt": question.prompt,
        "points": question.points,
        "options": [
            {"id": one.id, "text": one.text, "correct": one.correct, "feedback": one.feedback}
            for one in question.options
        ],
        "numeric_value": question.numeric_value,
        "numeric_unit": "",
        "numeric_tolerance": question.numeric_tolerance,
        "numeric_tolerance_kind": (
            Question.Tolerance.ABSOLUTE if question.numeric_tolerance else Question.Tolerance.NONE
        ),
    }
    references = question.references
    # As the editor writes them: the engine's rules compare with these words.
    if question.kind == Question.Kind.CHOICE:
        references = tuple(one.text for one in question.options if one.correct)
    elif question.kind == Question.Kind.NUMERIC:
        references = (f"{question.numeric_value:g}",)
    return QuestionContent(values=values, references=references)
