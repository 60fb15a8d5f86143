"""What needs no statistics: blank answers, copies, numbers with units, choices, and answers that try to instruct."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tutor.engine import text
from tutor.engine.lexicon import DENIALS, STOP_WORDS
from tutor.engine.types import (
    COPIED_QUESTION,
    COPIED_REFERENCE,
    INSTRUCTS,
    LONG_ANSWER,
    NEGATED_REFERENCE,
    NO_QUANTITY,
    NO_TEXT,
    OPTION,
    OTHER_LANGUAGE,
    QUANTITY,
    REFERENCE_WITHIN,
    UNKNOWN_OPTION,
    WRONG_QUANTITY,
    WRONG_UNIT,
    Question,
)

LONGEST = 220
"""Words beyond which an answer without criteria is left to a person."""
_COPIED = 0.85
_FEW_ASKED = 5
_ENDS = (".", "?", "!", ":", "。", "？", "！", "：")
_PASTED_WORDS = 8
_HELD, _HELD_CONTENT, _BESIDE = 0.95, 5, 3
_NUMBER = re.compile(
    r"[-+−]?\d{1,3}(?:[ \u202f,]\d{3})+(?:\.\d+)?"
    r"|[-+−]?\d+(?:[.,]\d+)?(?:\s*(?:[eE]|[x×·*]\s*10\s*\^?)\s*[-+−]?\d+)?"
)
_INSTRUCTIONS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,60}\b(?:instruction|rubric|criteria|above|previous|prompt|rule|reference)"
    r"|\b(?:give|award|grant|assign|mark|grade|score|rate|accept|treat|consider|count)\b.{0,50}"
    r"\b(?:full|maximum|max|highest|top|perfect|all|as correct|correct|right|100|ten)\b.{0,30}"
    r"(?:\b(?:marks?|points?|score|credits?|grade)\b|$)"
    r"|\b(?:dear|attention|note to|message to|hello)\b.{0,15}\b(?:grader|marker|teacher|examiner|ai|model|assistant)\b"
    r"|\b(?:system|assistant|grader)\s*:|\bas an ai\b|<\s*/?\s*(?:system|answer|instruction|rubric)"
    r"|\bthis (?:answer|response) is (?:correct|right|perfect)\b|\bfull (?:marks|credit|points)\b"
    r"|忽略.{0,20}(?:指令|评分|以上)|(?:给|打)(?:我)?满分",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Ruling:
    """A rule's word: a share of the scale (None: no proposal), why, and how sure."""

    reason: str
    share: float | None
    confidence: float = 0.97


def ruling(question: Question, answer: str) -> Ruling | None:
    """Return the ruling on an answer, or None where no rule has a word on it."""
    if question.kind == "choice":
        return _choice(question, answer)
    tokens = text.words(answer)
    if not tokens:
        return Ruling(NO_TEXT, 0.0, 0.99)
    if _INSTRUCTIONS.search(answer):
        return Ruling(INSTRUCTS, None)
    if question.kind == "numeric":
        return _quantity(question, answer)
    asked = text.words(question.prompt)
    if len(tokens) >= max(4, 0.5 * len(asked)) and _in_order(tokens, asked) >= _COPIED:
        return Ruling(COPIED_QUESTION, 0.0)
    if len(tokens) >= _PASTED_WORDS and tokens in [text.words(one) for one in question.references]:
        # Word for word what the teacher wrote: right, and worth a look at where it comes from.
        return Ruling(COPIED_REFERENCE, 1.0, 0.9)
    if _says_again(question.prompt, tokens):
        # The question said again, with something beside it: its words must not count as the answer's.
        return Ruling(COPIED_QUESTION, None)
    if _negates_reference(question, tokens):
        return Ruling(NEGATED_REFERENCE, None)
    if _holds_reference(question, tokens):
        return Ruling(REFERENCE_WITHIN, None)
    if _is_other_language(question, answer, tokens):
        return Ruling(OTHER_LANGUAGE, None)
    if len(tokens) > LONGEST and not question.criteria:
        return Ruling(LONG_ANSWER, None)
    return None


def _says_again(prompt: str, tokens: Sequence[str]) -> bool:
    """Whether an answer has the question in it; one of few words only where it begins with all of them.

    A prompt of few words without an end is a term, and who explains it begins with it.
    """
    asked = text.words(prompt)
    if len(asked) >= _FEW_ASKED:
        return _in_order(asked, tokens) >= _COPIED
    return bool(asked) and prompt.rstrip().endswith(_ENDS) and tuple(tokens[: len(asked)]) == tuple(asked)


def _in_order(tokens: Sequence[str], wanted: Sequence[str]) -> float:
    """Return the share of the tokens that stand in ``wanted`` in the same order."""
    from rapidfuzz.distance import LCSseq

    return LCSseq.similarity(tokens, wanted) / len(tokens) if tokens else 0.0


def _negates_reference(question: Question, tokens: Sequence[str]) -> bool:
    """Whether the answer is a reference with a denial put into it or before it."""
    for reference in question.references:
        wanted = text.words(reference)
        if len(wanted) < 4 or text.negations(tokens) <= text.negations(wanted):
            continue
        if _in_order(wanted, tokens) >= _COPIED:
            return True
    return False


def _holds_reference(question: Question, tokens: Sequence[str]) -> bool:
    """Whether a reference stands in the answer word for word with something about it, which may deny it."""
    for reference in question.references:
        wanted = text.words(reference)
        beside = len(tokens) - len(wanted)
        held = _in_order(wanted, tokens)
        if held >= _COPIED and beside > 0 and DENIALS.intersection(tokens).difference(wanted):
            return True
        if len(text.content(wanted)) >= _HELD_CONTENT and held >= _HELD and beside >= _BESIDE:
            return True
    return False


def _is_other_language(question: Question, answer: str, tokens: Sequence[str]) -> bool:
    """Whether an answer is in other letters, or a longer one to an English question has none of its small words."""
    if _foreign(answer) and not _foreign(" ".join(question.references) or question.prompt):
        return True
    if not question.language.startswith("en") or len(tokens) < 8:
        return False
    return sum(word in STOP_WORDS for word in tokens) / len(tokens) < 0.08


def _foreign(written: str) -> bool:
    """Whether most letters are neither Latin nor the Greek of formulas."""
    letters = [one for one in written if one.isalpha()]
    other = sum(not unicodedata.name(one, "").startswith(("LATIN", "GREEK", "MICRO", "OHM")) for one in letters)
    return other > len(letters) / 2


def _choice(question: Question, answer: str) -> Ruling:
    picked = [part.strip() for part in re.split(r"[,\n;]", answer) if part.strip()]
    known = {option.id: option for option in question.options}
    if not picked:
        return Ruling(NO_TEXT, 0.0, 1.0)
    if not set(picked) <= set(known):
        return Ruling(UNKNOWN_OPTION, None)
    share = sum(known[one].share for one in dict.fromkeys(picked))
    return Ruling(OPTION, min(1.0, max(0.0, share)), 1.0)


@lru_cache(maxsize=1)
def _units() -> Any:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


def _quantity(question: Question, answer: str) -> Ruling:
    """Compare the last number of the answer, with its unit, to the right one."""
    wanted = question.quantity
    if wanted is None:
        return Ruling(NO_QUANTITY, None)
    found = list(_NUMBER.finditer(answer))
    if not found:
        return Ruling(NO_QUANTITY, 0.0, 0.9)
    last = found[-1]
    value = _value(last.group())
    unit = _unit_after(answer[last.end() :])
    if wanted.unit:
        if not unit:
            return Ruling(WRONG_UNIT, 0.0, 0.8)
        try:
            value = _units().Quantity(value, _spelt(unit)).to(_spelt(wanted.unit)).magnitude
        except Exception:  # noqa: BLE001 - pint raises whatever a learner's spelling makes of its parser
            return Ruling(WRONG_UNIT, 0.0, 0.85)
    right = _within(value, wanted.value, wanted.tolerance, wanted.tolerance_kind)
    # Several numbers: the last one is the result where it is right; else a person should look.
    if not right and len(found) > 2:
        return Ruling(WRONG_QUANTITY, 0.0, 0.75)
    return Ruling(QUANTITY if right else WRONG_QUANTITY, 1.0 if right else 0.0, 0.97 if right else 0.93)


def _value(written: str) -> float:
    plain = written.replace("−", "-").replace("\u202f", " ")
    plain = re.sub(r"\s*[x×·*]\s*10\s*\^?\s*", "e", plain)
    plain = re.sub(r"(?<=\d)[ ,](?=\d{3}(?:\D|$))", "", plain)
    return float(plain.replace(",", ".").replace(" ", ""))


def _unit_after(rest: str) -> str:
    match = re.match(r"\s*([^\d\s,;.!?()=][^\s,;!?()=]*(?:\s*[/·*]\s*[^\s,;!?()=]+)?)", rest)
    return match.group(1).rstrip(".") if match else ""


def _spelt(unit: str) -> str:
    """Return a unit as pint reads it."""
    for written, read in (
        ("°C", "degC"), ("℃", "degC"), ("°F", "degF"), ("Ω", "ohm"), ("Ω", "ohm"), ("µ", "micro"), ("μ", "micro"),
        ("²", "**2"), ("³", "**3"), ("·", "*"), ("%", "percent"),
    ):  # fmt: skip
        unit = unit.replace(written, read)
    return re.sub(r"micro(?=[a-zA-Z]\b)", "u", unit)


def _within(value: float, right: float, tolerance: float, kind: str) -> bool:
    if kind == "absolute":
        allowed = tolerance
    elif kind == "relative":
        allowed = abs(right) * tolerance
    else:
        allowed = 0.0
    return abs(value - right) <= allowed + 1e-9 * max(1.0, abs(right))
