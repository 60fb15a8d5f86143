"""The assistant's answers for programs, through the SDK against the running server."""

from __future__ import annotations

import httpx
import pytest

import llmasos
from tests.live import LiveServer

QUESTION = "May boots be sent back within a month of the purchase?"


def test_an_answer_quotes_the_passage_that_it_cites(sdk: llmasos.Client, knowledge: str) -> None:
    answer = sdk.support.ask(QUESTION, collection=knowledge)
    (quoted,) = [sentence for sentence in answer.sentences if sentence.quoted]
    (citation,) = [one for one in answer.citations if one.n in quoted.citations]
    assert answer.answered
    assert quoted.text in citation.text
    assert citation.title == "Returns"


def test_what_nobody_wrote_down_is_not_answered(sdk: llmasos.Client, knowledge: str) -> None:
    answer = sdk.support.ask("Who won the chess championship of 1984?", collection=knowledge)
    assert (answer.decision, answer.sentences, answer.citations) == ("abstain", (), ())
    assert answer.text


def test_a_question_may_lean_on_the_one_before(sdk: llmasos.Client, knowledge: str) -> None:
    earlier = [llmasos.Message("user", QUESTION), llmasos.Message("assistant", "Yes.")]
    alone, following = (
        sdk.support.ask("And after a month?", collection=knowledge, earlier=turns) for turns in ((), earlier)
    )
    assert (alone.decision, following.decision) == ("abstain", "answer")


def test_a_key_that_may_not_generate_gets_the_quotation_alone(live: LiveServer, knowledge: str) -> None:
    with llmasos.Client(live.url, live.narrow_key, max_retries=0) as narrow:
        answer = narrow.support.ask(QUESTION, collection=knowledge)
    assert answer.answered
    assert (answer.model, {sentence.quoted for sentence in answer.sentences}) == ("", {True})


def test_other_organisations_get_no_answer_from_it(live: LiveServer, knowledge: str) -> None:
    with llmasos.Client(live.url, live.foreign_key, max_retries=0) as stranger:
        assert stranger.support.ask(QUESTION).decision == "abstain"
        with pytest.raises(llmasos.NotFoundError):
            stranger.support.ask(QUESTION, collection=knowledge)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "question"),
        ({"question": " "}, "question"),
        ({"question": "x" * 2001}, "question"),
        ({"question": "x", "collections": []}, "collections"),
        ({"question": "x", "earlier": [{"role": "system", "content": "x"}]}, "earlier.0.role"),
        ({"question": "x", "language": "no language"}, "language"),
    ],
)
def test_a_wrong_question_is_a_problem_that_names_the_field(
    http: httpx.Client, body: dict[str, object], field: str
) -> None:
    response = http.post("/api/support/ask", json=body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
