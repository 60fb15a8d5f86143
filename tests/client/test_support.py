from __future__ import annotations

from typing import Any

import httpx
import pytest

from llmasos import AnswerSentence, Message
from tests.client.servers import Script, call

ANSWER: dict[str, Any] = {
    "run": "r1",
    "decision": "answer",
    "text": "60 days. [1]",
    "language": "en",
    "score": 0.9,
    "sentences": [{"text": "60 days.", "citations": [1], "quoted": True}],
    "citations": [
        {
            "n": 1,
            "title": "Returns",
            "heading": "",
            "url": "",
            "text": "60 days.",
            "document_id": "d",
            "chunk_id": "c",
        }
    ],
    "cut_short": "",
    "model": "",
}


@pytest.mark.parametrize("kind", ["blocking", "asynchronous"])
def test_a_question_goes_with_its_conversation_and_the_answer_comes_back_typed(kind: str) -> None:
    script = Script(httpx.Response(200, json=ANSWER))
    earlier = [Message("user", "Boots?"), {"role": "assistant", "content": "Yes."}]
    answer = call(kind, script, lambda it: it.support.ask("How long?", collection="handbook", earlier=earlier))
    assert script.body() == {
        "question": "How long?",
        "collections": ["handbook"],
        "earlier": [{"role": "user", "content": "Boots?"}, {"role": "assistant", "content": "Yes."}],
    }
    assert answer.answered
    assert answer.sentences == (AnswerSentence("60 days.", (1,), quoted=True),)
    assert answer.citations[0].title == "Returns"
