"""Age, sex, duration and measured values in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "couple": 2, "three": 3, "few": 3, "several": 4, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "half": 0.5,
}  # fmt: skip
_COUNT = r"(?P<count>\d+(?:\.\d+)?|" + "|".join(_NUMBERS) + r")"
_RANGE = r"(?:(?:-|–|to|or|/)\s*\d+\s*)?"
_UNIT_DAYS = {"minute": 1 / 1440, "min": 1 / 1440, "hour": 1 / 24, "hr": 1 / 24, "h": 1 / 24, "day": 1, "d": 1, "night": 1,
              "week": 7, "wk": 7, "w": 7, "fortnight": 14, "month": 30, "mth": 30, "year": 365, "yr": 365}  # fmt: skip
_UNIT = r"(?P<unit>minute|min|hour|hr|day|night|week|wk|fortnight|month|mth|year|yr)s?\b"
_AGE = (
    re.compile(r"\b(?P<age>\d{1,3})\s*-?\s*(?P<unit>year|yr|month|mth|week|wk|day)s?\s*-?\s*old\b"),
    re.compile(r"\b(?P<age>\d{1,3})\s*(?:-\s*)?(?P<unit>y)(?:\s*/?\s*o\b|o\b)"),
    re.compile(r"\b(?P<age>\d{1,3})\s*(?P<unit>y)(?:ear|r)?s?\b(?=\s*(?:male|female|man|woman|m\b|f\b|,))"),
    re.compile(r"\baged?\s*:?\s*(?P<age>\d{1,3})\b(?P<unit>)"),
    re.compile(r"(?<![\d.])\b(?P<age>\d{1,3})\s?(?P<unit>)[mf]\b"),
    re.compile(
        r"\b(?:i am|i'm|im|he is|she is|he's|she's)\s+(?P<age>\d{1,3})\b(?P<unit>)(?!\s*(?:week|wk|month|kg|cm|day|hour))"
    ),
    re.compile(r"\b(?P<age>\d{1,3})(?P<unit>)\s+(?:male|female|man|woman)\b"),
)
_MALE = re.compile(
    r"\b(?:man|male|boy|gentleman|m\b(?=\s*,)|husband|grandfather|testic\w*|prostate|penis|son)\b|\b\d{1,3}\s?m\b"
)
_FEMALE = re.compile(
    r"\b(?:woman|female|girl|lady|pregnant|wife|periods?|menstrual|vagina\w*|postpartum|menopaus\w*|daughter)\b|\b\d{1,3}\s?f\b"
)
_HE, _SHE = re.compile(r"\b(?:he|his|him)\b"), re.compile(r"\b(?:she|her)\b")
_DURATIONS = (
    re.compile(
        r"\b(?:for|over|last|past|during|within|lasting|these|x)\s*(?:about|around|nearly|almost|the|at least|over|more than|maybe|approximately|some|~|last|past)*"
        r"\s*(?:the\s+)?(?:last\s+|past\s+)?(?:a\s+)?" + _COUNT + r"\s*(?:of\s+)?" + _RANGE + r"\s*-?" + _UNIT
    ),
    re.compile(r"\b" + _COUNT + r"\s*" + _RANGE + r"-?\s*" + _UNIT + r"\s*(?:of|history|hx|duration|ago|now)\b"),
    re.compile(r"\b(?P<count>\d+)\s*/\s*(?P<unit>7|52|12|24)\b"),
    re.compile(r"\bx\s*(?P<count>\d+)\s*(?P<unit>d|h|w)\b"),
    re.compile(r"\b(?P<count>\d+)\s*(?P<unit>d|h)\s*(?:of|hx|history)\b"),
    # "Cough, a few days." ends the clause; "in", "every" or "after" before it would say something else.
    re.compile(
        r"(?<!\bin )(?<!\bevery )(?<!\bafter )(?<!\bwithin )(?<!\bnext )(?<!\bevery other )(?<!\bat )(?<!\bof )(?<!\bis )"
        r"(?<!\baged )(?<!\bthan )(?<!\bto )(?<!\bthe )(?<!\ba )(?<!\bfirst )(?<!\bor )(?<!\bleast )(?<!\bwait )(?<![\d/.-])\b(?:a\s+)?(?P<count>"
        r"few|couple|several|two|three|four|five|six|seven|eight|nine|ten|[2-9]|1[0-9])\s*(?:of\s+)?"
        + _RANGE
        + r"(?P<unit>hour|hr|day|week|wk|month|mth|year|yr)s\b(?=\s*(?:[.,;]|$))"
    ),
)
_SINCE = (
    (
        re.compile(
            r"\bsince (?:this morning|lunch\w*|breakfast|earlier today|waking|an hour)|\bthis morning\b|\btonight\b|\bthis afternoon\b|\ban hour ago\b"
        ),
        0.4,
    ),
    (re.compile(r"\bsince (?:yesterday|last night)|\byesterday\b|\blast night\b|\bovernight\b"), 1.0),
    (re.compile(r"\bsince (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|the weekend)"), 3.0),
    (re.compile(r"\bsince last week\b|\bfor days\b|\bthis week\b"), 6.0),
    (re.compile(r"\bfor weeks\b|\bfor several weeks\b|\bsince last month\b|\bfor (?:some|a few) weeks\b"), 28.0),
    (
        re.compile(
            r"\bfor (?:many |several |some )?(?:months|years|ages)\b|\bsince childhood\b|\blong ?standing\b|\bgradually over\b|\bsince (?:the )?(?:winter|summer|spring|autumn)\b|\bfor as long as\b|\ball (?:my|his|her) life\b|\bon and off for years\b"
        ),
        200.0,
    ),
)
_SLASHED = {"7": 1.0, "52": 7.0, "12": 30.0, "24": 1 / 24}
_PAST_EVENT = re.compile(r"(?:years?|months?) ago\b")
_BEGAN = re.compile(r"start|began|onset|notic|since|first|came on|appeared")
_TO_COME = re.compile(
    r"\b(?:review(?:ed)?|rv|follow[ -]?up|f/?u|next|due|recheck|repeat|appointment|appt|note|certificate|return|arranged"
    r"|booked|issued|extended)\b[^.,;:]*$"
)
_TIME = re.compile(r"['’]?s?['’]? time\b")
_NUMBER = r"(\d+(?:\.\d+)?)"
_MEASURES: Mapping[str, re.Pattern[str]] = {
    "temperature": re.compile(
        r"\b(?:temp(?:erature)?|t|fever|febrile|pyrexial?|thermometer|burning)(?:\b|(?=\d))(?:\s*(?:of|is|was|at|to|up|around|about|:|=|reached|measured|in|the|hit|went|said|says|read|reads|showed|shows))*\s*"
        + _NUMBER
        + r"\s*(°?\s*[cf]\b)?"
        r"|\b(?:hot|fever\w*|febrile|burning up|measured|spik\w+|reached)\b[^.\d]{0,20}((?:3[5-9]|4[0-2])\.\d)\b"
        r"|\b((?:3[5-9]|4[0-2])(?:\.\d)?)\s*(?:°|degrees|c\b|on (?:the|an|a|my|our) (?:\w+ )?thermometer)|\b((?:9[5-9]|10[0-7])(?:\.\d)?)\s*°?\s*(f)\b"
    ),
    "pulse": re.compile(
        r"\b(?:hr|pulse|heart rate|heart|svt|fast af|p)(?:\b|(?=\d))"
        r"(?:\s*(?:of|is|was|at|:|=|rate|about|around|racing|going|over|dropped|to|down|up|beats|only))*\s*"
        + _NUMBER
        + r"|\b(\d{2,3})\s*(?:bpm|beats)\b"
    ),
    "respiratory_rate": re.compile(
        r"\b(?:rr|resp(?:iratory)? rate|breathing rate|resps?)(?:\b|(?=\d))(?:\s*(?:of|is|was|at|:|=))*\s*" + _NUMBER
    ),
    "saturation": re.compile(
        r"\b(?:pulse ox(?:imetry)?|oximeter|sp\s?o2|sats?|o2 sats?|saturations?|oxygen saturation|oxygen levels?|oxygen)(?:\b|(?=\d))"
        r"(?:\s*(?:of|is|was|at|:|=|are|were|says|said|reads|read|dropped|down|to))*\s*" + _NUMBER + r"\s*%?"
    ),
    "systolic": re.compile(
        r"\b(?:bp|blood pressure)?(?:\b|(?=\d))(?:\s*(?:of|is|was|at|today|:|=))*\s*\b(\d{2,3})\s*(?:/\s*\d{2,3}|over\s*(?:[4-9]\d|1[0-4]\d))\b"
        r"|\bsystolic\D{0,12}(\d{2,3})\b|\b(\d{2,3})\s*systolic\b"
        r"|\b(?:sbp|(?:blood )?pressure)(?:\s*(?:of|is|was|at|:|=|<|>|dropped|fell|down|up|to|only))+\s*(\d{2,3})\b"
        r"(?!\s*(?:/|over|\d))|\bsbp\s*(\d{2,3})\b"
    ),
    "diastolic": re.compile(r"\b\d{2,3}\s*(?:/|over)\s*(\d{2,3})\b(?!\s*(?:7|52|12)\b)"),
    "glucose": re.compile(
        r"\b(?:glucose|cbg|bg|bm|bsl|blood sugar|sugars?|(?:the|my|his|her|glucose) meter)\b(?:\s*(?:of|is|was|at|:|=|level|reading|dropped|went|down|up|to|said))*\s*"
        + _NUMBER
    ),
    "bmi": re.compile(r"\b(?:bmi|body mass index)\b(?:\s*(?:of|is|was|:|=|<|>|over|below|above|under))*\s*" + _NUMBER),
}
_PLAUSIBLE = {"temperature": (30, 44), "pulse": (25, 260), "respiratory_rate": (5, 90), "saturation": (50, 100),
              "systolic": (60, 260), "diastolic": (30, 150), "glucose": (1, 700), "bmi": (10, 80)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """A value in °C, per minute, %, mmHg, mmol/l or kg/m², and its place in the text."""

    measure: str
    value: float
    start: int
    end: int


def age(text: str) -> float | None:
    """The first age in years that the text names."""
    found = [match for pattern in _AGE for match in [pattern.search(text.lower())] if match]
    if not found:
        return None
    first = min(found, key=lambda match: match.start())
    years = float(first["age"]) * _UNIT_DAYS.get(first["unit"], 365) / 365
    return round(years, 2) if years <= 120 else None


def sex(text: str) -> str:
    """Male or female by the first word that says it, else by the pronouns; empty when neither."""
    lowered = text.lower()
    male, female = _MALE.search(lowered), _FEMALE.search(lowered)
    if male or female:
        return "male" if male and (not female or male.start() < female.start()) else "female"
    he, she = len(_HE.findall(lowered)), len(_SHE.findall(lowered))
    return "" if he == she else "male" if he > she else "female"


def course(text: str) -> tuple[str, int, int] | None:
    """How long it has lasted, as a finding's code with its place; the first duration that is no event of the past."""
    lowered = text.lower()
    found = []
    for pattern in _DURATIONS:
        for match in pattern.finditer(lowered):
            if _is_elsewhere(lowered, match):
                continue
            unit = match["unit"]
            count = _NUMBERS.get(match["count"]) or float(match["count"])
            found.append((match.start(), match.end(), count * (_SLASHED.get(unit) or _UNIT_DAYS[unit])))
    for pattern, days in _SINCE:
        found += [(match.start(), match.end(), days) for match in pattern.finditer(lowered)]
    if not found:
        return None
    start, end, days = min(found)
    return code_of(days), start, end


def _is_elsewhere(text: str, match: re.Match[str]) -> bool:
    """Whether a duration is an age, the time of an event long past, or the time until one that is to come."""
    if text[match.end() :].lstrip(" -").startswith("old"):
        return True
    if _TO_COME.search(text[max(0, match.start() - 40) : match.start()]) or _TIME.match(text[match.end() :]):
        return True
    return bool(_PAST_EVENT.search(match[0])) and not _BEGAN.search(text[max(0, match.start() - 60) : match.start()])


def code_of(days: float) -> str:
    """The finding that a duration is: hours to a day, days to a week, weeks to six weeks, or longer."""
    if days <= 1:
        return "lasting_hours"
    if days <= 8:
        return "lasting_days"
    return "lasting_weeks" if days <= 42 else "lasting_months"


def measured(text: str) -> list[Measured]:
    """All vital signs and values with a plausible size."""
    found = []
    for measure, pattern in _MEASURES.items():
        low, high = _PLAUSIBLE[measure]
        for match in pattern.finditer(text.lower()):
            value = float(next(group for group in match.groups() if group and group[0].isdigit()))
            if measure == "temperature" and 90 <= value <= 110:
                value = round((value - 32) / 1.8, 1)
            if measure == "glucose" and value > 35:
                value = round(value / 18, 1)
            if low <= value <= high:
                found.append(Measured(measure, value, match.start(), match.end()))
    return found
