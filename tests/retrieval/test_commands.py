from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from llmasos.accounts.principals import Principal
from llmasos.retrieval.models import Collection
from tests.retrieval.importing import import_records

pytestmark = pytest.mark.django_db


def test_an_import_without_workers_says_so(principal: Principal, valkey: object, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Lamps glow.")
    with pytest.raises(CommandError, match=r"^No worker that embeds text is running: start the platform"):
        call_command("knowledge", "import", str(tmp_path), organisation="shop", collection="handbook")


def test_evaluate_prints_figures_with_intervals_for_each_leg(
    words: None, principal: Principal, collection: Collection, tmp_path: Path
) -> None:
    records = [{"id": "1", "text": "Lamps glow."}, {"id": "2", "text": "Shoes walk."}]
    import_records(principal, collection, records, tmp_path)
    queries = tmp_path / "queries.jsonl"
    queries.write_text(json.dumps({"id": "q", "query": "lamps", "relevant": ["1"]}))
    output = io.StringIO()

    call_command(
        "evaluate", "retrieval", "--json", organisation="shop", collection="handbook", queries=queries, stdout=output
    )

    figures = json.loads(output.getvalue())
    assert (figures["n"], figures["mrr_at_10"], figures["ci95"]["mrr_at_10"]) == (1, 1.0, [1.0, 1.0])
    assert set(figures["legs"]) == {"dense", "lexical", "fused"}
