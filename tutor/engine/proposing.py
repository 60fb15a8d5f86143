"""Proposals for answers: the rules' word, else the model's and the marked neighbours', criterion by criterion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tutor.engine import neighbours, text
from tutor.engine.features import Vectors
from tutor.engine.judging import Judged, judge
from tutor.engine.model import CORRECT, GlobalModel
from tutor.engine.rules import Ruling
from tutor.engine.similarity import Floats, cosine
from tutor.engine.types import (
    LONG_ANSWER,
    NEW_QUESTION,
    PARTS_DISAGREE,
    UNSURE,
    Criterion,
    CriterionProposal,
    Graded,
    Level,
    Neighbour,
    Proposal,
    Question,
    Response,
)

Embed = Callable[[Sequence[str]], Any]
LEAST_CONFIDENCE = 0.6
"""Below this calibrated chance of agreement nothing is proposed."""
LEAST_CONFIDENCE_COLD = 0.65
"""The same for a question of which nobody has marked an answer yet."""
_APART = 0.6
_LONG_WORDS = 150
_SUPPORT = 0.3
_MISSING = 0.45
_SHOWN_NEIGHBOURS = 3


def propose(
    question: Question,
    responses: Sequence[Response],
    graded: Sequence[Graded],
    *,
    embed: Embed,
    model: GlobalModel,
) -> list[Proposal]:
    """Return a proposal for each response, in their order. ``embed`` gives a vector a text, [n, dimensions].

    With criteria each is judged on its own and the points are their weighted sum; else the answer is judged as a whole
    against the references. Marks of the question are heard from ``neighbours.LEAST`` on. A response that is itself
    among ``graded`` does not hear its own mark.
    """
    if not responses:
        return []
    vectors = Vectors(embed)
    vectors.add([one.text for one in responses] + [one.text for one in graded])
    if not question.criteria or question.kind in ("numeric", "choice"):
        parts = [_part(question, None, responses, graded, model, vectors)]
    else:
        parts = [_part(question, criterion, responses, graded, model, vectors) for criterion in question.criteria]
    return [_whole(question, response, [part[at] for part in parts], model) for at, response in enumerate(responses)]


class _Part:
    """What one criterion (or the whole question) got for one response."""

    def __init__(self, proposal: CriterionProposal, judged: Judged, row: int, share: float, features: Floats) -> None:
        self.proposal = proposal
        self.ruling = judged.rulings[row]
        self.apart = float(judged.apart[row])
        self.situation = judged.situation
        self.share = share
        self.chance = float(features[row])


def _part(
    question: Question,
    criterion: Criterion | None,
    responses: Sequence[Response],
    graded: Sequence[Graded],
    model: GlobalModel,
    vectors: Vectors,
) -> list[_Part]:
    """Judge all responses by one criterion, or as a whole where there is none."""
    known = [one for one in graded if criterion is None or criterion.id in one.levels]
    shares = np.array(
        [one.score if criterion is None else level_share(criterion, one.levels[criterion.id]) for one in known]
    )
    asked = question if criterion is None else replace(question, references=references_of(criterion), criteria=())
    # A trick plays with the words of the whole question's references, not only with the criterion's.
    ruled = asked if criterion is None else replace(asked, references=(*question.references, *asked.references))
    texts = [one.text for one in responses]
    full = model.outcomes.index(CORRECT)
    outcomes = np.zeros((len(known), len(model.outcomes)))
    if len(known):
        outcomes[:, full] = shares
        outcomes[:, 1 - full if len(model.outcomes) == 2 else -1] += 1 - shares
    marked = {one.id: at for at, one in enumerate(known)}
    own = {at: marked[one.id] for at, one in enumerate(responses) if one.id in marked}
    heard = [one.text for one in known]
    judged = judge(asked, texts, heard, outcomes, model=model, vectors=vectors, ruled=ruled, own=own)
    alike = neighbours.alike(texts, heard, vectors)
    supports = _supports(texts, asked.references or (asked.prompt,), vectors)
    return [
        _one(criterion, judged, at, full, responses[at], known, shares, alike[at], supports[at], asked, vectors)
        for at in range(len(responses))
    ]


def _one(
    criterion: Criterion | None,
    judged: Judged,
    at: int,
    full: int,
    response: Response,
    known: Sequence[Graded],
    shares: Floats,
    alike: Floats,
    support: tuple[int, int] | None,
    asked: Question,
    vectors: Vectors,
) -> _Part:
    chance = float(judged.chances[at, full])
    ruled = judged.rulings[at]
    expected = ruled.share if ruled is not None and ruled.share is not None else chance
    if criterion is None:
        share, level_id = (1.0 if expected >= 0.5 else 0.0), ""
        if len(known) >= neighbours.LEAST and len(set(shares.tolist())) > 2:
            share = float(_nearest_share(alike, shares))
        points = share * asked.max_points
    else:
        level = _level(criterion, expected)
        level_id, points, share = level.id, level.points, level_share(criterion, level.id)
    confidence = max(chance, 1 - chance) if ruled is None or ruled.share is None else ruled.confidence
    near = [
        Neighbour(known[row].id, float(shares[row]), round(float(alike[row]), 4))
        for row in np.argsort(-alike)[: _SHOWN_NEIGHBOURS + 1]
        if known[row].id != response.id
    ][:_SHOWN_NEIGHBOURS]
    proposal = CriterionProposal(
        criterion.id if criterion else "",
        level_id,
        round(points, 4),
        round(confidence, 4),
        support if share > 0 else None,
        _missing(response.text, asked.references, vectors) if share < 1 else (),
        tuple(near),
    )
    return _Part(proposal, judged, at, share, judged.chances[:, full])


def _whole(question: Question, response: Response, parts: Sequence[_Part], model: GlobalModel) -> Proposal:
    """Put the parts of one response together, or say why nothing is proposed."""
    if len(parts) == 1 and not question.criteria:
        score = parts[0].share
    else:
        weights = [max(0.0, one.weight) * _best(one) for one in question.criteria] or [1.0]
        total = sum(weights) or 1.0
        score = sum(weight * part.share for weight, part in zip(weights, parts, strict=False)) / total
    ruling = _ruling(parts)
    # A mark that takes every criterion being right is as sure as the least sure of them.
    confidence = min(part.proposal.confidence for part in parts)
    reason = _reason(response, question, parts, confidence)
    none = reason and not (ruling is not None and ruling.share is not None)
    return Proposal(
        answer_id=response.id,
        decision="none" if none else "proposed",
        reason=reason,
        score=None if none else round(score, 4),
        points=None if none else round(score * question.max_points, 4),
        distribution={"full": round(parts[0].chance, 4), "none": round(1 - parts[0].chance, 4)},
        confidence=round(confidence, 4),
        situation="rule" if ruling is not None else parts[0].situation,
        criteria=tuple(part.proposal for part in parts),
        features={f"chance.{number}": round(part.chance, 4) for number, part in enumerate(parts)}
        | {f"apart.{number}": round(part.apart, 4) for number, part in enumerate(parts)},
        model_digest=model.digest,
    )


def _ruling(parts: Sequence[_Part]) -> Ruling | None:
    """Return the ruling that keeps a proposal back, else the first part's."""
    held = (part.ruling for part in parts if part.ruling is not None and part.ruling.share is None)
    return next(held, parts[0].ruling)


def _reason(response: Response, question: Question, parts: Sequence[_Part], confidence: float) -> str:
    ruling = _ruling(parts)
    if ruling is not None:
        return ruling.reason
    if len(text.words(response.text)) > _LONG_WORDS and not question.criteria:
        return LONG_ANSWER
    if max(part.apart for part in parts) > _APART:
        return PARTS_DISAGREE
    if parts[0].situation == "cold":
        return NEW_QUESTION if confidence < LEAST_CONFIDENCE_COLD else ""
    return UNSURE if confidence < LEAST_CONFIDENCE else ""


def references_of(criterion: Criterion) -> tuple[str, ...]:
    """Return what stands for a reference where an answer is judged by one criterion."""
    best = max(criterion.levels, key=lambda one: one.points)
    return (criterion.text, *(one for one in (best.description, *best.examples) if one.strip()))


def _best(criterion: Criterion) -> float:
    return max((level.points for level in criterion.levels), default=0.0)


def level_share(criterion: Criterion, level_id: str) -> float:
    """Return a level's points as a share of the criterion's best ones."""
    best = _best(criterion)
    return next((one.points / best for one in criterion.levels if one.id == level_id and best > 0), 0.0)


def _level(criterion: Criterion, share: float) -> Level:
    """Return the level whose share of the criterion's best one is nearest; the lower of two that are equally near."""
    best = _best(criterion) or 1.0
    return min(criterion.levels, key=lambda one: (abs(one.points / best - share), one.points))


def _nearest_share(alike: Floats, shares: Floats) -> float:
    """Return the share among those given that is nearest to the weighted mean of like answers."""
    weights = np.exp((alike - alike.max()) / 0.12)
    mean = float(weights @ shares / weights.sum())
    return float(min(set(shares.tolist()), key=lambda one: (abs(one - mean), one)))


def _supports(answers: Sequence[str], references: Sequence[str], vectors: Vectors) -> list[tuple[int, int] | None]:
    """Return for each answer the span of the sentence that is most like a reference, None below a floor."""
    spans = [text.sentences(answer) for answer in answers]
    pieces = [[answer[start:end] for start, end in found] for answer, found in zip(answers, spans, strict=True)]
    vectors.add([piece for found in pieces for piece in found])
    wanted = vectors.of(list(references))
    supports: list[tuple[int, int] | None] = []
    for found, span in zip(pieces, spans, strict=True):
        if not found:
            supports.append(None)
            continue
        likeness = cosine(vectors.of(found), wanted).max(axis=1)
        best = int(np.argmax(likeness))
        supports.append(span[best] if likeness[best] >= _SUPPORT else None)
    return supports


def _missing(answer: str, references: Sequence[str], vectors: Vectors) -> tuple[str, ...]:
    """Return the clauses of the nearest reference that nothing in the answer is like; words of the rubric alone."""
    if not references:
        return ()
    given = [piece for piece in text.clauses(answer) if piece.strip()]
    pieces = [piece for piece in text.clauses(references[0]) if piece.strip()]
    if not given or not pieces:
        return tuple(pieces)
    likeness = cosine(vectors.of(pieces), vectors.of(given)).max(axis=1)
    return tuple(piece for piece, like in zip(pieces, likeness, strict=True) if like < _MISSING)
