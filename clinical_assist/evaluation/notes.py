"""``manage.py evaluate notes``: draft the notes of an organisation's visits, and count sentences without a source."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clinical_assist.models import Encounter
from clinical_assist.notes.drafting import draft
from clinical_assist.notes.gathering import facts_of
from clinical_assist.notes.rewording import reworded
from clinical_assist.notes.sections import NAMES, Sections, Sentence, sentences
from clinical_assist.record.access import subject
from llmasos.accounts.principals import system_principal
from llmasos.accounts.tenancy import acting_in
from llmasos.answering import audit_rules
from llmasos.answering.measuring import organisation_named
from llmasos.audit.services import record
from llmasos.audit.types import Ref
from llmasos.inference.errors import InferenceError
from llmasos.retrieval.evaluation import bootstrap_interval
from llmasos.retrieval.evaluators import EvaluationError, Progress

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REPORT_EVERY = 50


@dataclass(frozen=True, slots=True)
class Drafted:
    """A note as it was drafted: its sentences with their sources."""

    encounter: UUID
    sections: Sections


class NotesEvaluator:
    """Counts by rules that decide nothing; those are what ``evaluate answering`` counts by."""

    help: StrOrPromise = _("Draft the notes of an organisation's visits and count sentences without a source.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="SLUG")
        parser.add_argument("--most", type=int, default=500, metavar="N", help="Draft the newest N visits.")
        parser.add_argument("--language", default="en", choices=("en", "zh-hans"))
        parser.add_argument("--out", type=Path, metavar="FILE", help="Write sentences and sources of each note.")
        parser.add_argument("--generation", action="store_true", help="Let the language model word the drafts too.")

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        started = time.monotonic()
        organisation_id = organisation_named(options["organisation"])
        with translation.override(options["language"]):
            drafted = list(
                _drafted(organisation_id, options["most"], generation=options["generation"], progress=progress)
            )
        if not drafted:
            raise EvaluationError("The organisation has no visit: import records, or load the demo.")
        if options["out"]:
            write(drafted, options["out"])
        return figures(drafted, seconds=time.monotonic() - started)


def figures(drafted: Sequence[Drafted], *, seconds: float) -> dict[str, Any]:
    """Return the report; ``unsupported_shown`` counts sentences that their own sources do not bear out."""
    made = [one for note in drafted for one in sentences(note.sections)]
    faults = [bool(unsupported(one)) for one in made]
    return {
        "n": len(drafted),
        "shown": len(made),
        "unsupported_shown": sum(faults),
        "without_source": sum(1 for one in made if not one.sources),
        "worded": sum(1 for one in made if one.worded),
        "to_open": dict(Counter(one.risk or "worded" for one in made if one.must_open)),
        "seconds": round(seconds, 1),
        "ci95": {"unsupported_share": list(bootstrap_interval([float(one) for one in faults])) if faults else None},
    }


def unsupported(sentence: Sentence) -> list[str]:
    """Return what the counting rules object to in a sentence."""
    return audit_rules.unsupported(sentence.text, [source.text for source in sentence.sources])


def write(drafted: Sequence[Drafted], path: Path) -> None:
    """Write one line a note for outside judges: its sentences, and numbered what they cite."""
    with path.open("w", encoding="utf-8") as file:
        for note in drafted:
            passages: list[dict[str, Any]] = []
            shown = []
            for name in NAMES:
                for one in note.sections[name]:
                    first = len(passages) + 1
                    passages += [
                        {"n": first + place, "kind": source.kind, "label": source.label, "on": source.on,
                         "text": source.text}
                        for place, source in enumerate(one.sources)
                    ]  # fmt: skip
                    cited = list(range(first, len(passages) + 1))
                    shown.append({"section": name, "text": one.text, "origin": str(one.origin), "risk": one.risk,
                                  "citations": cited, "unsupported": unsupported(one)})  # fmt: skip
            line = {"id": str(note.encounter), "sentences": shown, "passages": passages}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


def _drafted(organisation_id: UUID, most: int, *, generation: bool, progress: Progress) -> Iterator[Drafted]:
    with acting_in(organisation_id):
        rows = Encounter.objects.for_organisation(organisation_id).order_by("-starts_at", "pk")
        ids = list(rows.values_list("pk", flat=True)[:most])
    for number, encounter_id in enumerate(ids, 1):
        with acting_in(organisation_id):
            encounter = rows.select_related("patient__merged_into").get(pk=encounter_id)
            patient = encounter.patient.merged_into or encounter.patient
            made: Sections = draft(facts_of(encounter, patient))
            record(
                organisation_id=organisation_id,
                actor=system_principal(organisation_id).actor,
                action="clinical.record_read",
                subject=subject(patient.pk),
                object=Ref("encounter", encounter.pk),
                purpose="evaluation",
            )
        if generation:
            try:
                made, _model = reworded(organisation_id, made)
            except InferenceError as error:
                raise EvaluationError(f"No note could be worded: {error}. Is the platform running?") from error
        yield Drafted(encounter_id, made)
        if number % REPORT_EVERY == 0 or number == len(ids):
            progress(f"{number} of {len(ids)} visits")
