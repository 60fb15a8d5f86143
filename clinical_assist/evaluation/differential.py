"""``manage.py evaluate differential``: rank the conditions of labelled cases, or find a case outside the base."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from clinical_assist.differential.asking import Interviewer
from clinical_assist.differential.model import Assessment, Model, Person
from clinical_assist.evaluation import cases
from clinical_assist.knowledge import library
from clinical_assist.knowledge.errors import KnowledgeError
from clinical_assist.knowledge.measures import from_measurement
from clinical_assist.recognition.recogniser import Recogniser
from llmasos.retrieval.evaluation import bootstrap_interval
from llmasos.retrieval.evaluators import EvaluationError, Progress

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BINS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out for one case. ``rank`` counts from 1, 0 when the base has none that is right.

    A case found outside still lists the nearest conditions, and has a rank.
    """

    known: bool
    outside: bool
    rank: int
    chance: float
    questions: int


class DifferentialEvaluator:
    help: StrOrPromise = _("Rank conditions of cases {id,age,sex,findings[] or text,condition,icd10}.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", required=True, type=Path, metavar="FILE")
        parser.add_argument("--knowledge", default=library.STARTER, metavar="NAME")
        parser.add_argument(
            "--ask", type=int, default=0, metavar="N", help="Start from the first finding and ask N questions."
        )

    def evaluate(self, options: Mapping[str, Any], progress: Progress) -> Mapping[str, Any]:
        try:
            model = Model(library.load(options["knowledge"]))
        except KnowledgeError as error:
            raise EvaluationError(str(error)) from error
        return measure(model, cases.read(options["cases"]), ask=options["ask"], progress=progress)


def measure(model: Model, labelled: Sequence[cases.Case], *, ask: int, progress: Progress) -> Mapping[str, Any]:
    """Assess every case and gather the figures. Raises EvaluationError if no case has a finding of the base."""
    started = time.monotonic()
    outcomes = Bench(model, ask).outcomes(labelled)
    progress(f"assessed {len(outcomes)} cases with {model.knowledge.name} {model.knowledge.version}")
    known = [one for one in outcomes if one.known]
    values: dict[str, list[float]] = {
        "top1": [float(one.rank == 1) for one in known],
        "top3": [float(0 < one.rank <= 3) for one in known],
        "top5": [float(0 < one.rank <= 5) for one in known],
        "mrr": [1 / one.rank if one.rank else 0.0 for one in known],
        "outside_recognised": [float(one.outside) for one in outcomes if not one.known],
        "false_outside": [float(one.outside) for one in known],
    }
    return {
        "n": len(outcomes),
        **{name: round(sum(of) / len(of), 4) if of else None for name, of in values.items()},
        "ece": _calibration_error(known),
        "questions": round(sum(one.questions for one in outcomes) / len(outcomes), 2),
        "knowledge": f"{model.knowledge.name} {model.knowledge.version} {model.knowledge.digest[:12]}",
        "seconds": round(time.monotonic() - started, 2),
        "ci95": {name: list(bootstrap_interval(of)) for name, of in values.items() if of},
    }


class Bench:
    """Runs cases through a model; the recogniser's findings are taken as they are."""

    def __init__(self, model: Model, ask: int) -> None:
        self._model = model
        self._ask = ask
        self._interviewer = Interviewer(model)
        self._recogniser = Recogniser(model.knowledge)

    def outcomes(self, labelled: Sequence[cases.Case]) -> list[Outcome]:
        recognised = 0
        outcomes = []
        for case in labelled:
            person, findings = self.told(case)
            recognised += len(findings)
            answers = self._answers(case, findings)
            questions = 0
            if self._ask:
                findings, questions = self._interview(person, findings, answers)
            elif not case.text:
                findings = answers
            outcomes.append(self._outcome(case, self._model.assess(person, findings, shown=1), questions))
        if not recognised:
            raise EvaluationError(
                f"No finding of these cases is in the knowledge base {self._model.knowledge.name!r}: "
                "name the one that they were written for with --knowledge."
            )
        return outcomes

    def told(self, case: cases.Case) -> tuple[Person, dict[str, bool]]:
        """The person and the findings of a case, in the order in which they were told."""
        person = Person(case.age, case.sex)
        findings: dict[str, bool] = {}
        for code, value, present in case.findings:
            if code in self._model.rows:
                findings[code] = present
            elif isinstance(value, int | float) and present:
                findings.update(from_measurement(self._model.knowledge, code, value, age=case.age))
        if case.text:
            read = self._recogniser.recognise(case.text, age=case.age)
            person = Person(case.age if case.age is not None else read.age, case.sex or read.sex)
            findings |= read.findings()
        return person, findings

    def _answers(self, case: cases.Case, told: dict[str, bool]) -> dict[str, bool]:
        """What the case answers to every question.

        A base of counts knows every finding of every condition. A case for it that names no absent finding is taken as
        complete: what it does not name is absent. Any other case answers only what it names.
        """
        if case.text or not told or not all(told.values()) or not self._model.exhaustive:
            return told
        return {code: code in told for code in self._model.codes}

    def _interview(
        self, person: Person, told: Mapping[str, bool], answers: Mapping[str, bool]
    ) -> tuple[dict[str, bool], int]:
        """Start from the first present finding; each question is answered from the case."""
        first = next((code for code, present in told.items() if present), None)
        if first is None:
            return {}, 0
        known, unanswered = {first: True}, set[str]()
        states = self._model.close(answers).states
        asked = 0
        while asked < self._ask:
            questions = self._interviewer.next(person, self._model.close(known), skip=unanswered)
            if not questions:
                break
            asked += 1
            code = questions[0].finding
            if code in states:
                known[code] = states[code]
            else:
                unanswered.add(code)
        return known, asked

    def _outcome(self, case: cases.Case, assessment: Assessment, questions: int) -> Outcome:
        conditions = {condition.code: condition for condition in self._model.knowledge.conditions}
        ranked = enumerate(assessment.ranking, 1)
        rank = next((number for number, code in ranked if case.is_hit(conditions[code])), 0)
        return Outcome(case.known, assessment.outside, rank, assessment.options[0].chance, questions)


def _calibration_error(outcomes: Sequence[Outcome]) -> float | None:
    """Expected calibration error of the first option's chance over answered cases, ten equal bins."""
    answered = [one for one in outcomes if not one.outside]
    if not answered:
        return None
    bins: dict[int, list[Outcome]] = {}
    for one in answered:
        bins.setdefault(min(int(one.chance * BINS), BINS - 1), []).append(one)
    gaps = (abs(sum(one.chance - (one.rank == 1) for one in members)) for members in bins.values())
    return round(sum(gaps) / len(answered), 4)
