"""Importing in the test's own process: what the jobs worker does, without the queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from llmasos.accounts.principals import Principal
from llmasos.accounts.tenancy import acting_in
from llmasos.retrieval import ingestion, services
from llmasos.retrieval.models import Collection


def import_records(
    principal: Principal, collection: Collection, records: Sequence[Mapping[str, str]], folder: Path
) -> services.ImportReport:
    path = folder / "records.jsonl"
    path.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return import_path(principal, collection, path)


def import_path(principal: Principal, collection: Collection, path: Path) -> services.ImportReport:
    report = services.import_paths(principal, collection=collection, paths=[path])
    ingestion.ingest(principal.organisation_id, report.queued)
    with acting_in(principal.organisation_id):
        collection.refresh_from_db()
    return report
