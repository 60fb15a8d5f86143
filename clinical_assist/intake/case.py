"""A case that lives in the posted form alone: what was told, what the clinician made of it, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.http import QueryDict
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from clinical_assist.differential.asking import Interviewer
from clinical_assist.differential.model import Assessment, Contribution, Model, Option, Person
from clinical_assist.knowledge import reading
from clinical_assist.knowledge.types import Condition, Finding, RedFlag
from clinical_assist.recognition.recogniser import Chip, Recogniser

LONGEST_TEXT = 8_000
LIKELY_SHOWN = 6
_REASONS_SHOWN = 6
_NOTABLE = 0.01
STATES = {"present": _("present"), "absent": _("absent"), "unknown": _("not known")}
_PREFIX = "state-"


@dataclass(frozen=True, slots=True)
class Reason:
    """A finding with what it adds to a condition, in natural logarithms."""

    finding: Finding
    present: bool
    weight: float


@dataclass(frozen=True, slots=True)
class ShownOption:
    """A condition as the page shows it."""

    condition: Condition
    chance: float
    before: float
    supporting: tuple[Reason, ...]
    opposing: tuple[Reason, ...]
    not_asked: tuple[Finding, ...]
    sources: tuple[str, ...]

    @property
    def chance_percent(self) -> str:
        return _percent(self.chance)

    @property
    def before_percent(self) -> str:
        return _percent(self.before)


@dataclass(frozen=True, slots=True)
class Row:
    """A finding of the case with its state, and the words and status in which the text has it."""

    finding: Finding
    state: str
    words: str
    status: str


@dataclass(frozen=True, slots=True)
class Case:
    """What the form carries."""

    text: str
    person: Person
    states: Mapping[str, str]
    own: str
    revealed: bool
    chips: Mapping[str, Chip]

    @property
    def findings(self) -> dict[str, bool]:
        return {code: state == "present" for code, state in self.states.items() if state != "unknown"}


@cache
def engine() -> tuple[Model, Interviewer, Recogniser]:
    """The starter's engine, made once a process."""
    knowledge = reading.starter()
    model = Model(knowledge)
    return model, Interviewer(model), Recogniser(knowledge)


def posted(data: QueryDict) -> Case:
    """Read the form. A text that was changed is read again; what the clinician set stays."""
    model, _interviewer, recogniser = engine()
    text = data.get("text", "").strip()[:LONGEST_TEXT]
    age = _age(data.get("age", ""))
    read = recogniser.recognise(text, age=age)
    states = {}
    used = read.findings()
    if data.get("read_before", "") != text:
        states = {
            chip.code: {True: "present", False: "absent"}.get(used[chip.code]) if chip.code in used else "unknown"
            for chip in read.chips
        }
    chosen = {
        name.removeprefix(_PREFIX): value
        for name, value in data.items()
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) in model.rows and value in STATES
    }
    code, _colon, answer = data.get("answer", "").partition(":")
    if code in model.rows and answer in STATES:
        chosen[code] = answer
    sex = data.get("sex", "")
    person = Person(age if age is not None else read.age, sex if sex in {"male", "female"} else read.sex)
    own = data.get("own", "").strip()[:LONGEST_TEXT]
    merged = {code: str(state) for code, state in (states | chosen).items()}
    return Case(text, person, merged, own, bool(data.get("reveal")), {chip.code: chip for chip in read.chips})


def rows(case: Case) -> list[Row]:
    """All findings of the case in the order in which they came up."""
    findings = engine()[0].knowledge.findings
    return [
        Row(findings[code], state, chip.words if chip else "", str(chip.status) if chip else "")
        for code, state in case.states.items()
        for chip in (case.chips.get(code),)
    ]


def assess(case: Case) -> tuple[Assessment, list[ShownOption], list[ShownOption]]:
    """The assessment, its likely options, and the must-not-miss ones that are not among them."""
    model = engine()[0]
    assessment = model.assess(case.person, case.findings, shown=40)
    likely = assessment.options[:LIKELY_SHOWN]
    conditions = {condition.code: condition for condition in model.knowledge.conditions}
    urgent = [
        option
        for option in assessment.options[LIKELY_SHOWN:]
        if conditions[option.condition].must_not_miss and option.chance >= _NOTABLE
    ]
    return assessment, [_shown(one, conditions) for one in likely], [_shown(one, conditions) for one in urgent[:4]]


def question(case: Case) -> Finding | None:
    """The finding to ask for next."""
    model, interviewer, _recogniser = engine()
    unanswered = {code for code, state in case.states.items() if state == "unknown"}
    best = interviewer.next(case.person, model.close(case.findings), skip=unanswered)
    return model.knowledge.findings[best[0].finding] if best else None


def red_flags(case: Case) -> list[RedFlag]:
    """The red flags that apply; an unknown age excludes none."""
    model = engine()[0]
    present = {code for code, here in model.close(case.findings).states.items() if here}
    age = case.person.age
    return [
        flag
        for flag in model.knowledge.red_flags
        if present.issuperset(flag.every)
        and (not flag.some or present & set(flag.some))
        and (age is None or flag.youngest <= age <= flag.oldest)
    ]


def _shown(option: Option, conditions: Mapping[str, Condition]) -> ShownOption:
    knowledge = engine()[0].knowledge
    condition = conditions[option.condition]
    return ShownOption(
        condition,
        option.chance,
        option.before,
        _reasons(option.supporting),
        _reasons(option.opposing),
        tuple(knowledge.findings[code] for code in option.not_asked[:_REASONS_SHOWN]),
        tuple(knowledge.sources[code] for code in condition.sources),
    )


def _reasons(terms: tuple[Contribution, ...]) -> tuple[Reason, ...]:
    findings = engine()[0].knowledge.findings
    return tuple(Reason(findings[one.finding], one.present, one.weight) for one in terms[:_REASONS_SHOWN])


def _percent(share: float) -> str:
    return number_format(100 * share, 0 if share >= 0.1 else 1)


def _age(written: str) -> float | None:
    try:
        age = float(written.replace(",", "."))
    except ValueError:
        return None
    return age if 0 <= age <= 130 else None
