from __future__ import annotations

import math
import random

import numpy as np
import pytest

from llmasos.answering import evidence, fitting
from llmasos.answering.evaluation import auroc
from llmasos.answering.evidence import DEFAULTS, Decision, Parameters, Signals

CLEAR = Signals(similarity=0.75, margin=0.45, coverage=1.0, sentence=0.85)
FOREIGN = Signals(similarity=0.30, margin=0.12, coverage=0.3, sentence=0.35)


def test_a_clear_match_is_answered_and_a_foreign_question_is_not() -> None:
    assert evidence.decide(evidence.score(CLEAR), rivals=1) is Decision.ANSWER
    assert evidence.decide(evidence.score(FOREIGN), rivals=1) is Decision.ABSTAIN


@pytest.mark.parametrize("name", ["similarity", "margin", "coverage", "sentence"])
def test_more_of_any_signal_is_never_less_evidence(name: str) -> None:
    lower, higher = (Signals(**{**dict.fromkeys(("similarity", "margin", "coverage", "sentence"), 0.5), name: value})
                     for value in (0.4, 0.6))  # fmt: skip
    assert evidence.score(lower) < evidence.score(higher)


def test_rivals_between_the_thresholds_are_asked_about() -> None:
    middling = (DEFAULTS.answer_from + DEFAULTS.clarify_from) / 2
    assert evidence.decide(middling, rivals=2) is Decision.CLARIFY
    assert evidence.decide(middling, rivals=1) is Decision.ABSTAIN


def test_coverage_is_the_share_of_the_questions_own_words() -> None:
    passages = ["The warranty of the kettle lasts two years."]
    assert evidence.coverage("How long is the kettle's warranty?", passages) > 0.6
    assert evidence.coverage("Which aeroplane flies to Madagascar?", passages) == 0
    assert evidence.coverage("And how is it?", passages) == 0.5


def test_the_only_passage_of_a_small_collection_stands_out() -> None:
    best, margin = evidence.standing_out([0.7])
    assert (best, round(margin, 2)) == (0.7, 0.42)
    assert evidence.standing_out([]) == (0.0, 0.0)


def test_the_margin_is_taken_from_the_twentieth_best() -> None:
    values = [0.8, *(0.5 - n / 100 for n in range(40))]
    assert evidence.standing_out(values) == (0.8, pytest.approx(0.8 - 0.31))


def test_parameters_survive_storage_and_miss_nothing_old() -> None:
    fitted = Parameters(bias=0.2, margin=2.0)
    assert Parameters.from_dict(fitted.as_dict()) == fitted
    assert Parameters.from_dict({"margin": 2.0}).bias == DEFAULTS.bias


def labelled(n: int, *, shift: float, seed: int) -> tuple[list[Signals], list[bool]]:
    draw = random.Random(seed)
    signals, labels = [], []
    for index in range(n):
        good = index % 3 != 0
        centre = 0.55 if good else 0.42
        signals.append(
            Signals(*(min(1.0, max(0.0, draw.gauss(centre - shift + extra, 0.1))) for extra in (0, -0.25, 0.15, 0.05)))
        )
        labels.append(good)
    return signals, labels


def test_answerable_questions_score_above_unanswerable_ones() -> None:
    signals, labels = labelled(200, shift=0.0, seed=1)
    assert auroc(np.array([evidence.score(one) for one in signals]), np.array(labels)) > 0.83


def test_fitting_moves_the_decision_to_a_collections_own_level() -> None:
    signals, labels = labelled(240, shift=0.15, seed=2)
    fitted = fitting.fit(signals, labels)
    others, theirs = labelled(240, shift=0.15, seed=3)

    def balanced(parameters: Parameters) -> float:
        hits = [
            (evidence.score(s, parameters) >= parameters.answer_from) == kind
            for s, kind in zip(others, theirs, strict=True)
        ]
        right = [
            sum(hit for hit, label in zip(hits, theirs, strict=True) if label == kind) / theirs.count(kind)
            for kind in (True, False)
        ]
        return sum(right) / 2

    assert balanced(fitted) > balanced(DEFAULTS) + 0.1


def test_a_handful_of_labels_hardly_moves_the_defaults() -> None:
    signals, labels = labelled(16, shift=0.0, seed=4)
    fitted = fitting.fit(signals, labels)
    moved = math.dist(fitted.weights(), DEFAULTS.weights())
    assert moved < 1.0
    assert abs(fitted.answer_from - DEFAULTS.answer_from) < 0.12


def test_too_few_labels_are_refused() -> None:
    with pytest.raises(fitting.TooFewLabelsError):
        fitting.fit([CLEAR] * 9, [True] * 9)
