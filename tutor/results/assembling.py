"""From an answer, its mark and what it was given on, to the row that the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tutor.marking.points import level_points, rounded
from tutor.models import Annotation, Answer, Mark
from tutor.results import wording
from tutor.results.pieces import Span, cut
from tutor.results.types import CriterionRow, LevelRow, NoteRow, RegradeRow, ResultRow
from tutor.work.rows import AnswerRow

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything known of one released answer."""

    answer: Answer
    row: AnswerRow
    mark: Mark | None
    notes: tuple[Annotation, ...]
    regrades: tuple[RegradeRow, ...]


def result_row(facts: Facts, *, roles: Mapping[UUID | None, str], may_ask: bool) -> ResultRow:
    mark, row = facts.mark, facts.row
    evidence = agreed_evidence(facts.answer, mark) if mark else {}
    criteria = _criteria(row, mark, evidence) if mark else ()
    letters = {key: one.letter for key, one in criteria}
    spans = [
        Span(int(found["start"]), int(found["end"]), letters[key], is_evidence=True)
        for key, found in evidence.items()
        if letters.get(key)
    ]
    numbered = [(str(number), note) for number, note in enumerate(facts.notes, start=1)]
    spans += [Span(note.start, note.end, number) for number, note in numbered]
    role = roles.get(mark.marker_id, "") if mark else ""
    return ResultRow(
        answer_id=facts.answer.pk,
        row=row,
        pieces=cut(row.text, spans),
        points=mark.points if mark else None,
        most=row.question.points,
        criteria=tuple(one for _key, one in criteria),
        decided=wording.decision(mark, role) if mark else "",
        certainty=wording.certainty(mark.proposal) if mark else "",
        feedback=mark.feedback if mark else "",
        feedback_origin=wording.feedback_origin(mark, role) if mark else "",
        notes=tuple(NoteRow(number, note.text) for number, note in numbered),
        regrades=facts.regrades,
        may_ask=may_ask and mark is not None and not any(one.is_open for one in facts.regrades),
    )


def agreed_evidence(answer: Answer, mark: Mark) -> dict[str, dict[str, Any]]:
    """Return what the proposal said of those criteria on which the marker gave the level that it proposed.

    Where the marker decided otherwise the machine's reasons are not the reasons of the mark.
    """
    proposal = mark.proposal
    if proposal is None or proposal.answer_digest != answer.digest or mark.answer_digest != answer.digest:
        return {}
    return {
        str(one["criterion"]): one
        for one in proposal.criteria
        if one.get("level") and mark.levels.get(str(one.get("criterion"))) == one["level"]
    }


def _criteria(
    row: AnswerRow, mark: Mark, evidence: Mapping[str, Mapping[str, Any]]
) -> tuple[tuple[str, CriterionRow], ...]:
    if mark.rubric is None or not mark.levels:
        return ()
    table = level_points(mark.rubric.criteria, maximum=row.question.points)
    letters = iter(LETTERS)
    found = []
    for criterion in mark.rubric.criteria:
        key = str(criterion["id"])
        given = table[key]
        reached = mark.levels.get(key, "")
        levels = sorted(criterion["levels"], key=lambda one: given[one["id"]])
        above = [one for one in levels if given[one["id"]] > given.get(reached, 0)]
        known = evidence.get(key, {})
        located = known.get("start") is not None and known.get("end") is not None
        found.append(
            (
                key,
                CriterionRow(
                    text=str(criterion["text"]),
                    points=rounded(given.get(reached, rounded(row.question.points) * 0)),
                    most=rounded(max(given.values())),
                    levels=tuple(
                        LevelRow(
                            str(one["label"]),
                            rounded(given[one["id"]]),
                            str(one.get("description", "")),
                            one["id"] == reached,
                        )
                        for one in levels
                    ),
                    letter=next(letters, "") if located else "",
                    missing=tuple(str(word) for word in known.get("missing", ())) if above else (),
                    better=str(above[0].get("description", "")) if above else "",
                ),
            )
        )
    return tuple(found)
