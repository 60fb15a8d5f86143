from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from llmasos.retrieval.evaluators import EvaluationError, evaluators


class Command(BaseCommand):
    help = "Measures a part of the platform on labelled cases. It never fits anything."

    def add_arguments(self, parser: ArgumentParser) -> None:
        subjects = parser.add_subparsers(dest="subject", required=True, metavar="SUBJECT")
        for name, evaluator in evaluators().items():
            subject = subjects.add_parser(name, help=str(evaluator.help), description=str(evaluator.help))
            evaluator.add_arguments(subject)
            subject.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            figures = evaluators()[options["subject"]].evaluate(options, self._progress)
        except EvaluationError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        intervals = figures.get("ci95", {})
        for name, value in figures.items():
            if name == "ci95":
                continue
            if isinstance(value, Mapping):
                self.stdout.write(f"{name}")
                for inner, figure in value.items():
                    self.stdout.write(f"  {inner}: {_written(figure)}")
            else:
                self.stdout.write(f"{name}: {_written(value)}{_interval(intervals.get(name))}")

    def _progress(self, message: str) -> None:
        self.stderr.write(message)


def _written(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_written(inner)}" for name, inner in value.items())
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _interval(interval: object) -> str:
    if not isinstance(interval, list | tuple) or len(interval) != 2:
        return ""
    return f"  (95 %: {interval[0]:.4g} to {interval[1]:.4g})"
