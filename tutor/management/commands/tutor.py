"""``manage.py tutor``: what the tutor's operators do by hand."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from llmasos.accounts.principals import Principal, system_principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.retrieval.evaluators import EvaluationError

if TYPE_CHECKING:
    from tutor.evaluation.cases import Case


class Command(BaseCommand):
    help = "Trains the tutor's global model of verdicts, and keeps an organisation's own ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
        train = commands.add_parser(
            "train", help="Fit the global model on labelled answers into a file, or on an organisation's own marks."
        )
        train.add_argument("--data", type=Path, action="append", default=[], metavar="FILE")
        train.add_argument("--license", default="", help="The licence of the files, kept with the model.")
        train.add_argument("--out", type=Path, metavar="FILE")
        train.add_argument("--organisation", metavar="SLUG", help="Learn from its marks; the model stays with it.")
        train.add_argument("--use", action="store_true", help="Use the organisation's model from now on.")
        kept = commands.add_parser("models", help="List an organisation's own models; use or remove one.")
        kept.add_argument("--organisation", required=True, metavar="SLUG")
        act = kept.add_mutually_exclusive_group()
        act.add_argument("--use", metavar="DIGEST", help="A digest's beginning, or 'packaged'.")
        act.add_argument("--remove", metavar="DIGEST")
        for one in (train, kept):
            one.add_argument("--json", action="store_true", help="Print one JSON object.")

    def handle(self, *args: Any, **options: Any) -> None:
        figures: Mapping[str, Any]
        if options["command"] == "models":
            figures = self._models(options)
        elif options["organisation"]:
            figures = self._train_own(options)
        else:
            figures = self._train(options)
        if options["json"]:
            self.stdout.write(json.dumps(figures, ensure_ascii=False))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name}: {value}")

    def _train(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        from llmasos.inference.in_process import embedder
        from tutor.engine.features import Vectors
        from tutor.engine.model import save
        from tutor.evaluation.grading import fit_labels

        if not options["data"] or options["out"] is None:
            raise CommandError(_("Give --data and --out, or --organisation."))
        if not options["out"].parent.is_dir():
            raise CommandError(_("There is no folder %(path)s.") % {"path": options["out"].parent})
        read = self._read(options)
        try:
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
        return {"file": options["out"].name, "digest": digest, "bytes": options["out"].stat().st_size, **card}

    def _train_own(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        from llmasos.inference.in_process import embedder
        from tutor.engine.training import Marked
        from tutor.evaluation.grading import columns
        from tutor.training import services

        if options["out"] is not None:
            raise CommandError(_("An organisation's model stays with it: --out is for models of files."))
        principal = self._principal(options["organisation"])
        read = self._read(options)
        if not all(case.has_labels for case in read):
            raise CommandError(_("The global model is trained on labels: correct, contradictory, incorrect."))
        try:
            made = services.train_own(
                principal,
                embed=embedder(),
                more=[Marked(case.question, case.texts, columns(case, 2)) for case in read],
                sources={path.name: options["license"] for path in options["data"]},
                progress=self.stderr.write,
            )
        except ValueError as error:
            raise CommandError(_("There are too few marks: %(reason)s.") % {"reason": error}) from error
        if options["use"]:
            services.choose(principal, made.digest)
        return {"digest": made.digest, "bytes": len(made.content), "in_use": options["use"], **made.card}

    def _models(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        from llmasos.accounts.tenancy import acting_in
        from tutor.models import GradingModel
        from tutor.training import queries, services

        principal = self._principal(options["organisation"])
        try:
            if options["use"]:
                services.choose(principal, "" if options["use"] == "packaged" else options["use"])
            elif options["remove"]:
                services.remove(principal, options["remove"])
        except GradingModel.DoesNotExist:
            raise CommandError(_("The organisation has no model of this digest.")) from None
        except GradingModel.MultipleObjectsReturned:
            raise CommandError(_("Several models begin so: give more of the digest.")) from None
        with acting_in(principal.organisation_id):
            models = [
                {"digest": one.digest, "in_use": one.in_use, "made": one.created_at.isoformat(), **one.card}
                for one in queries.own_models(principal.organisation_id)
            ]
        return {"models": models}

    def _read(self, options: Mapping[str, Any]) -> list[Case]:
        from tutor.evaluation import cases

        try:
            return [case for path in options["data"] for case in cases.read(path)]
        except EvaluationError as error:
            raise CommandError(str(error)) from error

    def _principal(self, slug: str) -> Principal:
        organisation_id = organisation_id_by_slug(slug)
        if organisation_id is None:
            raise CommandError(_("There is no organisation %(slug)s.") % {"slug": slug})
        return system_principal(organisation_id)
