"""``manage.py evaluate plans``: what order sets propose to many patients, and sentences of it without a source."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clinical_assist.medicines.library import library
from clinical_assist.medicines.types import Patient
from clinical_assist.models import PlanDraft
from clinical_assist.ordersets import reading
from clinical_assist.plans.grounds import sources_of
from clinical_assist.plans.lines import Line
from clinical_assist.plans.proposals import Proposal, propose
from clinical_assist.plans.wording import reworded
from llmasos.answering import audit_rules
from llmasos.answering.measuring import organisation_named
from llmasos.inference.errors import InferenceError
from llmasos.retrieval.evaluation import bootstrap_interval
from llmasos.retrieval.evaluators import EvaluationError, Progress

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Age in years, weight in kg.
_PEOPLE = ((0.8, 8.5), (4.0, 16.0), (30.0, 70.0), (52.0, 84.0), (78.0, 61.0))
_CLEARANCES = (95.0, 28.0, None)


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence of a plan as it is shown, with the texts that it stands on."""

    condition: str
    line: str
    sentence: str
    sources: tuple[str, ...]
    is_worded: bool = False


class PlansEvaluator:
    """Counts by rules that decide nothing; those are what ``evaluate answering`` counts by."""

    help: StrOrPromise = _("Propose plans for every condition of the order sets and count sentences without a source.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, metavar="FILE", help="Write each sentence with its sources.")
        parser.add_argument(
            "--generation", metavar="SLUG", help="Let an organisation's language model word the reasons too."
        )

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        started = time.monotonic()
        found = reading.starter()
        conditions = sorted({code for one in found.sets.values() for code in one.conditions})
        people = list(_people())
        counts: Counter[str] = Counter()
        shown: dict[Shown, None] = {}
        with translation.override("en"):
            for number, condition in enumerate(conditions, 1):
                for patient in people:
                    proposals = propose(patient, [condition], found)
                    counts["proposals"] += len(proposals)
                    counts["fitting"] += sum(1 for one in proposals if one.fits)
                    counts["fitting_with_tier_1"] += sum(
                        1 for one in proposals if one.fits and any(alert.tier == 1 for alert in one.alerts)
                    )
                    shown |= dict.fromkeys(_shown(condition, [one for one in proposals if one.fits]))
                progress(f"{number} of {len(conditions)} conditions")
            if options["generation"]:
                shown |= dict.fromkeys(_worded(organisation_named(options["generation"]), conditions, progress))
        rows = [(one, audit_rules.unsupported(one.sentence, one.sources)) for one in shown]
        if options["out"]:
            _write(rows, options["out"])
        faults = [bool(found_faults) for _one, found_faults in rows]
        return {
            "conditions": len(conditions),
            "patients": len(people),
            **counts,
            "sentences": len(rows),
            "worded": sum(1 for one, _faults in rows if one.is_worded),
            "without_sources": sum(1 for one, _faults in rows if not one.sources),
            "unsupported_shown": sum(faults),
            "ci95": {"unsupported_share": bootstrap_interval([float(fault) for fault in faults])},
            "version": found.version,
            "digest": found.digest,
            "seconds": round(time.monotonic() - started, 1),
        }


def _people() -> Iterator[Patient]:
    penicillin = (library().medicines["amoxicillin"],)
    for (age, weight), sex, clearance, allergies, pregnant in product(
        _PEOPLE, ("female", "male"), _CLEARANCES, ((), penicillin), (False, True, None)
    ):
        if sex == "female" or pregnant is False:
            yield Patient(
                age=age,
                sex=sex,
                weight=weight,
                clearance=clearance if age > 18 else None,
                is_pregnant=pregnant if 12 <= age <= 55 else False,
                allergies=allergies,
            )


def _line(condition: str, made: Proposal) -> Line:
    plan = PlanDraft(conditions=[{"code": condition, "grounds": []}])
    return Line(
        text=made.text,
        note=made.line.note,
        whom=made.line.whom,
        why=made.line.why,
        set_line=made.line.code,
        sources=sources_of(plan, made),
    )


def _shown(condition: str, proposals: list[Proposal]) -> Iterator[Shown]:
    for made in proposals:
        line = _line(condition, made)
        texts = tuple(one.text for one in line.sources)
        for sentence in (line.text, line.note, line.whom, line.why):
            if sentence:
                yield Shown(condition, line.set_line, sentence, texts)


def _worded(organisation_id: UUID, conditions: list[str], progress: Progress) -> Iterator[Shown]:
    grown = Patient(age=52.0, sex="female", weight=70.0, clearance=95.0, is_pregnant=False)
    for number, condition in enumerate(conditions, 1):
        lines = {
            uuid4(): _line(condition, one)
            for one in propose(grown, [condition], reading.starter())
            if one.fits and one.line.why
        }
        try:
            said, _model = reworded(organisation_id, lines)
        except InferenceError as error:
            raise EvaluationError(f"No language model: {error}. Start LLMasOS, or leave --generation away.") from error
        for key, sentence in said.items():
            texts = tuple(one.text for one in lines[key].sources)
            yield Shown(condition, lines[key].set_line, sentence, texts, is_worded=True)
        progress(f"worded {number} of {len(conditions)} conditions")


def _write(rows: list[tuple[Shown, list[str]]], path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8") as file:
            for one, faults in rows:
                row = {
                    "condition": one.condition,
                    "line": one.line,
                    "sentence": one.sentence,
                    "worded": one.is_worded,
                    "sources": list(one.sources),
                    "faults": faults,
                }
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error}.") from error
