"""What the registry of evaluations calls: ``evaluate answering``."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from llmasos.accounts.principals import system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.accounts.tenancy import acting_in
from llmasos.answering import cases, evaluation
from llmasos.answering.cases import Case, CaseFailedError, Outcome, UnreadableCasesError
from llmasos.answering.evidence import Signals
from llmasos.inference.errors import InferenceError
from llmasos.retrieval import queries as retrieval
from llmasos.retrieval.evaluators import EvaluationError, Progress
from llmasos.retrieval.models import Collection

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REPORT_EVERY = 10


class AnsweringEvaluator:
    """``evaluate answering``: every case goes the way of a visitor's question."""

    help: StrOrPromise = _("Answer labelled questions: lines {id,messages[],answerability,relevant[],reference}.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--collection", required=True, metavar="NAME")
        parser.add_argument("--cases", required=True, type=Path, metavar="FILE")
        parser.add_argument("--out", type=Path, metavar="FILE", help="Write sentences and passages of each case.")
        parser.add_argument("--no-generation", action="store_true", help="Evaluate decisions and quotations only.")

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        organisation_id = organisation_named(options["organisation"])
        collection_ids = collections_named(organisation_id, options["collection"])
        started = time.monotonic()
        outcomes = answered(
            organisation_id,
            read_cases(options["cases"]),
            collection_ids=collection_ids,
            generate=not options["no_generation"],
            progress=progress,
        )
        if options["out"]:
            evaluation.write_shown(outcomes, options["out"])
        return evaluation.figures(outcomes, seconds=time.monotonic() - started)


def organisation_named(slug: str) -> UUID:
    """Return an organisation's id. Raises EvaluationError."""
    organisation_id = organisation_id_by_slug(slug)
    if organisation_id is None:
        raise EvaluationError(f"There is no organisation named {slug}.")
    return organisation_id


def collections_named(organisation_id: UUID, name: str = "") -> list[UUID]:
    """Return the id of this collection, or without a name those of all. Raises EvaluationError for none."""
    with acting_in(organisation_id):
        if not name:
            found = list(Collection.objects.for_organisation(organisation_id).values_list("pk", flat=True))
            if not found:
                raise EvaluationError("The organisation has no collection.")
            return found
        collection = retrieval.collection_named(organisation_id, name)
    if collection is None:
        raise EvaluationError(f"There is no collection named {name}.")
    return [collection.pk]


def read_cases(path: Path) -> list[Case]:
    """Read labelled questions. Raises EvaluationError."""
    try:
        return cases.read(path)
    except (OSError, UnicodeDecodeError, UnreadableCasesError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error


def answered(
    organisation_id: UUID, asked: Sequence[Case], *, collection_ids: Sequence[UUID], generate: bool, progress: Progress
) -> list[Outcome]:
    """Run cases with progress for people. Raises EvaluationError."""

    def report(done: int, total: int) -> None:
        if done % REPORT_EVERY == 0 or done == total:
            progress(f"{done} of {total} questions")

    try:
        return cases.run(
            system_principal(organisation_id), asked, collection_ids=collection_ids, generate=generate, progress=report
        )
    except (InferenceError, CaseFailedError) as error:
        raise EvaluationError(f"The questions could not be answered: {error}. Is the platform running?") from error


def labelled_signals(outcomes: Sequence[Outcome]) -> tuple[list[Signals], list[bool]]:
    """Return what a fit needs: signals and labels of the answerable and the unanswerable cases."""
    used = [
        outcome
        for outcome in outcomes
        if outcome.signals is not None and outcome.case.answerability in {cases.ANSWERABLE, cases.UNANSWERABLE}
    ]
    signals = [outcome.signals for outcome in used if outcome.signals is not None]
    return signals, [outcome.case.answerability == cases.ANSWERABLE for outcome in used]
