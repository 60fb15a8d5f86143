from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.privacy.errors import PrivacyError
from llmasos.privacy.subjects import parse_subject
from llmasos.retrieval import queries, services, workers
from llmasos.retrieval.errors import RetrievalError
from llmasos.retrieval.models import WORKING_STATES, Collection, Document, DocumentState
from llmasos.retrieval.services import ImportReport

POLL_SECONDS = 0.25
WORKERS_CHECK_SECONDS = 20.0


class Command(BaseCommand):
    help = "Imports documents into a collection and waits until each is ready or failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        importing = actions.add_parser(
            "import",
            help="Import files, folders, or JSONL with lines {id,title,text,url} or {id,question,answer}.",
        )
        importing.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        importing.add_argument("--organisation", required=True, metavar="SLUG")
        importing.add_argument("--collection", required=True, metavar="NAME", help="Made if there is none.")
        importing.add_argument("--language", default="", help="Such as en or zh. Told by the documents if not given.")
        importing.add_argument("--subject", metavar="KIND:ID", help="Whose data the documents are, if somebody's.")
        importing.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        organisation_id = organisation_id_by_slug(options["organisation"])
        if organisation_id is None:
            raise CommandError(f"There is no organisation named {options['organisation']}.")
        principal = system_principal(organisation_id)
        started = time.monotonic()
        try:
            subject = parse_subject(options["subject"]) if options["subject"] else None
            workers.require_workers()
            collection = services.add_collection(principal, name=options["collection"], language=options["language"])
            report = services.import_paths(principal, collection=collection, paths=options["paths"], subject=subject)
            self._wait(organisation_id, report)
        except (RetrievalError, PrivacyError, ValueError) as error:
            raise CommandError(str(error)) from error
        self._print(organisation_id, collection, report, seconds=time.monotonic() - started, as_json=options["json"])

    def _wait(self, organisation_id: UUID, report: ImportReport) -> None:
        """Show the progress until no document of this import is at work and the collection is fitted."""
        total = len(report.queued)
        shown, checked = -1, time.monotonic()
        while True:
            with acting_in(organisation_id):
                documents = Document.objects.for_organisation(organisation_id).filter(pk__in=report.queued)
                waiting = documents.filter(state__in=WORKING_STATES, deleted_at=None).count()
            if waiting != shown:
                self.stderr.write(f"{total - waiting} of {total} documents", ending="\n" if not waiting else "\r")
                self.stderr.flush()
                shown, checked = waiting, time.monotonic()
            if not waiting:
                break
            if time.monotonic() - checked > WORKERS_CHECK_SECONDS:
                workers.require_workers()
                checked = time.monotonic()
            time.sleep(POLL_SECONDS)
        if report.queued:
            self._wait_for_weights(organisation_id, report.collection_id)

    def _wait_for_weights(self, organisation_id: UUID, collection_id: UUID) -> None:
        """Wait, for a minute or two at most, for the weights that the last document's task fits."""
        from llmasos.retrieval import settling

        self.stderr.write("fitting the weights on questions made from the documents")
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up and not settling.is_settled(organisation_id, collection_id):
            time.sleep(POLL_SECONDS)

    def _print(
        self, organisation_id: UUID, collection: Collection, report: ImportReport, *, seconds: float, as_json: bool
    ) -> None:
        with acting_in(organisation_id):
            collection.refresh_from_db()
            documents = Document.objects.for_organisation(organisation_id).filter(pk__in=report.queued)
            failures = [
                {"id": external_id, "reason": reason}
                for external_id, reason in documents.filter(state=DocumentState.FAILED).values_list(
                    "external_id", "failure"
                )
            ]
            states = queries.progress(organisation_id, collection.pk)
        refused = [{"file": one.name, "line": one.line, "reason": one.reason} for one in report.refused]
        outcome = {
            "collection": collection.name,
            "collection_id": str(collection.pk),
            "language": collection.language,
            "imported": len(report.queued) - len(failures),
            "unchanged": report.unchanged,
            "duplicates": [{"id": one, "same_as": other} for one, other in report.duplicates],
            "refused": refused,
            "failed": failures,
            "documents": states,
            "chunks": collection.chunk_count,
            "lexical_weight": collection.lexical_weight,
            "probes": collection.fitted_probes,
            "seconds": round(seconds, 1),
        }
        if as_json:
            self.stdout.write(json.dumps(outcome, ensure_ascii=False))
            return
        self.stdout.write(
            f"{collection.name}: {outcome['imported']} imported, {report.unchanged} unchanged, "
            f"{len(report.duplicates)} duplicates, {len(refused)} refused, {len(failures)} failed; "
            f"{collection.chunk_count} chunks in all, {seconds:.1f} s"
        )
        for one, other in report.duplicates:
            self.stdout.write(f"  {one} says the same as {other}")
        for entry in refused:
            place = f"{entry['file']}, line {entry['line']}" if entry["line"] else entry["file"]
            self.stdout.write(f"  refused {place}: {entry['reason']}")
        for failure in failures:
            self.stdout.write(f"  failed {failure['id']}: {failure['reason']}")
