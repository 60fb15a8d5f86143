"""Counts unsupported sentences for ``evaluate answering`` by rules of its own.

Nothing here is used to decide what is shown, and nothing that decides is used here: the two would otherwise share
their blind spots. A shown sentence is supported when each number, name, date and negation of it and 80 % of its
content words occur in the passages that it cites.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

CONTENT_SHARE = 0.8

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec"
)
_DATE = re.compile(
    rf"\b(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTHS})\b\.?(?:,?\s+\d{{4}})?"
    rf"|(?:{_MONTHS})\b\.?\s+\d{{1,4}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}|(?:\d{2,4}年)?\d{1,2}月(?:\d{1,2}[日号])?)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_NAME = re.compile(r"(?<![.!?:;]\s)(?<!^)(?<![\"“(*\-•#])\b[A-Z][\w'&.-]*[\w]|\b[A-Za-z]*[a-z][A-Z]\w*|\b[A-Z]{2,}\w*")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|cannot|without)\b|n't\b|不|没|無|无|未|非|勿", re.IGNORECASE
)
_LATIN_WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
_HAN = re.compile(r"[\u4e00-\u9fff]+")
_LIGHT_WORDS = """
    about above after again all also although am an and any are as at be because been before being below
    between both but by can could did do does doing down during each either else ever every few for from
    further had has have having he her here hers him his how if in into is it its itself just let like may me
    might more most much must my nor not now of off on once only or other our out over own per same she should
    since so some such than that the their them then there these they this those through to too under until up
    upon us very via was we were what when where whether which while who whom whose why will with within
    without would yes yet you your
"""
_LIGHT = frozenset(_LIGHT_WORDS.split())
_LIGHT_HAN = frozenset("的了是在和与及或而也就都不没有这那您你我他她它们请会将把被对为于从到由吗呢吧啊可以能要")


def unsupported(sentence: str, cited: Sequence[str]) -> list[str]:
    """Return what speaks against a shown sentence, in words; an empty list when its passages bear it out."""
    said, source = _fold(sentence), _fold("\n".join(cited))
    if not cited or not source.strip():
        return ["cites nothing"]
    lowered = source.casefold()
    numbers = {_plain_number(found) for found in _NUMBER.findall(source)}
    faults = [f"number {n}" for n in _NUMBER.findall(said) if _plain_number(n) not in numbers]
    spaced = " ".join(lowered.split())
    faults += [f"date {d}" for d in _DATE.findall(said) if " ".join(d.casefold().split()) not in spaced]
    source_words = set(re.findall(r"[\w'&.-]*\w", lowered)) | set(re.findall(r"\w+", lowered))
    faults += [
        f"name {name}"
        for name in _NAME.findall(said)
        if name.casefold() not in source_words and name.casefold() not in _LIGHT and name.casefold() not in lowered
    ]
    negations = {n.casefold() for n in _NEGATION.findall(source)}
    faults += [f"negation {n}" for n in _NEGATION.findall(said) if n.casefold() not in negations]
    content = _content(said)
    present = _content(source)
    known = sum(1 for word in content if word in present)
    if content and known < CONTENT_SHARE * len(content):
        faults.append(f"{known} of {len(content)} content words")
    return faults


def _content(text: str) -> set[str]:
    found = {word.casefold() for word in _LATIN_WORD.findall(text)} - _LIGHT
    for run in _HAN.findall(text):
        kept = [c for c in run if c not in _LIGHT_HAN]
        found |= {a + b for a, b in pairwise(run) if a in kept and b in kept} or set(kept)
    return found


def _plain_number(text: str) -> str:
    return text.replace(",", "").rstrip(".")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace("’", "'")
