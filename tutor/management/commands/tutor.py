"""``manage.py tutor``: what the tutor's operators do by hand."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from llmasos.retrieval.evaluators import EvaluationError


class Command(BaseCommand):
    help = "Trains the tutor's global model of verdicts."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        train = commands.add_parser("train", help="Fit the global model on labelled answers and write it to a file.")
        train.add_argument("--data", required=True, type=Path, action="append", metavar="FILE")
        train.add_argument("--out", required=True, type=Path, metavar="FILE")
        train.add_argument("--license", default="", help="The licence of what was learnt from, kept in the file.")
        train.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        from llmasos.inference.in_process import embedder
        from tutor.engine.features import Vectors
        from tutor.engine.model import save
        from tutor.evaluation import cases
        from tutor.evaluation.grading import fit_labels

        if not options["out"].parent.is_dir():
            raise CommandError(_("There is no folder %(path)s.") % {"path": options["out"].parent})
        try:
            read = [case for path in options["data"] for case in cases.read(path)]
            model = fit_labels(read, 2, Vectors(embedder()), self.stderr.write)
        except EvaluationError as error:
            raise CommandError(str(error)) from error
        card = {
            "data": [path.name for path in options["data"]],
            "license": options["license"],
            "answers": sum(len(case.texts) for case in read),
            "questions": len(read),
        }
        digest = save(model, options["out"], card=card)
        figures = {"file": options["out"].name, "digest": digest, "bytes": options["out"].stat().st_size, **card}
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name}: {value}")
