"""Dates (the year alone is not one), and ages."""

from __future__ import annotations

import re
from typing import Final

from llmasos.privacy.deidentification.patterns import Rule, words
from llmasos.privacy.deidentification.types import EntityType

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_NUMBER = r"(?:0?[1-9]|1[0-2])"
_YEAR = r"(?:1[89]|20)\d{2}"
_TIME = r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\.?)?(?:Z|\s?[+-]\d{2}:?\d{2})?)?"


def _date(name: str, pattern: str, *, near: re.Pattern[str] | None = None, score: float = 0.9) -> Rule:
    compiled = re.compile(rf"(?<![\w/.-])(?:{pattern})(?![\w/]|[.-]\w)", re.IGNORECASE)
    return Rule(name, EntityType.DATE, compiled, None, near, score)


_BORN = words("born", "birthday", "birth", "dob", "出生", "生日", "生于")
DATES: Final = (
    _date("date.iso", rf"{_YEAR}-{_NUMBER}-{_DAY}{_TIME}"),
    _date("date.iso", rf"{_YEAR}[/.]{_NUMBER}[/.]{_DAY}{_TIME}"),
    _date("date.numeric", rf"{_NUMBER}[/.-]{_DAY}[/.-](?:{_YEAR}|\d{{2}}){_TIME}|{_DAY}[/.-]{_NUMBER}[/.-](?:{_YEAR}|\d{{2}}){_TIME}"),
    _date("date.words", rf"{_MONTH} {_DAY}(?:st|nd|rd|th)?,? (?:of )?{_YEAR}{_TIME}"),
    _date("date.words", rf"{_DAY}(?:st|nd|rd|th)? (?:of )?{_MONTH},? {_YEAR}{_TIME}|{_DAY}-{_MONTH}-(?:{_YEAR}|\d{{2}})"),
    _date("date.day", rf"{_MONTH} {_DAY}(?:st|nd|rd|th)?|{_DAY}(?:st|nd|rd|th)? (?:of )?{_MONTH}", near=words("on", "born", "birth\\w*", "since", "until", "admitted", "discharged", "seen", "visit\\w*", "appointment"), score=0.6),
    _date("date.birth_year", _YEAR, near=_BORN, score=0.6),
    _date("date.chinese", rf"{_YEAR}年{_NUMBER}月(?:{_DAY}[日号])?", score=0.95),
    Rule("date.chinese", EntityType.DATE, re.compile(rf"{_YEAR}\s?年\s?{_NUMBER}\s?月(?:\s?{_DAY}\s?[日号])?|(?<!\d){_NUMBER}月{_DAY}[日号]|[一二][〇零一二三四五六七八九]{{3}}年[一二三四五六七八九十]{{1,2}}月(?:[一二三四五六七八九十]{{1,3}}[日号])?"), score=0.95),
)  # fmt: skip

_OLD = r"(?:9\d|1[01]\d|12[0-2])"
AGES: Final = (
    # HIPAA's safe harbour: the exact age identifies from 90 on.
    Rule("age.over_89", EntityType.AGE, re.compile(rf"(?<![\w.])(?P<it>{_OLD})[- ]?(?:years?|yrs?|y)[- /]?(?:olds?|o\b|of age)", re.IGNORECASE), score=0.95),
    Rule("age.over_89", EntityType.AGE, re.compile(rf"\b(?:aged?|age of|turned|turns?|turning)\s*(?:is|was|=|:)?\s*(?P<it>{_OLD})(?![\w.%/-])", re.IGNORECASE), score=0.9),
    Rule("age.chinese", EntityType.AGE, re.compile(r"(?<![\d.])(?P<it>\d{1,3})\s?周?岁"), score=0.6),
    Rule("age.said", EntityType.AGE, re.compile(r"\b(?:(?:he|she|they|I|brother|sister|mother|father|son|daughter|who)(?:'ve|'s|'ll)? (?:just |will |has |have )*turn(?:ed|s|ing)?|I'll turn|age of|(?:written |died |born )?when (?:he|she|they|I) (?:was|were|am|is)|age\s?[=:])\s*(?P<it>\d{1,3})(?![\w.%/-])(?!\s*(?:mg|percent|weeks|months|days))", re.IGNORECASE), score=0.7),
    Rule("age.said", EntityType.AGE, re.compile(r"\b(?:I'?m|I am)\s*(?P<it>\d{1,3})\s?(?:years? old|y/?o)\b", re.IGNORECASE), score=0.7),
    Rule("age.years_old", EntityType.AGE, re.compile(r"(?<![\w.-])(?P<it>\d{1,3})[- ]?(?:years?[- ]olds?|y/?o)\b", re.IGNORECASE), score=0.55),
)  # fmt: skip

RULES: Final = (*DATES, *AGES)
