"""The machine's check of an exercise's answer: rules for numbers and choices, the engine for words. Never a mark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from llmasos.accounts.principals import Principal
from tutor import loose_answers
from tutor.engine import rules
from tutor.engine import types as engine
from tutor.marking.mapping import options_of, quantity_of
from tutor.models import Exercise, PracticeTry

Verdict = PracticeTry.Verdict
SURE_FROM: Final = 0.75
"""Below this calibrated confidence the check says that it is not sure."""
RIGHT_FROM, WRONG_BELOW = 0.75, 0.25


@dataclass(frozen=True, slots=True)
class Check:
    """What the check says: a verdict, how sure it is (0 to 1), and the share that counts (None: not sure)."""

    verdict: str
    confidence: float
    share: float | None
    model_digest: str = ""


UNSURE: Final = Check(Verdict.UNSURE, 0.0, None)


def by_rules(exercise: Exercise, text: str) -> Check | None:
    """Return what the rules say; None where words have to be compared, which takes the models.

    ``text`` holds the ids of options for a choice, separated by commas.
    """
    ruling = rules.ruling(_question(exercise), text)
    if ruling is not None:
        return _said(ruling.share, ruling.confidence)
    return None if exercise.kind == Exercise.Kind.SHORT and exercise.references else UNSURE


def by_engine(principal: Principal, exercise: Exercise, text: str) -> Check:
    """Compare an answer in words with the references. Raises what the model service raises."""
    found = loose_answers.propose(
        principal,
        {
            "question": exercise.prompt,
            "kind": exercise.kind,
            "references": list(exercise.references),
            "criteria": [],
            "max_points": 1.0,
            "language": exercise.course.language,
            "answers": [{"id": "", "text": text}],
            "graded": [],
        },
    )
    (one,) = found["proposals"]
    share = one["score"] if one["decision"] == "proposed" else None
    return _said(share, one["confidence"], found["model_digest"])


def _said(share: float | None, confidence: float, model_digest: str = "") -> Check:
    if share is None or confidence < SURE_FROM:
        return Check(Verdict.UNSURE, confidence, None, model_digest)
    verdict = Verdict.RIGHT if share >= RIGHT_FROM else Verdict.WRONG if share < WRONG_BELOW else Verdict.PARTLY
    return Check(verdict, confidence, share, model_digest)


def _question(exercise: Exercise) -> engine.Question:
    return engine.Question(
        id=str(exercise.pk),
        prompt=exercise.prompt,
        kind=exercise.kind,
        references=tuple(exercise.references),
        language=exercise.course.language,
        quantity=quantity_of(exercise),
        options=options_of(exercise),
    )
