"""What the figures are about: proposals and marks of a question's answers that count, without anybody's words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final
from uuid import UUID

from django.utils import timezone

from tutor.marking.access import standing_for
from tutor.marking.points import level_points
from tutor.marking.shown import applied_run
from tutor.models import Mark, Proposal, Question

MARK_FIELDS: Final = (
    "answer_id", "kind", "origin", "points", "override_reason", "created_at", "rubric_id",
    "proposal__decision", "proposal__points", "proposal__confidence",
)  # fmt: skip
_SEEN: Final = {Mark.Origin.OWN, Mark.Origin.CONFIRMED, Mark.Origin.OVERRIDDEN, Mark.Origin.GROUP}


@dataclass(frozen=True, slots=True)
class Pair:
    """A proposal beside a person's mark for the same answer, in points."""

    answer_id: UUID
    proposed: float
    given: float
    confidence: float
    week: date

    @property
    def agrees(self) -> bool:
        return abs(self.proposed - self.given) < 0.005


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of one kind, and for how many marks of that kind nothing was proposed."""

    pairs: tuple[Pair, ...]
    unproposed: int

    @property
    def total(self) -> int:
        return len(self.pairs) + self.unproposed


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of one question.

    ``independent``: the marker saw no proposal. These are second marks, and first marks that were given before there
    was a proposal; they stand beside what is proposed now, which never heard the answer's own mark. ``seen``: the
    marker saw the proposal that the mark stands beside, or was told that there is none. ``twice`` are first and second
    marks of the same answers.
    """

    question: Question
    maximum: float
    step: float
    answers: int
    marked: int
    independent: Pairs
    seen: Pairs
    twice: tuple[tuple[float, float], ...]
    overrides: Mapping[str, int]


def gather(question: Question) -> Gathered:
    """Return a question's pairs. Inside ``acting_in``; who may see them is the caller's to check.

    Imported marks are in neither kind, since nobody here knows what their markers saw; nor are moderated and regraded
    ones, whose markers saw other marks.
    """
    ids = set(standing_for(question).values_list("pk", flat=True))
    rows = [
        row
        for row in Mark.objects.for_organisation(question.organisation_id)
        .filter(answer__question=question, withdrawn_at=None)
        .order_by("created_at", "pk")
        .values(*MARK_FIELDS)
        if row["answer_id"] in ids
    ]
    first = {row["answer_id"]: row for row in rows if row["kind"] == Mark.Kind.FIRST}
    second = {row["answer_id"]: row for row in rows if row["kind"] == Mark.Kind.SECOND}
    own = {one: row for one, row in first.items() if row["origin"] == Mark.Origin.OWN}
    unseen = second | {one: row for one, row in own.items() if row["proposal__decision"] is None}
    looked = {one: row for one, row in first.items() if row["origin"] in _SEEN and row["proposal__decision"]}
    twice = tuple((float(row["points"]), float(second[one]["points"])) for one, row in first.items() if one in second)
    return Gathered(
        question=question,
        maximum=float(question.points),
        step=step_of(question),
        answers=len(ids),
        marked=len({row["answer_id"] for row in rows if row["kind"] != Mark.Kind.SECOND}),
        independent=_beside_what_is_proposed(question, unseen),
        seen=_beside_what_was_shown(looked),
        twice=twice,
        overrides=Counter(row["override_reason"] for row in looked.values() if row["override_reason"]),
    )


def step_of(question: Question) -> float:
    """Return the smallest difference that one level makes, in points; without criteria one point, or half of fewer."""
    criteria = question.rubric.criteria if question.rubric is not None else []
    table = level_points(criteria, maximum=question.points)
    gaps = []
    for levels in table.values():
        values = sorted(set(levels.values()))
        gaps += [float(after - before) for before, after in pairwise(values)]
    return min(gaps) if gaps else min(1.0, float(question.points) / 2)


def _beside_what_is_proposed(question: Question, marks: Mapping[UUID, Mapping[str, object]]) -> Pairs:
    run = applied_run(question)
    if run is None:
        return Pairs((), 0)
    proposals = {
        answer_id: (decision, points, confidence)
        for answer_id, decision, points, confidence in Proposal.objects.for_organisation(question.organisation_id)
        .filter(run=run, answer__in=list(marks))
        .values_list("answer_id", "decision", "points", "confidence")
    }
    pairs, unproposed = [], 0
    for one, row in marks.items():
        # A mark by another version of the rubric answers another question.
        if one not in proposals or row["rubric_id"] != run.rubric_id:
            continue
        decision, points, confidence = proposals[one]
        if decision != Proposal.Decision.PROPOSED or points is None:
            unproposed += 1
        else:
            pairs.append(_pair(one, row, float(points), confidence))
    return Pairs(tuple(pairs), unproposed)


def _beside_what_was_shown(marks: Mapping[UUID, Mapping[str, object]]) -> Pairs:
    pairs, unproposed = [], 0
    for one, row in marks.items():
        if row["proposal__decision"] == Proposal.Decision.PROPOSED and row["proposal__points"] is not None:
            pairs.append(_pair(one, row, float(str(row["proposal__points"])), float(str(row["proposal__confidence"]))))
        else:
            unproposed += 1
    return Pairs(tuple(pairs), unproposed)


def _pair(answer_id: UUID, row: Mapping[str, object], proposed: float, confidence: float) -> Pair:
    at = row["created_at"]
    assert isinstance(at, datetime)  # noqa: S101 - narrows the type
    day = timezone.localtime(at).date()
    return Pair(answer_id, proposed, float(str(row["points"])), confidence, day - timedelta(days=day.weekday()))
