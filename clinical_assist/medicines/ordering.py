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
_NOT_GIVEN = re.compile(r"\b(?:max(?:imum)?\.?|at most|no more than|not more than)\s*$", re.IGNORECASE)
# 5mg-50mg, 3mg/4mg; but 250mg/5ml and 5mg/24h are strengths.
_TIED = re.compile(r"\s*[-–—/]\s*\d(?!\d*(?:\.\d+)?\s*(?:ml|h|hrs?|hours?)\b)", re.IGNORECASE)
# How many are taken, written behind an amount: 500mg 2 bd, 500mg ii bd, 1 g x4 daily.
_HOW_MANY = re.compile(
    r"[\s,;:(]*(?:[x×*]\s*)?(?P<number>\d+(?:[.,]\d+)?|(?:one|two|three|four|five|six|i{1,3})\b)", re.IGNORECASE
)
_TIMES = re.compile(r"(?<!\w)[x×*]\s*(?P<number>\d+)", re.IGNORECASE)
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
_PART_OF_DAY = r"(?: on \w+days?)?(?:,? (?:in the (?:morning|evening)|at (?:night|bedtime)|nocte|mane|h\.?s)\b)?"
# (pattern, times a day), the first that fits; a group holds a number.
_FREQUENCIES: tuple[tuple[str, float | str], ...] = (
    (
        rf"\b{_NUMBER}(?:(?<=ce)|\s*(?:times?|x))\s*(?:weekly|(?:(?:a|per|each|every)\s|/)\s*week)\b{_PART_OF_DAY}",
        "a week",
    ),
    (rf"\b(?:weekly|(?:every|each) week)\b{_PART_OF_DAY}", 1 / 7),
    (rf"\b(?:once (?:a|per|every) month|every month|monthly)\b{_PART_OF_DAY}", 1 / 30),
    (rf"\b(?:every other day|alternate days|every second day|q\.?o\.?d)\b{_PART_OF_DAY}", 0.5),
    # Of "every 4 to 6 hours" the most that may be given.
    (rf"\b(?:every|each|q)\s*{_NUMBER}\s*(?:(?:-|–|to)\s*{_NUMBER}\s*)?(?:h|hrs?|hours?|hourly)\b", "hours"),
    (rf"\b{_NUMBER}\s*(?:-|–|to)\s*{_NUMBER}[ -]?(?:hours?|hrs?|hourly)\b", "hours"),
    (rf"\b{_NUMBER}[ -]?hourly\b", "hours"),
    (rf"\b{_NUMBER}\s*(?:times?|x)\s*(?:a|per|each|every|/)?\s*(?:day|daily|d)\b", "a day"),
    (r"\b(?:q\.?i\.?d|q\.?d\.?s)\b", 4),
    (r"\b(?:t\.?i\.?d|t\.?d\.?s)\b", 3),
    (r"\b(?:b\.?i\.?d|b\.?d|twice (?:a day|daily|per day)|twice)\b", 2),
    (r"\b(?:once (?:daily|a day|per day|every day)|o\.?d|q\.?d|daily|every day|a day|per day)\b|/\s*day\b", 1),
    (r"\bin the (?:morning|evening)\b", 1),
    (r"\b(?:every (?:morning|evening|night)|at (?:night|bedtime)|nocte|mane|h\.?s)\b", 1),
)  # fmt: skip
_ONCE = re.compile(r"\bonce\b(?! (?:a|per|each|every|in)\b)")
# How often in words that are not read.
_NOT_READ = re.compile(
    rf"\b(?:yearly|annual(?:ly)?|fortnight(?:ly)?|(?:a|per|each|every) (?:year|quarter)|days? (?:a|per|each|every) week"
    rf"|(?:every|each|per) (?:{_NUMBER}|other|second|few)[ -]*(?:(?:-|–|to)\s*{_NUMBER}\s*)?(?:week|month|year)s?"
    rf"|every {_NUMBER} days?|(?:\d+|two|three|four|five|six)[ -]?(?:week|month)ly)\b"
)
_COURSE = re.compile(
    rf"[,;]?\s*\b(?:for|x)\s+(?P<number>\d{{1,3}}|a|{'|'.join(_WORDS)})\s+(?P<span>day|week)s?\b", re.IGNORECASE
)
# "Do not repeat for 3 days" and "if it hurts for 3 days" say something else than how long the order holds.
_NO_COURSE = re.compile(
    r"\b(?:not|no|never|\w+n['’]t|stop|hold|withhold|omit|pause|skip|if|when|unless|until|repeat|review|then|wait|avoid|"
    r"without|thereafter|since|been|after)\b",
    re.IGNORECASE,
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
        or list(_intervals(rest, medicine))
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
    """Return an order without its "for 5 days", and those days; None where it names none, or it has to be asked."""
    found = _COURSE.search(text)
    if found is None or course_asked(text):
        return text, None
    number = found["number"].casefold()
    count = _WORDS[number] if number in _WORDS else 1 if number == "a" else int(number)
    return text[: found.start()].strip(), count * (7 if found["span"].casefold() == "week" else 1)


def course_asked(text: str) -> str:
    """Return what has to be asked about how long an order holds, or nothing.

    It is clear only where it stands there once, at the end, behind what is given.
    """
    found = list(_COURSE.finditer(text))
    if not found:
        return ""
    before = _AS_NEEDED.sub(" prn ", text[: found[0].start()])
    *earlier, clause = re.split(r"[,;.(]\s+|\(", before)
    is_given = not earlier or bool(_DOSE.search(clause) or _rhythms(clause) or _AS_NEEDED.search(clause))
    if len(found) == 1 and not text[found[0].end() :].strip(" .") and is_given and not _NO_COURSE.search(clause):
        return ""
    return _(
        "“%(words)s” is not read as how long this is given: write that last, or in the field for days, and each step of"
        " a dose that changes as a line of its own."
    ) % {"words": found[0][0].strip(" ,;")}


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
    """Return how often a day, or None where the words do not say, or say several intervals."""
    low = text.casefold()
    if found := _rhythms(low):
        return None if _clash(found) else found[0]
    days = {one.removesuffix("s") for one in _WEEKDAY.findall(low)}
    # "Monday to Friday" is not read.
    return len(days) / 7 if days and not re.search(r"\bto\b|[-–]|\bexcept\b", low) else None


def _rhythms(text: str) -> list[float | None]:
    """Return each "how often" of a text in times a day, None for one that is not read."""
    low = text.casefold()
    found: list[float | None] = [None for _one in _NOT_READ.finditer(low)]
    low = _NOT_READ.sub(" ", low)
    for pattern, times in _FREQUENCIES:
        found += [_a_day(one, times) for one in re.finditer(pattern, low)]
        low = re.sub(pattern, " ", low)
    return found or [1.0 for _one in _ONCE.finditer(low)]


def _a_day(found: re.Match[str], times: float | str) -> float | None:
    if not isinstance(times, str):
        return float(times)
    number = min(float(_WORDS.get(word, 0) or word) for word in found.groups() if word)
    if number <= 0:
        return None
    return {"a week": number / 7, "hours": 24 / number, "a day": number}[times]


def _clash(rhythms: Sequence[float | None]) -> bool:
    """Whether a longer interval stands beside another one: "15 mg daily; bloods weekly"."""
    return len(set(rhythms)) > 1 and any(one is None or one < 1 for one in rhythms)


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


def _intervals(rest: str, medicine: Medicine) -> Iterator[str]:
    if _clash(_rhythms(rest)):
        yield _(
            "More than one interval stands there: write how often %(medicine)s is given, and tests and reviews as lines"
            " of their own."
        ) % {"medicine": medicine.name}


def _how_many(behind: str) -> str:
    """Return what multiplies an amount and is no part of how often or how long, or nothing."""
    first = _HOW_MANY.match(behind)
    for one in (*((first,) if first else ()), *_TIMES.finditer(behind)):
        number = behind[one.start("number") :]
        if not (
            any(re.match(pattern, number, re.IGNORECASE) for pattern, _times in _FREQUENCIES)
            or _ONCE.match(number.casefold())
            or _NOT_READ.match(number.casefold())
            or _COURSE.match(behind, one.start())
            or _DOSE.match(number)
            or _COUNTED.match(number)
        ):
            return str(one[0]).strip(" ,;:(")
    return ""


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
    behind = rest[amount.end() :]
    more = " ".join(behind.split()[:1]) if _TIED.match(behind) else _how_many(behind)
    if more:
        return _("“%(words)s” is not read as one amount. Write what is given at once, in %(unit)s.") % {
            "words": f"{amount[0]} {more}",
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
