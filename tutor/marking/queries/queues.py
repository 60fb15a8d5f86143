"""Queues of a question: what asks for a person, in the order in which everybody marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from statistics import median
from typing import Final
from uuid import UUID

from llmasos.accounts.principals import Principal
from tutor.dial.border import border_of
from tutor.marking.access import DECIDERS, is_drawn, kind_for, question_for, require_role, standing_for
from tutor.marking.shown import applied_run, differ
from tutor.marking.types import QUEUES, MarkKind, Progress, QueueName, QueueState
from tutor.models import Mark, Proposal, Question
from tutor.permissions import MARKERS

PACE_FROM: Final = 5
"""So many marks are needed before the time that is left is told."""
PACE_OF: Final = 30
BREAK: Final = timedelta(minutes=10)
BLINK: Final = timedelta(seconds=0.5)
"""Marks that follow each other quicker are a program's: nobody has read anything."""


def question_queue(
    principal: Principal, question_id: UUID, *, queue: QueueName = "all", kind: MarkKind = "first"
) -> QueueState:
    """Return a queue of a question with the size of each, and how far the question is.

    A second marker, whatever kind is asked for, sees the answers that are marked twice and nothing of proposals. For
    the kind "final" the only queue holds the answers whose two marks give other points and that nobody has decided.

    Raises:
        NotFoundError.
        PermissionDenied: no marker of the course, or for the kind "final" no teacher of it.
    """
    question = question_for(principal, question_id, *MARKERS)
    kind = kind_for(principal, question.assignment.course_id, kind)
    if kind == "final":
        require_role(principal, question.assignment.course_id, *DECIDERS)
    marked = _marked(question)
    drawn = dict(standing_for(question).values_list("pk", "submission__shuffle"))
    percent = question.assignment.second_marking_percent
    twice = {one for one, shuffle in drawn.items() if is_drawn(shuffle, percent)}
    if kind == "second":
        places = {one: _second_place(marked.get(one, {})) for one in drawn if one in twice}
    else:
        places = _first_places(question, list(drawn), marked)
    counts: dict[str, int] = dict.fromkeys(QUEUES, 0)
    for name in places.values():
        counts[name] += 1
    counts["all"] = len(places)
    differing = [one for one in drawn if differ(marked.get(one, {}))]
    ids = differing if kind == "final" else [one for one, name in places.items() if queue in {"all", name}]
    done = sum(1 for one in drawn if {"first", "final"} & set(marked.get(one, {})))
    pace = _pace(question)
    progress = Progress(
        total=len(drawn),
        marked=done,
        moderation=len(differing),
        second_wanted=len(twice),
        second_given=sum(1 for one in twice if "second" in marked.get(one, {})),
        left=pace * (len(drawn) - done) if pace is not None else None,
    )
    return QueueState(queue, tuple(ids), counts, progress)


def _marked(question: Question) -> dict[UUID, dict[str, Mark]]:
    """Return the marks that stand, by answer and kind, without a learner's words."""
    found: dict[UUID, dict[str, Mark]] = {}
    marks = (
        Mark.objects.for_organisation(question.organisation_id)
        .filter(answer__question=question, withdrawn_at=None)
        .only("answer_id", "kind", "points")
    )
    for mark in marks:
        found.setdefault(mark.answer_id, {})[mark.kind] = mark
    return found


def _second_place(marks: Mapping[str, Mark]) -> QueueName:
    return "marked" if Mark.Kind.SECOND in marks else "must"


def _first_places(
    question: Question, ids: Sequence[UUID], marked: Mapping[UUID, Mapping[str, Mark]]
) -> dict[UUID, QueueName]:
    run = applied_run(question)
    proposed: dict[UUID, float] = {}
    if run is not None:
        proposed = dict(
            Proposal.objects.for_organisation(question.organisation_id)
            .filter(run=run, decision=Proposal.Decision.PROPOSED)
            .values_list("answer_id", "confidence")
        )
    seeds = set(run.seeds) if run is not None else set()
    border = border_of(question, run)

    def place(one: UUID) -> QueueName:
        if {"first", "final"} & set(marked.get(one, {})):
            return "marked"
        if one in seeds:
            return "seed"
        if one not in proposed:
            return "must"
        return "confirm" if proposed[one] >= border else "review"

    return {one: place(one) for one in ids}


def _pace(question: Question) -> timedelta | None:
    """Return the median time between the latest marks; pauses, and what programs and files brought in, are left out."""
    times = list(
        Mark.objects.for_organisation(question.organisation_id)
        .filter(answer__question=question, kind=Mark.Kind.FIRST, group_act=None)
        .exclude(origin=Mark.Origin.IMPORTED)
        .order_by("-created_at")
        .values_list("created_at", flat=True)[:PACE_OF]
    )
    steps = [later - earlier for later, earlier in pairwise(times) if BLINK < later - earlier < BREAK]
    if len(steps) < PACE_FROM:
        return None
    return timedelta(seconds=median(one.total_seconds() for one in steps))
