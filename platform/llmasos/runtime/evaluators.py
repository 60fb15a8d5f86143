"""Evaluators of packages that lie below the registry of ``manage.py evaluate``."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from llmasos.retrieval.evaluators import EvaluationError, Progress, register_evaluator

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class DeidentificationEvaluator:
    help: StrOrPromise = _("Find personal data in marked texts: lines {id,text,spans[{start,end,type}]}.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", required=True, type=Path, metavar="FILE")

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        from llmasos.privacy.deidentification import evaluation

        try:
            return evaluation.measure(evaluation.read_cases(options["cases"]), progress)
        except evaluation.CasesError as error:
            raise EvaluationError(str(error)) from error


def register() -> None:
    """Called once, in ``AppConfig.ready``."""
    register_evaluator("deidentification", DeidentificationEvaluator())
