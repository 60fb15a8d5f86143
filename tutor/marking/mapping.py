"""From what the school keeps to what the engine reads: question, rubric, answers, marks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from llmasos.vault.services import keep_keys
from tutor.engine import types as engine
from tutor.marking.access import standing_for
from tutor.marking.points import share
from tutor.models import Answer, Asked, Mark, Question, RubricVersion

ANSWERS_AT_ONCE = 500


def engine_question(question: Question, rubric: RubricVersion | None) -> engine.Question:
    """Return the question as the engine reads it, with one version of its rubric."""
    return engine.Question(
        id=str(question.pk),
        prompt=question.prompt,
        kind=question.kind,
        references=tuple(rubric.references) if rubric is not None else (),
        criteria=tuple(_criterion(one) for one in rubric.criteria) if rubric is not None else (),
        max_points=float(question.points),
        language=question.assignment.course.language,
        quantity=quantity_of(question),
        options=options_of(question),
    )


def engine_response(answer: Answer) -> engine.Response:
    """Return an answer as the engine reads it; a choice is its options' ids."""
    return engine.Response(str(answer.pk), text_of(answer))


def text_of(answer: Answer) -> str:
    """Return what the engine reads of an answer."""
    return ",".join(answer.choices) if answer.question.kind == Question.Kind.CHOICE else answer.text


def marks_as_graded(question: Question, *, at: datetime | None = None) -> list[engine.Graded]:
    """Return the answers that people have marked, never a proposal; the moderated mark before the first.

    Decrypts their texts. Levels are given only where they are of the present rubric. With ``at``, the marks that
    stood at that time: so that work which is taken up again reads the same marks.
    """
    stood = Q(withdrawn_at=None)
    if at is not None:
        stood = Q(created_at__lte=at) & (stood | Q(withdrawn_at__gt=at))
    marks = (
        Mark.objects.for_organisation(question.organisation_id)
        .filter(stood, answer__question=question, kind__in=(Mark.Kind.FIRST, Mark.Kind.FINAL))
        .order_by("created_at", "pk")
    )
    current: dict[UUID, Mark] = {}
    for mark in marks:
        held = current.get(mark.answer_id)
        if held is None or held.kind != Mark.Kind.FINAL or mark.kind == Mark.Kind.FINAL:
            current[mark.answer_id] = mark
    graded = []
    for answer in answers_of(question, list(current)):
        mark = current[answer.pk]
        levels = dict(mark.levels) if mark.rubric_id == question.rubric_id else {}
        score = share(mark.points, maximum=question.points)
        graded.append(engine.Graded(str(answer.pk), text_of(answer), score, levels))
    return graded


def answers_of(question: Question, ids: Iterable[UUID]) -> Iterable[Answer]:
    """Yield answers that count, with the question at hand, in the order of marking."""
    wanted = list(ids)
    for start in range(0, len(wanted), ANSWERS_AT_ONCE):
        rows = list(standing_for(question).filter(pk__in=wanted[start : start + ANSWERS_AT_ONCE]))
        # One query for the keys of all of them, where each would ask for its own.
        keep_keys(
            organisation_id=question.organisation_id,
            subject_kind="learner",
            subject_ids=[row.learner_id for row in rows],
        )
        for answer in rows:
            answer.question = question
            yield answer


def _criterion(given: dict[str, object]) -> engine.Criterion:
    levels: list[dict[str, object]] = given["levels"]  # type: ignore[assignment]
    return engine.Criterion(
        id=str(given["id"]),
        text=str(given["text"]),
        weight=float(str(given.get("weight", 1))),
        levels=tuple(
            engine.Level(
                id=str(level["id"]),
                label=str(level.get("label", "")),
                points=float(str(level["points"])),
                description=str(level.get("description", "")),
                examples=tuple(str(one) for one in level.get("examples", ())),  # type: ignore[attr-defined]
            )
            for level in levels
        ),
    )


def quantity_of(question: Asked) -> engine.Quantity | None:
    """Return the right number of a numeric question, as the engine reads it; None for other kinds."""
    if question.kind != Question.Kind.NUMERIC or question.numeric_value is None:
        return None
    tolerance = question.numeric_tolerance
    if question.numeric_tolerance_kind == Question.Tolerance.RELATIVE:
        # Teachers give per cent, the engine takes a share.
        tolerance /= 100
    return engine.Quantity(question.numeric_value, question.numeric_unit, tolerance, question.numeric_tolerance_kind)


def options_of(question: Asked) -> tuple[engine.Option, ...]:
    """Return the options; right ones share the full mark, each wrong one takes as much as a right one gives."""
    if question.kind != Question.Kind.CHOICE:
        return ()
    right = sum(1 for one in question.options if one.get("correct"))
    each = 1 / right if right else 0.0
    wrong = -each if right > 1 else 0.0
    return tuple(
        engine.Option(str(one["id"]), str(one.get("text", "")), each if one.get("correct") else wrong)
        for one in question.options
    )
