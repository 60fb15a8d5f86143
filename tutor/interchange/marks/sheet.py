"""The sheet on which answers are marked outside: under pseudonyms, each pinned by its answer's digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from uuid import UUID

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.vault.services import with_keys
from tutor.interchange.marks.planning import proposals_of, questions_of
from tutor.interchange.writing import Cell, table_text
from tutor.jobs import Step, unseen
from tutor.marking.access import FIRST_MARKERS, assignment_for, standing
from tutor.marking.shown import current_of, marks_of
from tutor.models import Answer, Assignment, Question

HEADER = (
    "pseudonym", "question", "answer", "answer digest", "proposed points", "maximum", "points", "feedback",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as CSV, and how many answers stand in it."""

    text: str = field(repr=False)
    count: int


def marking_sheet(
    principal: Principal,
    assignment_id: UUID,
    *,
    unmarked: bool = False,
    decimal_comma: bool = False,
    step: Step = unseen,
) -> Sheet:
    """Return every answer that counts, with its proposal and its mark; the export is recorded.

    ``unmarked`` leaves out what has a mark. Import the sheet with points filled in; the digest refuses answers that
    have changed since.

    Raises:
        NotFoundError, PermissionDenied: only who gives first marks in the course reads answers and proposals.
    """
    of = principal.organisation_id
    with acting_in(of):
        assignment = assignment_for(principal, assignment_id, *FIRST_MARKERS)
        questions = questions_of(assignment)
        numbers = {one.pk: (number, one) for number, one in enumerate(questions, start=1)}
        rows = standing(of).filter(submission__assignment=assignment).select_related("submission")
        answers = list(rows.order_by("question__position", "question__created_at", "submission__shuffle", "pk"))
        ids = [one.pk for one in answers]
        marks = {key: current_of(stands) for key, stands in marks_of(of, ids).items()}
        if unmarked:
            answers = [one for one in answers if marks.get(one.pk) is None]
        proposals = proposals_of(questions, ids)
        whose = attrgetter("learner_id")
        kept = with_keys(answers, organisation_id=of, subject_kind="learner", subject_of=whose)
        for done, row in enumerate(kept, start=1):
            mark = marks.get(row.pk)
            _opened = (row.text, mark.feedback if mark is not None else "")
            step(done, len(answers))
        cells: list[list[Cell]] = []
        for answer in answers:
            number, question = numbers[answer.question_id]
            proposal, mark = proposals.get(answer.pk), marks.get(answer.pk)
            cells.append(
                [
                    answer.submission.pseudonym,
                    number,
                    _words(answer, question),
                    answer.digest,
                    proposal.points if proposal is not None else None,
                    question.points,
                    mark.points if mark is not None else None,
                    mark.feedback if mark is not None else "",
                ]
            )
        record_export(principal, assignment, {"count": len(cells), "unmarked": unmarked})
    return Sheet(table_text(HEADER, cells, decimal_comma=decimal_comma), len(cells))


def record_export(principal: Principal, assignment: Assignment, digests: Mapping[str, int | bool]) -> None:
    """Record that a sheet is handed out. Inside ``acting_in``."""
    record(
        organisation_id=principal.organisation_id,
        actor=principal.actor,
        action="tutor.marking_sheet_exported",
        object=Ref("assignment", assignment.pk),
        digests=digests,
    )


def _words(answer: Answer, question: Question) -> str:
    """Return an answer as a marker reads it: its text, or the options that were chosen."""
    if question.kind != Question.Kind.CHOICE:
        return str(answer.text)
    texts: dict[str, str] = {one["id"]: one["text"] for one in question.options}
    return "\n".join(texts.get(key, key) for key in answer.choices)
