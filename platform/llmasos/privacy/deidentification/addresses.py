"""Postal addresses in Latin, Greek and Cyrillic script, by the run of words that an address is.

An address is a run of numbers, capitalised words and small connecting words. A run counts when a street word, a
flat or box number, a crossing or the words before it say that it is one; numbers alone never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from llmasos.privacy.deidentification.gazetteer import countries
from llmasos.privacy.deidentification.patterns import Rule, words
from llmasos.privacy.deidentification.types import EntityType, Finding

# English street words stand alone behind a name; the others are whole words or the end of one.
_STREET_WORD: Final = (
    r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|square|sq|place|pl|terrace|crescent|"
    r"close|parkway|pkwy|highway|hwy|alley|trail|way|row|mews|gardens|grove|circle|cir|loop|pike|turnpike|esplanade|"
    r"quay|rue|avenue|allée|chemin|quai|impasse|via|viale|piazza|piazzetta|corso|largo|strada|vicolo|calle|avenida|avda|"
    r"paseo|plaza|camino|carrera|ronda|rua|r|travessa|praça|rúa|estrada|ulica|ul|aleja|al|plac|osiedle|os|ulice|náměstí|"
    r"třída|ulitsa|utca|u|út|útja|tér|tere|krt|körút|köz|strasse|straße|str|platz|weg|allee|gasse|laan|straat|plein|"
    r"gracht|kade|dreef|gata|gatan|vägen|väg|gate|gt|vei|veien|vej|gade|alle|stræde|katu|tie|kuja|polku|tänav|tn|mnt|"
    r"pst|λεωφόρος|οδός|πλατεία|λ|ул|улица|пр|проспект|cd|cad|caddesi|sok|sokak|bulvar|jalan|jl|soi|marg|nagar|"
    r"alameda|rambla|urbanización|urb|carretera|ctra|route|cours|passage|faubourg|steeg|singel|wal|markt)\.?"
)
_STREET_END: Final = (
    r"\w{2,}(?:strasse|straße|str|gasse|platz|weg|allee|ring|damm|ufer|laan|straat|plein|gracht|kade|dreef|steeg|gata|gatan|"
    r"vägen|vegur|braut|götu|götu|stræti|straeti|vegen|veien|vei|gate|gaten|gade|vej|vænget|allé|stræde|katu|tie|kuja|"
    r"polku|kaari|tänav|utca|ulice|gränd|torget|stíg|tún|holt|rodda|centret|toften|parken)\.?"
)
# Words that may stand inside an address without a capital.
_SMALL: Final = re.compile(
    r"(?:of|the|and|de|del|della|delle|dei|degli|di|da|das|do|dos|du|des|la|le|les|el|los|las|van|der|den|het|ten|ter|von|"
    r"zu|zum|zur|am|an|auf|unter|st|str|rd|ave|street|road|avenue|lane|drive|apt|apartment|suite|unit|box|u|út|útja|utca|"
    r"tér|tere|ul|nr|nan|i|e|y|og|och|bei|near|corner|"
    r"d['’]\w+|l['’]\w+|\w{3,}(?:gate|vej|gade|veien|gata|gatan|katu|tie|utca|gasse|weg|strasse|straße|brücke|terrasse))\.?",
    re.IGNORECASE,
)
_ABBREVIATION: Final = re.compile(
    r"(?:[^\W\d_]|st|str|rd|ave|blvd|dr|ln|apt|ste|fl|bldg|ul|al|os|nr|no|pl|sq|mt|ft|pk|hwy|bl|gr|kr|sv|av|avda|ctra|"
    r"urb|fr|p\.o|sta|sto|dk|u\.s|u\.k|box|pst|tn|mnt|krt|cd|sok|jl|пр|ул|λ)\.",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(r"[^\s,]+")
_WORD: Final = re.compile(r"[(\"'“‘]?[^\W\d_]")
# What mails put before lines that they quote.
_QUOTE: Final = re.compile(r"[>|?*#-]+")
_LONGEST: Final = 26
_HINT: Final = re.compile(
    r"(?:address(?:es)?(?: book)?(?: (?:is|to|at|of|with|are))?|address with|lives? (?:at|on)|live (?:at|in|on)|lived (?:at|in|on)|living at|"
    r"resid(?:es|ing) (?:at|in)|located (?:at|in|on)|office is (?:at|in|on)|drops you off at|(?:sent|send|ship|mail|deliver|post)(?: it)? to|a new one to|"
    r"return to|returned to|arrived at|meet (?:me|you|us) (?:at|in|on)|taxi to|moved to|side of|station is (?:on|at|in)|restaurant is (?:at|on|in)|"
    r"enter on|deliver(?:ed)? to|shipped to|home is (?:at|in)|house is (?:at|on|in)|headquarters (?:is|are) (?:at|in)|pick (?:me|us) up (?:at|from)|"
    r"address(?:es)?(?:,? here (?:they are|it is))?|it is|it'?s (?:in|at|on)|it'?s|the same|stay(?:ing)? at|refers to|offices? (?:are|is) located at|come to|visit (?:us|me) at|"
    r"directions to|way to|住址|地址)\s*[:=]?\s*$",
    re.IGNORECASE,
)
_STREET: Final = re.compile(rf"(?<!\w)(?:{_STREET_WORD}|{_STREET_END})(?!\w)", re.IGNORECASE)
_FIRM_UNIT: Final = re.compile(
    r"(?<!\w)(?:(?:apt|apartment|suite|psc|p\.? ?o\.? ?box|flat|postfach)\.?\s*#?\s*\d|unit \d+,? box \d|"
    r"(?:apo|fpo|dpo)\s+a[aep]\s+\d{5})",
    re.IGNORECASE,
)
_CROSSING: Final = re.compile(r"\bcorner of\b", re.IGNORECASE)
# 12 Station Road; Station Road 12 and Bahnhofstraße 12 where the street word is none of the ambiguous short ones.
_NUMBER_FIRST: Final = re.compile(
    rf"(?<![\w.])\d{{1,6}}[A-Za-z]?(?:[-/]\d{{1,4}})?,?\s+(?:[^\W\d_a-z][\w'’.-]*\s+|\d{{1,3}}(?:st|nd|rd|th)\s+|\d{{1,5}}\s+){{0,4}}"
    rf"(?:(?=[^\W\d_a-z]\w)(?i:{_STREET_WORD})|(?i:{_STREET_END}))(?!\w)",
)
_NUMBER_LAST: Final = re.compile(
    rf"(?<!\w)(?:{_STREET_END}|(?=\w{{4}}|ul\.|via|rua|rue)(?:{_STREET_WORD})(?:\s+[^\W\d_][\w'’.-]*){{1,5}}),?\s+(?:nr\.?\s*)?\d{{1,5}}(?:[-/ ]?[A-Za-z])?(?![\w%])",
    re.IGNORECASE,
)

POSTCODES: Final = (
    Rule("postcode.gb", EntityType.POSTCODE, re.compile(r"(?<!\w)(?:GIR 0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y]) \d[ABD-HJLNP-UW-Z]{2})(?!\w)"), score=0.9),
    Rule("postcode.ca", EntityType.POSTCODE, re.compile(r"(?<!\w)[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d(?!\w)"), score=0.9),
    Rule("postcode.us", EntityType.POSTCODE, re.compile(r"\b(?:AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC),? (?P<it>\d{5}(?:-\d{4})?)(?![\w-])"), score=0.9),
    Rule("postcode.us", EntityType.POSTCODE, re.compile(r"(?<![\w.-])\d{5}-\d{4}(?![\w-])"), score=0.8),
    Rule("postcode.nl", EntityType.POSTCODE, re.compile(r"(?<![\w.])[1-9]\d{3} [A-Z]{2}(?![\w-])"), None, words("postcode", "zip", "postal\\w*", "address", "lives?", "moved"), score=0.8),
    Rule("postcode.labelled", EntityType.POSTCODE, re.compile(r"(?:zip(?: ?code)?|postcode|postal[ _]code|post ?code|plz|邮编|邮政编码)\s*(?:is|=|:|：|#|是|为)?\s*(?P<it>(?=[A-Za-z -]{0,5}\d)[A-Z0-9]{2,6}(?:[ -][A-Z0-9]{2,4})?)(?!\w)", re.IGNORECASE), score=0.95),
)  # fmt: skip


_MILITARY: Final = re.compile(
    r"(?<!\w)(?:(?:psc|unit)\s*\d+,?\s+box\s+\d+|us[nsc]\w?s?v?\s+\w+)\s+(?:apo|fpo|dpo)\s+a[aep]\s+\d{5}",
    re.IGNORECASE,
)


def addresses(text: str) -> Iterator[Finding]:
    """Find addresses. The finding reaches over the following city, region, country and postcode of the same run."""
    for match in _MILITARY.finditer(text):
        yield Finding(match.start(), match.end(), EntityType.ADDRESS, 0.95, "address.military")
    small_letters = text == text.casefold()
    for start, end in _runs(text, small_letters=small_letters):
        run = text[start:end]
        score, rule = _judge(run, hinted=_HINT.search(text[max(0, start - 60) : start]) is not None)
        if score:
            yield Finding(start + _first_line(run), end, EntityType.ADDRESS, score, rule)


def _judge(run: str, *, hinted: bool) -> tuple[float, str]:
    if _FIRM_UNIT.search(run):
        return 0.9, "address.unit"
    if _CROSSING.search(run) and len(run.split()) >= 5:
        return 0.8, "address.crossing"
    number = any(character.isdigit() for character in run)
    word = any(token[0].isupper() for token in run.split())
    if hinted and number and word and len(run.split()) > 1:
        return 0.85, "address.said"
    if hinted and word and _STREET.search(run):
        return 0.7, "address.said"
    if number and (_NUMBER_FIRST.search(run) or _NUMBER_LAST.search(run)):
        return 0.75, "address.street"
    return 0.0, ""


def _first_line(run: str) -> int:
    """Return where the address begins in a run of several lines: a name may stand above it."""
    start = 0
    for line in run.splitlines(keepends=True):
        if any(character.isdigit() for character in line) or _CROSSING.search(line):
            return start + len(line) - len(line.lstrip(" \t>?"))
        start += len(line)
    return 0


def _runs(text: str, *, small_letters: bool) -> Iterator[tuple[int, int]]:
    """Yield the runs of words that an address could be."""
    start = end = length = 0
    for token in _TOKEN.finditer(text):
        if _QUOTE.fullmatch(token.group()):
            continue
        gap = text[end : token.start()] if length else ""
        kind = _kind(token.group(), small_letters=small_letters)
        blank = "\n\n" in gap.replace(" ", "") and not _COUNTRY_LINE.match(text[token.start() :])
        if length and (blank or length >= _LONGEST or not kind or _stops(text, end, token)):
            yield start, _trimmed(text, start, end)
            length = 0
        opens = kind != "small" or _STREET.fullmatch(token.group()) or token.group().casefold() == "the"
        if kind and (length or opens):
            start = start if length else token.start()
            end, length = token.end(), length + 1
    if length:
        yield start, _trimmed(text, start, end)


# The last line of an address: a country and its code may stand apart from the rest.
_COUNTRY_LINE: Final = re.compile(r"[^\W\d_a-z][\w.]+(?: [^\W\d_][\w.()]+){0,3},? \d[\d -]{3,9}(?:\n|$|\W)")


def _kind(token: str, *, small_letters: bool) -> str:
    plain = token.strip(".()\"'“”>?:;![]")
    if token.endswith(":") or not plain:
        return ""
    if any(character.isdigit() for character in plain):
        return "number" if len(plain) < 14 and "@" not in plain and "://" not in plain else ""
    if _SMALL.fullmatch(plain):
        return "small"
    if _WORD.match(plain) and (plain[0].isupper() or not plain[0].islower()):
        return "word"
    if small_letters and (plain in countries() or _STREET.fullmatch(plain)):
        return "word"
    return ""


_FLAT: Final = re.compile(r"(?:apt|apartment|suite|flat|unit)\b", re.IGNORECASE)


def _stops(text: str, end: int, token: re.Match[str]) -> bool:
    """Whether a sentence ends between what came before ``end`` and this token."""
    before = text[:end].rsplit(None, 1)[-1] if text[:end].strip() else ""
    if before.endswith(("?", "!", ";")):
        return True
    number = before.rstrip(".").isdigit()
    return (
        before.endswith(".")
        and not _ABBREVIATION.fullmatch(before)
        and not (
            number and (token.group()[0].islower() or "\n" in text[end : token.start()] or _FLAT.match(token.group()))
        )
    )


def _trimmed(text: str, start: int, end: int) -> int:
    """Take off small words and punctuation at the end of a run."""
    while True:
        run = text[start:end].rstrip(" \t\n,;:?!)\"'")
        last = run.rsplit(None, 1)[-1] if run else ""
        if _SMALL.fullmatch(last) and last.casefold() != "nan" and not _STREET.fullmatch(last) and len(run) > len(last):
            end = start + len(run) - len(last)
            continue
        return start + len(run) - (run.endswith(".") and not _ABBREVIATION.fullmatch(last))
