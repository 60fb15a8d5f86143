"""Proposed marks for loose answers. A person decides on each of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from llmasos.client.errors import UnexpectedReplyError
from llmasos.client.operations import AsyncResource, Operation, Resource, awaiting, blocking
from llmasos.client.transport import Call, json_object, without_none


@dataclass(frozen=True, slots=True)
class Level:
    """One step of a criterion, with its points."""

    id: str
    points: float
    label: str = ""
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that the rubric asks for. Without levels it is met ("yes") or not ("no")."""

    id: str
    text: str
    levels: tuple[Level, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """An answer that a person has marked: its share of the full mark, 0 to 1, and levels by criterion where known."""

    text: str
    score: float
    id: str = ""
    levels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A graded answer that says nearly the same."""

    answer_id: str
    score: float
    similarity: float


@dataclass(frozen=True, slots=True)
class CriterionProposal:
    """What is proposed for one criterion. `evidence` is a span (start, end) of the answer's characters, or None."""

    criterion_id: str
    level_id: str
    points: float
    confidence: float
    evidence: tuple[int, int] | None
    missing: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed mark, or none: then `reason` says why and `score` is None.

    `confidence` is the calibrated chance that a marker agrees. `situation` is "rule", "cold" (no graded answers)
    or "neighbours".
    """

    answer_id: str
    decision: str
    reason: str
    score: float | None
    points: float | None
    confidence: float
    situation: str
    criteria: tuple[CriterionProposal, ...]

    @property
    def proposed(self) -> bool:
        return self.decision == "proposed"


def _propose(
    *,
    question: str,
    answers: Iterable[str] | Mapping[str, str],
    references: Sequence[str] = (),
    criteria: Sequence[Criterion] = (),
    graded: Sequence[GradedAnswer] = (),
    max_points: float = 1.0,
    kind: str = "short",
    language: str | None = None,
) -> Operation[list[Proposal]]:
    """Propose a mark for each answer, in their order. Nothing is stored on the server.

    `answers` are texts, or texts by id; those without ids of their own are numbered from 1. Give at least one of
    `references`, `criteria` and `graded`. `kind` is "short" or "essay".
    """
    named = answers if isinstance(answers, Mapping) else {str(n): text for n, text in enumerate(answers, start=1)}
    body = {
        "question": question,
        "kind": kind,
        "references": list(references),
        "criteria": [_criterion_body(criterion) for criterion in criteria],
        "max_points": max_points,
        "language": language,
        "answers": [{"id": name, "text": text} for name, text in named.items()],
        "graded": [
            {"id": one.id or f"graded-{n}", "text": one.text, "score": one.score, "levels": dict(one.levels)}
            for n, one in enumerate(graded, start=1)
        ],
    }
    call = Call("POST", "/api/tutor/propose", without_none(body))
    return Operation(call, lambda response: proposals_from(json_object(response)))


def proposals_from(body: Mapping[str, Any]) -> list[Proposal]:
    """Read the answer of /api/tutor/propose. Raises UnexpectedReplyError for any other body."""
    try:
        return [_proposal(one) for one in body["proposals"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedReplyError(
            "The server's answer does not hold proposals. Check that base_url points at an LLMasOS server."
        ) from error


class LooseAnswers(Resource):
    """Proposed marks for answers that belong to no course."""

    propose = blocking(_propose)


class AsyncLooseAnswers(AsyncResource):
    """`LooseAnswers` for coroutines."""

    propose = awaiting(_propose)


def _criterion_body(criterion: Criterion) -> dict[str, Any]:
    body: dict[str, Any] = {"id": criterion.id, "text": criterion.text, "weight": criterion.weight}
    if criterion.levels:
        body["levels"] = [
            {name: value for name, value in asdict(level).items() if value or name == "points"}
            for level in criterion.levels
        ]
    return body


def _proposal(body: Mapping[str, Any]) -> Proposal:
    return Proposal(
        answer_id=body["answer_id"],
        decision=body["decision"],
        reason=body["reason"],
        score=body["score"],
        points=body["points"],
        confidence=float(body["confidence"]),
        situation=body["situation"],
        criteria=tuple(_criterion(one) for one in body["criteria"]),
    )


def _criterion(body: Mapping[str, Any]) -> CriterionProposal:
    evidence = body["evidence"]
    return CriterionProposal(
        criterion_id=body["criterion_id"],
        level_id=body["level_id"],
        points=float(body["points"]),
        confidence=float(body["confidence"]),
        evidence=None if evidence is None else (int(evidence[0]), int(evidence[1])),
        missing=tuple(body["missing"]),
        neighbours=tuple(
            Neighbour(one["answer_id"], float(one["score"]), float(one["similarity"])) for one in body["neighbours"]
        ),
    )
