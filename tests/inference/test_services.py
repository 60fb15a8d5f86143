from __future__ import annotations

import numpy as np

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
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


def test_an_embedding_is_a_run_with_its_audit_entry(echo_worker: Worker, principal: Principal) -> None:
    result = services.embed(principal, ["one two"])
    row = run_row(principal, result.run_id)
    assert (row.kind, row.state, row.prompt_tokens, row.model) == ("embed", "done", 2, "echo")
    with acting_in(principal.organisation_id):
        (entry,) = Entry.objects.filter(object_id=result.run_id)
    assert (entry.action, entry.digests["model"]) == ("inference.model_call", result.model_digest)
