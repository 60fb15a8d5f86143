from __future__ import annotations

import numpy as np

from llmasos.accounts.principals import Principal
from llmasos.inference import services
from tests.inference.conftest import Worker
from tests.inference.requests import asked, run_row

WORDS = "one two three four"


def test_chat_returns_the_whole_text_with_usage(echo_worker: Worker, principal: Principal) -> None:
    result = services.chat(principal, asked(WORDS))
    assert result.text == WORDS
    assert result.finish_reason == "stop"
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (4, 4)
    row = run_row(principal, result.run_id)
    assert (row.state, row.completion_tokens, row.model_digest) == ("done", 4, result.model_digest)


def test_embed_keeps_the_order_of_its_texts(echo_worker: Worker, principal: Principal) -> None:
    texts = [f"text number {number} " + "word " * (number % 7) for number in range(200)]
    result = services.embed(principal, texts)
    assert result.vectors.shape == (200, 384)
    alone = services.embed(principal, [texts[77]])
    np.testing.assert_allclose(result.vectors[77], alone.vectors[0])
