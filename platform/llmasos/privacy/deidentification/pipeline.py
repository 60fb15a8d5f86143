"""Finding personal data: the subject's known identifiers, checked patterns, named entities, then what is allowed.

``locate`` with ``entities=False`` needs no language model and may run anywhere; with them it runs where the models do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from llmasos.privacy.deidentification import addresses, allowed, chinese, contacts, dates, gazetteer, identifiers, names
from llmasos.privacy.deidentification.patterns import search
from llmasos.privacy.deidentification.types import EntityType, Finding

THRESHOLD: Final = 0.5
LONGEST_TEXT: Final = 200_000
_SOFT: Final = frozenset(
    {EntityType.PERSON, EntityType.ORGANISATION, EntityType.LOCATION, EntityType.NATIONALITY, EntityType.OCCUPATION}
)
_HAN: Final = re.compile(r"[\u4e00-\u9fff]")
_LETTERS: Final = re.compile(r"[^\W\d_]")
_EDGE: Final = " \t\r\n,;:.!?()[]{}\"'“”‘’`*_<>|/\\-–—"


def locate(
    text: str,
    *,
    known: Sequence[str] = (),
    types: Iterable[str] | None = None,
    threshold: float = THRESHOLD,
    entities: bool = True,
) -> list[Finding]:
    """Return what is personal in a text, in its order and without overlaps.

    ``known`` are identifiers of the person concerned; they are found whatever their form and whatever the policy.
    Raises ValueError for a text longer than ``LONGEST_TEXT`` characters.
    """
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"a text has at most {LONGEST_TEXT} characters")
    clinical = allowed.is_clinical(text)
    found = [
        *search((*identifiers.RULES, *contacts.RULES, *dates.RULES, *addresses.POSTCODES), text),
        *contacts.phones(text),
        *addresses.addresses(text),
    ]
    if _HAN.search(text):
        found.extend(search(chinese.RULES, text))
    if _LETTERS.search(text):
        soft = [*search(names.RULES, text), *names.listed(text)]
        if entities:
            soft.extend(_named(text, clinical=clinical))
        soft = [sharpened for one in soft if (sharpened := _judged(one, text, found, clinical=clinical)) is not None]
        found.extend(soft)
        found.extend(one for one in names.repeated(text, soft) if not allowed.is_allowed(text, one.start, one.end))
        found = [one for one in found if not _impersonal(one, text, clinical=clinical)]
        found.extend(_postcodes(text, found))
    wanted = None if types is None else frozenset(types)
    kept = [one for one in found if one.score >= threshold and (wanted is None or one.type in wanted)]
    kept.extend(_known(text, known))
    return resolved(_trimmed(kept, text), text)


def _impersonal(one: Finding, text: str, *, clinical: bool) -> bool:
    if one.type is EntityType.DATE or clinical:
        return contacts.literature(text, one) or (clinical and one.rule in _ORDINARY)
    return False


def _postcodes(text: str, found: Sequence[Finding]) -> Iterable[Finding]:
    """Find the code that stands beside a place that was found."""
    for one in found:
        if one.type is EntityType.LOCATION:
            match = _CODE_BEHIND.match(text, one.end)
            if match is not None:
                yield Finding(match.start("it"), match.end("it"), EntityType.POSTCODE, 0.7, "postcode.beside")


def resolved(found: Iterable[Finding], text: str) -> list[Finding]:
    """Settle overlaps: known identifiers, then checked ones, then longer and surer ones; of others the rest stays."""

    def rank(one: Finding) -> tuple[bool, bool, int, float]:
        return (one.type is not EntityType.KNOWN, one.score < 1.0, -one.length, -one.score)

    settled: list[Finding] = []
    for one in sorted(found, key=rank):
        pieces = _outside(one, settled)
        settled.extend(piece for piece in pieces if any(map(str.isalnum, text[piece.start : piece.end])))
    return sorted(settled)


def _outside(one: Finding, settled: Sequence[Finding]) -> list[Finding]:
    pieces = [(one.start, one.end)]
    for other in settled:
        pieces = [
            piece
            for start, end in pieces
            for piece in ((start, min(end, other.start)), (max(start, other.end), end))
            if piece[0] < piece[1]
        ]
    return [Finding(start, end, one.type, one.score, one.rule) for start, end in dict.fromkeys(pieces)]


def _trimmed(found: Iterable[Finding], text: str) -> Iterable[Finding]:
    for one in found:
        start, end = one.start, one.end
        while start < end and text[start] in _EDGE and text[start] not in "(<":
            start += 1
        while end > start and text[end - 1] in _EDGE and one.type not in (EntityType.URL, EntityType.SECRET):
            end -= 1
        if start < end:
            yield Finding(start, end, one.type, one.score, one.rule)


def _known(text: str, known: Sequence[str]) -> Iterable[Finding]:
    values: set[str] = set()
    for value in known:
        plain = value.strip()
        if len(plain) >= 2:
            values.add(plain)
            parts = plain.split()
            values.update(part for part in parts if len(part) > 2 and part[0].isupper() and len(parts) < 6)
    for value in values:
        # A number may be written in any groups, a name with any space between its words.
        unit = r"[^\s.\-]" if any(map(str.isdigit, value)) else r"[^\s.\-]+"
        pattern = r"[\s.\-]*".join(map(re.escape, re.findall(unit, value)))
        wrapped = pattern if _HAN.search(value) else rf"(?<!\w){pattern}(?!\w)"
        for match in re.finditer(wrapped, text, re.IGNORECASE):
            yield Finding(match.start(), match.end(), EntityType.KNOWN, 1.0, "known")


def _named(text: str, *, clinical: bool) -> Iterable[Finding]:
    from llmasos.privacy.deidentification.entities import read

    reading = read(text)
    for entity in reading.entities:
        yield Finding(entity.start, entity.end, entity.type, 0.65, "entity")
    if not clinical:
        for start, end in reading.proper:
            yield Finding(start, end, EntityType.PERSON, 0.5, "entity.proper")


def _judged(one: Finding, text: str, found: Sequence[Finding], *, clinical: bool) -> Finding | None:
    """Weigh a finding that rests on words: terms are let go, and a clinical text must give a better reason."""
    if one.type not in _SOFT:
        return one
    words = text[one.start : one.end].strip(_EDGE)
    if not words or allowed.is_allowed(text, one.start, one.end):
        return None
    first = words.split()[0]
    if one.rule.startswith("entity") and (words[0].islower() or allowed.is_shouted(words)):
        return None
    if len(words) < 2 and not _HAN.search(words):
        return None
    if not clinical:
        return one
    if one.rule in _FIRM:
        return None if allowed.is_medical_form(words) else one
    if one.type is EntityType.PERSON:
        known = gazetteer.names()
        supported = (
            len(words.split()) > 1
            and first.casefold() in known.given
            and words.split()[-1].casefold().strip("'’s") in known.family
        )
        return one if supported and not allowed.is_eponym(words) else None
    return None


_CODE_BEHIND: Final = re.compile(
    r",?[ \t]+(?P<it>\d{4,6}(?:[ -]\d{3,4})?(?: [A-Z]{2})?|\d{3} \d{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?![\w%.,]?\w)"
)
# In a clinical text these say nothing of who it is about, and much of what is wrong.
_ORDINARY: Final = frozenset({"age.years_old", "age.said", "age.chinese", "handle"})
_FIRM: Final = frozenset({"name.title", "name.said", "name.label", "name.of_relation", "cn.name.said"})
