"""Ranking over HTTP: raw, and by our client."""

from __future__ import annotations

import httpx
import pytest

import llmasos
from tests.inference.checkpoints import BERT, save
from tests.live import LiveServer

pytestmark = pytest.mark.models
TEXTS = ["the lid is red", "cats and dogs", "where the lid is"]


@pytest.fixture(scope="module")
def ranker(live: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a small cross-encoder in the live catalogue."""
    from llmasos.inference import catalogue

    folder = save(tmp_path_factory.mktemp("ranker"), "BertForSequenceClassification", **BERT, num_labels=1)
    with live.platform.database():
        return catalogue.add(name="ranker", source=f"path:{folder}").name


def test_texts_come_back_best_first(http: httpx.Client, ranker: str) -> None:
    body = {
        "model": ranker,
        "query": "where is the lid",
        "documents": [TEXTS[0], {"text": TEXTS[1]}, TEXTS[2]],
        "top_n": 2,
    }
    found = http.post("/v1/rerank", json=body).json()
    scores = [row["relevance_score"] for row in found["results"]]
    assert (found["model"], len(scores), scores) == ("ranker", 2, sorted(scores, reverse=True))
    assert all(row["document"]["text"] == TEXTS[row["index"]] for row in found["results"])
    assert found["usage"]["total_tokens"] > 0


def test_our_client_ranks_the_same(live: LiveServer, http: httpx.Client, ranker: str) -> None:
    with llmasos.Client(live.url, live.key) as sdk:
        ranked = sdk.rerank("where is the lid", TEXTS, model=ranker)
    body = {"model": ranker, "query": "where is the lid", "documents": TEXTS, "return_documents": False}
    rows = http.post("/v1/rerank", json=body).json()["results"]
    assert [(one.index, one.text) for one in ranked] == [(row["index"], TEXTS[row["index"]]) for row in rows]
    assert all("document" not in row for row in rows)
