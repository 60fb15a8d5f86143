from __future__ import annotations

from typing import Any

import httpx
import pytest

from llmasos import Criterion, GradedAnswer, Level, UnexpectedReplyError
from tests.client.servers import Script, call

both = pytest.mark.parametrize("kind", ["blocking", "asynchronous"])

PROPOSAL: dict[str, Any] = {
    "answer_id": "1",
    "decision": "proposed",
    "reason": "",
    "score": 0.5,
    "points": 1.0,
    "confidence": 0.8,
    "situation": "neighbours",
    "criteria": [
        {
            "criterion_id": "energy",
            "level_id": "yes",
            "points": 1.0,
            "confidence": 0.8,
            "evidence": [3, 12],
            "missing": ["surface"],
            "neighbours": [{"answer_id": "graded-1", "score": 1.0, "similarity": 0.9}],
        }
    ],
}


@both
def test_answers_are_numbered_and_graded_ones_named(kind: str) -> None:
    script = Script(httpx.Response(200, json={"proposals": [PROPOSAL], "model_digest": "d"}))
    criterion = Criterion("energy", "Says why", levels=(Level("none", 0), Level("full", 2, label="Full")))
    call(
        kind,
        script,
        lambda it: it.tutor.propose(
            question="Why?", answers=["Because"], criteria=[criterion], graded=[GradedAnswer("So", 1.0)], max_points=2
        ),
    )
    body = script.body()
    assert body["answers"] == [{"id": "1", "text": "Because"}]
    assert body["graded"] == [{"id": "graded-1", "text": "So", "score": 1.0, "levels": {}}]
    assert body["criteria"][0]["levels"] == [{"id": "none", "points": 0}, {"id": "full", "points": 2, "label": "Full"}]


@both
def test_a_proposal_comes_back_typed(kind: str) -> None:
    script = Script(httpx.Response(200, json={"proposals": [PROPOSAL], "model_digest": "d"}))
    (proposal,) = call(
        kind, script, lambda it: it.tutor.propose(question="Why?", answers={"a": "Because"}, references=["So"])
    )
    assert proposal.proposed
    assert proposal.criteria[0].evidence == (3, 12)
    assert proposal.criteria[0].neighbours[0].similarity == 0.9


@both
def test_another_body_is_an_unexpected_reply(kind: str) -> None:
    script = Script(httpx.Response(200, json={"marks": []}))
    with pytest.raises(UnexpectedReplyError):
        call(kind, script, lambda it: it.tutor.propose(question="Why?", answers=["a"], references=["b"]))
