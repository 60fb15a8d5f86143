"""What goes into the proposal engine and what comes out: plain values, free of numpy, scikit-learn and Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

NO_TEXT: Final = "blank"
COPIED_QUESTION: Final = "copied_question"
COPIED_REFERENCE: Final = "copied_reference"
INSTRUCTS: Final = "instructs"
NOT_PROSE: Final = "not_prose"
NEGATED_REFERENCE: Final = "negated_reference"
REFERENCE_WITHIN: Final = "reference_within"
OTHER_LANGUAGE: Final = "other_language"
NEW_QUESTION: Final = "new_question"
LONG_ANSWER: Final = "long_answer"
PARTS_DISAGREE: Final = "parts_disagree"
UNSURE: Final = "unsure"
OPTION: Final = "option"
UNKNOWN_OPTION: Final = "unknown_option"
QUANTITY: Final = "quantity"
WRONG_QUANTITY: Final = "wrong_quantity"
WRONG_UNIT: Final = "wrong_unit"
NO_QUANTITY: Final = "no_quantity"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a criterion. ``examples`` are answers, or parts of answers, that stand at this level."""

    id: str
    label: str
    points: float
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that the rubric asks for. Its share of the question is ``weight`` times its best level's points."""

    id: str
    text: str
    levels: tuple[Level, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Quantity:
    """The right answer of a numeric question. ``unit`` is empty for a pure number.

    ``tolerance_kind`` is ``absolute`` (in ``unit``), ``relative`` (a share of ``value``) or ``none`` (equal but for
    the rounding that the answer's own digits imply).
    """

    value: float
    unit: str = ""
    tolerance: float = 0.0
    tolerance_kind: str = "none"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a multiple-choice question. ``share`` is its part of the full mark; a wrong one has 0 or less."""

    id: str
    text: str
    share: float


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked and how it is marked. ``kind`` is ``short``, ``essay``, ``numeric`` or ``choice``.

    Without ``criteria`` the answer is marked as a whole against ``references``, from 0 to ``max_points``. ``language``
    is a BCP 47 tag; empty means that no language is expected.
    """

    id: str
    prompt: str
    kind: str = "short"
    references: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    max_points: float = 1.0
    language: str = ""
    quantity: Quantity | None = None
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to be marked. For a choice question the text holds option ids, separated by commas or line ends."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Graded:
    """An answer that a person has marked: its share of the scale, 0 to 1, and a level for each criterion marked."""

    id: str
    text: str
    score: float
    levels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A marked answer to the same question that says nearly the same; similarity from 0 to 1."""

    answer_id: str
    score: float
    similarity: float


@dataclass(frozen=True, slots=True)
class CriterionProposal:
    """What is proposed for one criterion, and why.

    ``evidence`` is the span (start, end) of the answer's characters that supports the level; None where nothing does.
    ``missing`` are the phrases of references and criterion that the answer has nothing for.
    """

    criterion_id: str
    level_id: str
    points: float
    confidence: float
    evidence: tuple[int, int] | None = None
    missing: tuple[str, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """The engine's word on one answer: a mark to accept or change, or none.

    ``decision`` is ``proposed`` or ``none``; ``reason`` says which rule proposed, or why nothing is. ``score`` is the
    share of the scale, ``points`` the same in the question's points. ``distribution`` gives the probability of each
    verdict or score band and adds up to one; ``confidence`` is the calibrated probability, that a marker agrees.
    ``situation`` says what stood behind it: ``rule``, ``cold`` (nobody has marked this question) or ``neighbours``.
    A question without criteria has one entry in ``criteria``, with an empty ``criterion_id`` and ``level_id``.
    """

    answer_id: str
    decision: str
    reason: str = ""
    score: float | None = None
    points: float | None = None
    distribution: Mapping[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    situation: str = "rule"
    criteria: tuple[CriterionProposal, ...] = ()
    features: Mapping[str, float] = field(default_factory=dict)
    model_digest: str = ""
