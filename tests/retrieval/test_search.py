from __future__ import annotations

from pathlib import Path

import pytest

from llmasos.accounts.principals import Principal
from llmasos.retrieval import queries
from llmasos.retrieval.models import Collection
from tests.retrieval.importing import import_records

pytestmark = pytest.mark.django_db

RECORDS = [
    {"id": "returns", "title": "Returns", "text": "You can return shoes within thirty days of delivery."},
    {"id": "shipping", "title": "Shipping", "text": "Parcels leave the warehouse on the next working day."},
    {"id": "warranty", "title": "Warranty", "text": "Lamps carry a warranty of two years against defects."},
]


def test_the_passage_that_shares_the_questions_words_comes_first(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    import_records(principal, collection, RECORDS, tmp_path)

    result = queries.search(principal, collection_ids=[collection.pk], query="How long is the warranty of lamps?")

    assert [hit.external_id for hit in result.hits][0] == "warranty"
