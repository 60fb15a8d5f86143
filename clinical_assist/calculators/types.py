"""What a calculator is: the inputs that it names, and the result that it explains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Kind = Literal["number", "flag", "choice", "date"]
Value = float | bool | str | date


class CalculatorError(Exception):
    """The inputs do not allow a result. The message is for people and names every input that is wrong."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input. Numbers are kept in ``unit``; other units are converted where they are known.

    ``low`` and ``high`` are what is believed of a person, in ``unit``: a value outside of them is refused, since it is
    more likely a wrong unit or a slip than a patient. What is not ``required`` counts as absent or normal when it is
    not given, and the result says so. ``aliases`` are other names under which it is understood.
    """

    name: str
    label: StrOrPromise
    kind: Kind
    unit: str = ""
    low: float | None = None
    high: float | None = None
    analyte: str = ""
    choices: tuple[tuple[str, StrOrPromise], ...] = ()
    required: bool = False
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One line of how a result came about: its words, and the points or the value that it gives."""

    label: StrOrPromise
    value: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a formula gives back; ``text`` stands for results that are no number, such as a date."""

    value: float | None
    parts: tuple[Part, ...] = ()
    meaning: StrOrPromise = ""
    text: str = ""
    notes: tuple[StrOrPromise, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A finished calculation: the outcome, the inputs as they were used, and what was taken as absent or normal."""

    calculator: Calculator
    outcome: Outcome
    used: Mapping[str, Value]
    assumed: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return it as plain JSON values; labels in the language that is active."""
        inputs = {one.name: one for one in self.calculator.inputs}
        return {
            "calculator": self.calculator.name,
            "title": str(self.calculator.title),
            "value": self.outcome.value,
            "unit": self.calculator.unit,
            "text": self.outcome.text,
            "meaning": str(self.outcome.meaning),
            "parts": [{"label": str(one.label), "value": one.value, "unit": one.unit} for one in self.outcome.parts],
            "inputs": [
                {
                    "name": name,
                    "label": str(inputs[name].label),
                    "value": value.isoformat() if isinstance(value, date) else value,
                    "unit": inputs[name].unit,
                }
                for name, value in self.used.items()
            ],
            "assumed": list(self.assumed),
            "notes": [str(one) for one in self.outcome.notes],
            "limits": str(self.calculator.limits),
            "source": self.calculator.source,
        }


class Values:
    """The inputs of one calculation. What was asked for and not given is remembered as assumed."""

    def __init__(self, given: Mapping[str, Value]) -> None:
        self._given = given
        self._asked: dict[str, None] = {}

    def number(self, name: str) -> float:
        """Return a required number in its input's unit."""
        return float(self._given[name])  # type: ignore[arg-type]

    def optional(self, name: str) -> float | None:
        """Return a number, or None when it was not given and counts as normal."""
        found = self._get(name)
        return None if found is None else float(found)  # type: ignore[arg-type]

    def flag(self, name: str) -> bool:
        """Return whether something is present; absent when it was not given."""
        return bool(self._get(name))

    def choice(self, name: str, *, default: str = "") -> str:
        """Return the chosen id, or ``default`` when none was given."""
        found = self._get(name)
        return default if found is None else str(found)

    def day(self, name: str) -> date:
        """Return a required date."""
        return self._given[name]  # type: ignore[return-value]

    def is_female(self) -> bool:
        """Return whether the required input "sex" says female."""
        return self._given["sex"] == "female"

    @property
    def assumed(self) -> tuple[str, ...]:
        """The names of inputs that counted as absent or normal because they were not given."""
        return tuple(self._asked)

    def _get(self, name: str) -> Value | None:
        if name not in self._given:
            self._asked[name] = None
        return self._given.get(name)


Formula = Callable[[Values], Outcome]


@dataclass(frozen=True, slots=True)
class Calculator:
    """A calculator: what it takes, how it computes, where it is from and when it does not hold."""

    name: str
    title: StrOrPromise
    group: str
    inputs: tuple[Input, ...]
    formula: Formula
    source: str
    limits: StrOrPromise
    unit: str = ""
    aliases: tuple[str, ...] = ()
    digits: int = 2
    version: int = field(default=1)


def points(parts: Iterable[tuple[StrOrPromise, float]]) -> tuple[Part, ...]:
    """Return the parts of a score, those that give nothing included."""
    return tuple(Part(label, value) for label, value in parts)


def total(parts: Iterable[Part]) -> float:
    return sum(part.value for part in parts)


def band(value: float, *steps: tuple[float, float], above: float) -> float:
    """Return the points of the first step whose bound is above ``value``; ``above`` beyond the last.

    ``band(x, (45, 0), (65, 1), above=2)`` is 0 under 45, 1 under 65, else 2.
    """
    return next((given for bound, given in steps if value < bound), above)


def counted(values: Values, flags: Mapping[str, float], inputs: Iterable[Input]) -> tuple[Part, ...]:
    """Return the part of each yes-or-no input: its points where it is present, else 0."""
    labels = {one.name: one.label for one in inputs}
    return tuple(Part(labels[name], given if values.flag(name) else 0) for name, given in flags.items())


def meaning_of(value: float, *steps: tuple[float, StrOrPromise], above: StrOrPromise) -> StrOrPromise:
    """Return the words of the first step whose bound is above ``value``; ``above`` beyond the last."""
    return next((words for bound, words in steps if value < bound), above)
