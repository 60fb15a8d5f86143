"""``manage.py calibrate answering``: fit the evidence estimate to labelled questions and store it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from django.core.management.base import BaseCommand, CommandError, CommandParser

from llmasos.accounts.principals import system_principal
from llmasos.answering import evaluation, fitting, measuring
from llmasos.answering.evidence import Parameters, Signals, score
from llmasos.answering.services import store_calibration
from llmasos.retrieval.evaluators import EvaluationError


class Command(BaseCommand):
    help = "Fit the weights and thresholds that decide what is answered, on labelled questions."

    def add_arguments(self, parser: CommandParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
        answering = subjects.add_parser(
            "answering", help="lines {id,messages[],answerability}: answerable and unanswerable ones are used"
        )
        answering.add_argument("--organisation", required=True, metavar="SLUG")
        answering.add_argument("--collection", default="", metavar="NAME", help="fit for this collection alone")
        answering.add_argument("--cases", required=True, type=Path, metavar="FILE")
        answering.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._calibrate(options)
        except EvaluationError as error:
            raise CommandError(str(error)) from error
        except fitting.TooFewLabelsError:
            raise CommandError(
                f"At least {fitting.FEWEST_OF_A_KIND} answerable and as many unanswerable questions are needed."
            ) from None
        if options["json"]:
            self.stdout.write(json.dumps(report))
            return
        for name, value in report.items():
            self.stdout.write(f"{name}: {value}")

    def _calibrate(self, options: dict[str, Any]) -> dict[str, Any]:
        organisation_id = measuring.organisation_named(options["organisation"])
        collection_ids = measuring.collections_named(organisation_id, options["collection"])
        outcomes = measuring.answered(
            organisation_id,
            measuring.read_cases(options["cases"]),
            collection_ids=collection_ids,
            generate=False,
            progress=self.stderr.write,
        )
        signals, labels = measuring.labelled_signals(outcomes)
        fitted = fitting.fit(signals, labels)
        store_calibration(
            system_principal(organisation_id),
            collection_id=collection_ids[0] if options["collection"] else None,
            parameters=fitted,
            n=len(signals),
        )
        return {
            "n": len(signals),
            "parameters": {name: round(value, 4) for name, value in fitted.as_dict().items()},
            "before": shares(signals, labels, Parameters()),
            "after": shares(signals, labels, fitted),
        }


def shares(signals: list[Signals], labels: list[bool], parameters: Parameters) -> dict[str, float]:
    """Return how the questions that were fitted on would be decided: no figure for other questions."""
    scores = np.array([score(one, parameters) for one in signals])
    answerable = np.array(labels)
    answered = scores >= parameters.answer_from
    return {
        "auroc_answerable": round(evaluation.auroc(scores, answerable), 4),
        "answered_of_answerable": round(float(answered[answerable].mean()), 4),
        "answered_of_unanswerable": round(float(answered[~answerable].mean()), 4),
    }
