"""Models that read, as a service: from the catalogue through a run to a typed result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.audit.models import Entry
from llmasos.inference import catalogue, reading
from llmasos.inference.engine.host import EngineHost
from llmasos.inference.errors import InvalidRequest, ModelUnavailable, UnknownModel
from tests.inference.checkpoints import BERT, save

pytestmark = pytest.mark.models
TEXTS = ["the lid is red", "cats and dogs"]


@pytest.fixture
def ranking(engine_here: Callable[..., EngineHost], tmp_path: Path) -> str:
    """The name of a small cross-encoder that the catalogue has."""
    folder = save(tmp_path / "ranker", "BertForSequenceClassification", **BERT, num_labels=1)
    engine_here()
    return catalogue.add(name="ranker", source=f"path:{folder}", default=True).name


def test_texts_are_ranked_by_the_default_model(ranking: str, principal: Principal) -> None:
    result = reading.rerank(principal, "where is the lid", TEXTS)
    assert result.model == ranking
    assert len(result.items) == 2
    assert all(0 <= one <= 1 for one in result.items)


async def test_coroutines_get_the_same_scores(ranking: str, principal: Principal) -> None:
    from asgiref.sync import sync_to_async

    expected = await sync_to_async(reading.rerank)(principal, "where is the lid", TEXTS)
    assert (await reading.arerank(principal, "where is the lid", TEXTS)).items == pytest.approx(expected.items)


def test_the_log_has_the_call_and_none_of_its_words(ranking: str, principal: Principal) -> None:
    result = reading.rerank(principal, "where is the lid", TEXTS)
    with acting_in(principal.organisation_id):
        entry = Entry.objects.filter(action="inference.model_call").latest("recorded_at")
        assert entry.digests["model"] == result.model_digest
        assert "lid" not in str(entry.digests)


def test_a_model_of_another_task_is_unknown_for_this_one(ranking: str, principal: Principal) -> None:
    with pytest.raises(UnknownModel):
        reading.classify(principal, TEXTS, model=ranking)


def test_weights_that_were_changed_are_one_clear_error(ranking: str, principal: Principal, tmp_path: Path) -> None:
    weights = tmp_path / "ranker" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(ModelUnavailable, match="not the ones catalogued"):
        reading.rerank(principal, "where is the lid", TEXTS)


def test_no_text_is_no_request(ranking: str, principal: Principal) -> None:
    with pytest.raises(InvalidRequest):
        reading.rerank(principal, "where is the lid", [])


def test_a_key_without_the_scope_is_refused(ranking: str, principal: Principal) -> None:
    key = Principal(principal.organisation_id, "key", scopes=frozenset({"generate"}))
    with pytest.raises(PermissionDenied):
        reading.rerank(key, "where is the lid", TEXTS)
