"""Reading an order as it is written: medicine, dose, unit, how often. What is not clear is asked."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from clinical_assist.medicines.naming import medicine_named, medicines_in
from clinical_assist.medicines.types import UNITS, Medicine, Order

_UNITS = {
    "mg": "mg", "milligram": "mg", "milligrams": "mg", "milligrammes": "mg", "g": "g", "gram": "g", "grams": "g",
    "grammes": "g", "mcg": "ug", "µg": "ug", "ug": "ug", "microgram": "ug", "micrograms": "ug", "microgrammes": "ug",
    "unit": "unit", "units": "unit", "iu": "unit", "mmol": "mmol", "meq": "mmol", "ml": "ml", "tablet": "tablet",
    "tablets": "tablet", "tab": "tablet", "tabs": "tablet", "capsule": "capsule", "capsules": "capsule",
    "cap": "capsule", "caps": "capsule",
}  # fmt: skip
_TO_MILLIGRAM = {"g": 1000.0, "mg": 1.0, "ug": 0.001}
_WORDS = {"once": 1, "one": 1, "twice": 2, "two": 2, "three": 3, "thrice": 3, "four": 4, "five": 5, "six": 6}
_NUMBER = r"(\d+(?:\.\d+)?|" + "|".join(_WORDS) + ")"
# A number that another one is tied to, as in 5-10 or 500/125 or .25, is no amount by itself.
_DOSE = re.compile(
    r"(?<![\d.,/–-])(?P<value>\d+(?:[.,]\d+)?)\s*(?P<unit>" + "|".join(sorted(_UNITS, key=len, reverse=True)) + r")\b",
    re.IGNORECASE,
)
# One thousand to some, one to others.
_THOUSAND = re.compile(r"[1-9]\d*[.,]\d{3}")
_BY_WEIGHT = re.compile(r"\s*(?:/|per\b)\s*(?:kg|m2|m²)(?!\w)", re.IGNORECASE)
_NOT_GIVEN = re.compile(r"\b(?:max(?:imum)?\.?|up to|at most|no more than|not more than)\s*$", re.IGNORECASE)
_WATER = re.compile(r"\s*(?:of )?water\b", re.IGNORECASE)
_BESIDE = re.compile(r"(?:,|;|\+|&|\band)\s*$", re.IGNORECASE)
_STEPS = re.compile(r"\bthen\b(?!\s+(?:stop|review))", re.IGNORECASE)
# An amount beside how many are taken may be of one of them or of all.
_PIECES = re.compile(
    rf"\b{_NUMBER}\s*(?:tab(?:let)?s?|cap(?:sule)?s?|puffs?|inhalations?|sprays?|drops?|patch(?:es)?|sachets?)\b",
    re.IGNORECASE,
)
_ONE_PIECE = re.compile(r"\b(?:1|one)\s+(?:tab(?:let)?|cap(?:sule)?|puff|sachet|patch)\b", re.IGNORECASE)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b")
_NUMBER_AHEAD = re.compile(r"\s(?=\.?\d)|,")
# What is counted and has no amount that could be checked: inhalers, creams, drops.
_COUNTED = re.compile(
    r"\d+(?:[.,]\d+)?(?:\s*(?:-|–|to)\s*\d+)?\s*"
    r"(?:%|puffs?|inhalations?|drops?|sprays?|patch(?:es)?|sachets?|suppositor|pessar|applications?|lozenges?)",
    re.IGNORECASE,
)
# (pattern, times a day), the first that fits; a group holds a number.
_FREQUENCIES: tuple[tuple[str, float | str], ...] = (
    (r"\b(?:once (?:a|per|every) week|once weekly|weekly|every week)\b", 1 / 7),
    (rf"\b{_NUMBER} times? (?:a|per|each|every) week\b", "a week"),
    (r"\b(?:once (?:a|per) month|monthly)\b", 1 / 30),
    (r"\b(?:every other day|alternate days|every second day|q\.?o\.?d)\b", 0.5),
    # Of "every 4 to 6 hours" the first: it is the most that may be given.
    (rf"\b(?:every|each|q)\s*{_NUMBER}\s*(?:(?:-|–|to)\s*\d+\s*)?(?:h|hrs?|hours?|hourly)\b", "hours"),
    (rf"\b{_NUMBER}[ -]hourly\b", "hours"),
    (rf"\b{_NUMBER}\s*(?:times?|x)\s*(?:a|per|each|every|/)?\s*(?:day|daily|d)\b", "a day"),
    (r"\b(?:q\.?i\.?d|q\.?d\.?s)\b", 4),
    (r"\b(?:t\.?i\.?d|t\.?d\.?s)\b", 3),
    (r"\b(?:b\.?i\.?d|b\.?d|twice (?:a day|daily|per day)|twice)\b", 2),
    (r"(?:\b(?:once|o\.?d|q\.?d|daily|every day|a day|per day|in the (?:morning|evening))|/\s*day)\b", 1),
    (r"\b(?:every (?:morning|evening|night)|at (?:night|bedtime)|nocte|mane|h\.?s)\b", 1),
)  # fmt: skip
_COURSE = re.compile(
    rf"[,;]?\s*\b(?:for|x)\s+(?P<number>\d{{1,3}}|a|{'|'.join(_WORDS)})\s+(?P<span>day|week)s?\b", re.IGNORECASE
)
_SPELLED_OUT = tuple(
    (re.compile(rf"\b(?:{pattern})\b\.?", re.IGNORECASE), words)
    for pattern, words in (
        (r"q\.?o\.?d", "every other day"), (r"o\.?d|q\.?d", "once a day"), (r"b\.?i\.?d|b\.?d", "twice a day"),
        (r"t\.?i\.?d|t\.?d\.?s", "three times a day"), (r"q\.?i\.?d|q\.?d\.?s", "four times a day"),
        (r"q\s?(\d+)\s?h", r"every \1 hours"), (r"p\.?r\.?n", "as needed"), (r"nocte", "at night"),
        (r"mane", "in the morning"), (r"h\.?s", "at bedtime"),
    )
)  # fmt: skip
_AS_NEEDED = re.compile(r"\b(?:p\.?r\.?n|as needed|when needed|if needed)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Read:
    """An order, and the questions that have to be answered before it is one.

    ``meant`` are the same order with the names that may have been meant.
    """

    text: str
    order: Order | None
    questions: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()


def read_order(text: str) -> Read:
    """Read one order such as "amoxicillin 500 mg three times a day"."""
    dose = _DOSE.search(text)
    cut = dose.start() if dose else len(_NUMBER_AHEAD.split(text)[0])
    named = medicine_named(text[:cut].strip(" ,:-"))
    if named.medicine is None and dose:
        # The name may end before numbers that are no amount: "morphine 5 to 10 mg".
        shorter = len(_NUMBER_AHEAD.split(text)[0])
        if (known := medicine_named(text[:shorter].strip(" ,:-"))).medicine is not None:
            cut, named = shorter, known
    if named.medicine is None:
        meant = tuple(
            f"{one}{text[cut:] if text[cut : cut + 1] in ' ,' else ' ' + text[cut:]}" for one in named.suggestions
        )
        return Read(text, None, (_which(named.text, named.suggestions),), meant)
    return _read(text, text[cut:], named.medicine)


def _read(text: str, rest: str, medicine: Medicine) -> Read:
    """Read what stands behind the name."""
    if medicine.unit != "tablet":
        rest = _ONE_PIECE.sub(" ", rest)
    amounts = [
        one
        for one in _DOSE.finditer(rest)
        if not _NOT_GIVEN.search(rest[: one.start()]) and not _WATER.match(rest[one.end() :])
    ]
    questions = (
        list(_others(rest, medicine))
        or list(_unreadable(rest, amounts, medicine))
        or [question for one in amounts if (question := _unclear(one, rest, medicine))]
    )
    if questions:
        return Read(text, Order(medicine, None, frequency(rest)), tuple(dict.fromkeys(questions)))
    if not amounts:
        return Read(text, Order(medicine, None, frequency(rest)))
    ends = [*(one.start() for one in amounts[1:]), len(rest)]
    parts = [
        (_in_unit(one, medicine), frequency(rest[one.end() : end])) for one, end in zip(amounts, ends, strict=True)
    ]
    if len(parts) == 1 and _AS_NEEDED.search(rest):
        return Read(text, Order(medicine, *parts[0]))
    if any(times is None for _dose, times in parts):
        asked = _("How often is %(medicine)s given?") % {"medicine": medicine.name}
        return Read(text, Order(medicine, parts[0][0], None), (asked,))
    # 500 mg in the morning and 1 g at night: the most at once, as often as makes up the day.
    most = max(dose for dose, _times in parts)
    a_day = sum(dose * (times or 0) for dose, times in parts)
    return Read(text, Order(medicine, most, parts[0][1] if len(parts) == 1 else a_day / most if most else None))


def course(text: str) -> tuple[str, int | None]:
    """Return an order without its "for 5 days", and those days; None where it names none."""
    found = _COURSE.search(text)
    if found is None:
        return text, None
    number = found["number"].casefold()
    count = _WORDS[number] if number in _WORDS else 1 if number == "a" else int(number)
    return (text[: found.start()] + text[found.end() :]).strip(), count * (
        7 if found["span"].casefold() == "week" else 1
    )


def spelled_out(text: str) -> str:
    """Return an order with the abbreviations of how often written out, as patients read it."""
    for pattern, words in _SPELLED_OUT:
        text = pattern.sub(words, text)
    return text


def in_words(order: Order) -> str:
    """Return what was read of an order, so that somebody sees where it was misread."""
    values: dict[str, object] = {"medicine": order.medicine.name, "unit": UNITS[order.medicine.unit]}
    if order.dose is None:
        return _("%(medicine)s; no amount was read: the dose is not checked") % values
    values["dose"] = f"{order.dose:g}"
    if order.times_a_day is None or order.a_day is None:
        return (
            _("%(medicine)s, at most %(dose)s %(unit)s at once; how often was not read: the day is not checked")
            % values
        )
    if order.times_a_day >= 1:
        return _("%(medicine)s, at most %(dose)s %(unit)s at once, %(total)s %(unit)s a day") % {
            **values,
            "total": f"{order.a_day:g}",
        }
    return _("%(medicine)s, at most %(dose)s %(unit)s at once, %(total)s %(unit)s in 30 days") % {
        **values,
        "total": f"{order.a_day * 30:.4g}",
    }


def frequency(text: str) -> float | None:
    """Return how often a day, or None where the words do not say."""
    low = text.casefold()
    for pattern, times in _FREQUENCIES:
        found = re.search(pattern, low)
        if found is None:
            continue
        if not isinstance(times, str):
            return float(times)
        word = found[1]
        number = float(_WORDS[word]) if word in _WORDS else float(word)
        if number <= 0:
            return None
        return {"a week": number / 7, "hours": 24 / number, "a day": number}[times]
    days = {one.removesuffix("s") for one in _WEEKDAY.findall(low)}
    # "Monday to Friday" is not read.
    return len(days) / 7 if days and not re.search(r"\bto\b|[-–]|\bexcept\b", low) else None


def _which(name: str, suggestions: tuple[str, ...]) -> str:
    if suggestions:
        return _("Which medicine is “%(name)s”? Did you mean: %(choices)s?") % {
            "name": name,
            "choices": ", ".join(suggestions),
        }
    return _("No medicine is known by the name “%(name)s”: write its generic name.") % {"name": name}


def _others(rest: str, medicine: Medicine) -> Iterator[str]:
    for one in medicines_in(rest):
        if one is not medicine:
            yield _("Write one medicine a line: %(name)s stands behind %(medicine)s.") % {
                "name": one.name,
                "medicine": medicine.name,
            }


def _unreadable(rest: str, amounts: Sequence[re.Match[str]], medicine: Medicine) -> Iterator[str]:
    """Ask about numbers that are no amount, and about amounts that do not simply add up."""
    start = rest.strip(" ,:-(")
    is_frequency = any(re.match(pattern, start, re.IGNORECASE) for pattern, _times in _FREQUENCIES)
    if re.match(r"\.?\d", start) and not (is_frequency or _COUNTED.match(start) or _DOSE.match(start)):
        yield _("“%(words)s” is not read as one amount. Write what is given at once, in %(unit)s.") % {
            "words": " ".join(start.split()[:3]),
            "unit": UNITS[medicine.unit],
        }
    pieces = _PIECES.search(rest)
    if pieces and any(one.span() != pieces.span() for one in amounts):
        yield _("Is “%(amount)s” one of “%(pieces)s” or all of it? Write what is given at once, in %(unit)s.") % {
            "amount": next(one[0] for one in amounts if one.span() != pieces.span()),
            "pieces": pieces[0],
            "unit": UNITS[medicine.unit],
        }
        return
    apart = any(
        not _BESIDE.search(rest[one.end() : other.start()]) for one, other in itertools.pairwise(amounts)
    )  # fmt: skip
    if apart or _STEPS.search(rest):
        yield _("More than one amount stands there: write each step of a dose that changes as a line of its own.")


def _unclear(amount: re.Match[str], rest: str, medicine: Medicine) -> str:
    """Return what has to be asked about one amount, or nothing."""
    if _THOUSAND.fullmatch(amount["value"]):
        whole, _mark, part = re.split("([.,])", amount["value"])
        return _("Is “%(written)s” %(thousand)s or %(whole)s? Write it without a mark between the digits.") % {
            "written": amount[0],
            "thousand": whole + part,
            "whole": f"{float(f'{whole}.{part}'):g}",
        }
    if _BY_WEIGHT.match(rest[amount.end() :]):
        return _("“%(written)s” goes by the body's size: write what this patient gets at once, in %(unit)s.") % {
            "written": amount[0] + rest[amount.end() :].split()[0],
            "unit": UNITS[medicine.unit],
        }
    unit = _unit(amount)
    if unit != medicine.unit and not (unit in _TO_MILLIGRAM and medicine.unit in _TO_MILLIGRAM):
        return _("How much is that in %(unit)s? %(medicine)s is dosed in %(unit)s.") % {
            "unit": UNITS[medicine.unit],
            "medicine": medicine.name,
        }
    return ""


def _in_unit(amount: re.Match[str], medicine: Medicine) -> float:
    value, unit = float(amount["value"].replace(",", ".")), _unit(amount)
    return value if unit == medicine.unit else value * _TO_MILLIGRAM[unit] / _TO_MILLIGRAM[medicine.unit]


def _unit(amount: re.Match[str]) -> str:
    # Folding turns the micro sign into the Greek letter.
    return _UNITS[amount["unit"].casefold().replace("\u03bc", "\u00b5")]
