"""How a person can be reached: e-mail, web and network addresses, telephone numbers."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

import phonenumbers

from llmasos.privacy.deidentification.patterns import Rule, around, words
from llmasos.privacy.deidentification.types import EntityType, Finding


def _network_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.split("/")[0].split("%")[0])
    except ValueError:
        return False
    return True


_PUBLIC: Final = re.compile(
    r"^(?:https?://)?(?:[\w-]+\.)*(?:gov|int|edu|mil|doi\.org|nhs\.uk|wikipedia\.org|cochrane\.org|gov\.\w\w|ac\.\w\w|edu\.\w\w|europa\.eu)(?:[/:?#]|$)",
    re.IGNORECASE,
)
_OF_A_PERSON: Final = re.compile(
    r"[~@]|user|profile|people|person|member|account|patient|portal|staff|faculty|login|session|token|[?&](?:id|uid|name|email|q)=",
    re.IGNORECASE,
)


def _personal(text: str) -> bool:
    """Not a public body's page: such an address names nobody, unless its path does."""
    return _PUBLIC.match(text) is None or _OF_A_PERSON.search(text) is not None


def literature(text: str, finding: Finding) -> bool:
    """Whether a web address or date of a clinical text belongs to a source that is cited or recommended."""
    if finding.type is EntityType.DATE:
        return _PUBLISHED.search(text[max(0, finding.start - 40) : finding.start]) is not None
    if finding.type is EntityType.URL:
        return _OF_A_PERSON.search(text[finding.start : finding.end]) is None and not _OWN.search(
            text[max(0, finding.start - 40) : finding.start]
        )
    return False


_PUBLISHED: Final = re.compile(
    r"(?:updated|published|revised|accessed|retrieved|reviewed|copyright|effective|released|issued|posted|approved|last modified|\((?:19|20)\d\d,)(?: (?:on|in|at))?:?\s*$",
    re.IGNORECASE,
)
_OWN: Final = re.compile(
    r"\b(?:my|his|her|their|our|personal|patient(?:'s)?|url|home ?page|profile)\b[^.\n]*$", re.IGNORECASE
)


def _reachable(text: str) -> bool:
    # RFC 2606 keeps .invalid for addresses that cannot exist.
    return not text.casefold().endswith(".invalid")


_TOP = (
    "com|org|net|edu|gov|mil|int|info|biz|io|ai|app|dev|me|co|tv|uk|us|ca|au|nz|ie|de|fr|es|it|nl|be|ch|at|se|no|dk|"
    "fi|is|pl|cz|sk|hu|ro|bg|gr|pt|ru|ua|tr|il|in|cn|hk|tw|jp|kr|sg|my|th|vn|ph|id|br|mx|ar|cl|uy|pe|za|ng|ke|eg|eu"
)

RULES: Final = (
    Rule(
        "email",
        EntityType.EMAIL,
        re.compile(r"(?<![a-zA-Z0-9_.+-])(?:[^\W\u2e80-\u9fff]|[.+'%-])+@(?:\[[0-9a-fA-F.:]+\]|(?:(?:[^\W\u2e80-\u9fff]|-)+\.)+[^\W\d_\u2e80-\u9fff](?:[^\W\u2e80-\u9fff]|-)+)(?![a-zA-Z0-9_-])"),
        _reachable,
    ),
    Rule("url", EntityType.URL, re.compile(r"\b(?:https?|ftp)://[^\s<>\"'）)\]，。；]+[^\s<>\"'.,;:!?）)\]，。；]", re.IGNORECASE), _personal),
    Rule("url.www", EntityType.URL, re.compile(r"(?<![\w@.])www\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>\"']*)?", re.IGNORECASE), _personal),
    Rule("url.path", EntityType.URL, re.compile(rf"(?<![\w@./-])(?:[\w-]+\.)+(?:{_TOP})/[^\s<>\"']+", re.IGNORECASE), _personal),
    Rule("url.domain", EntityType.URL, re.compile(rf"(?<![\w@./-])(?:[A-Za-z0-9][\w-]+\.)+(?:{_TOP})(?![\w@-])(?!\.\w)"), _personal, words("web ?site", "site", "visit", "page", "url", "domain", "link", "网站", "网址"), score=0.8),
    Rule("ipv4", EntityType.NETWORK_ADDRESS, re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w]|\.\d)"), _network_address),
    Rule("ipv6", EntityType.NETWORK_ADDRESS, re.compile(r"(?<![\w:.])(?=[0-9a-f:.]*:[0-9a-f]*:)[0-9a-f:]{2,39}(?:(?:\d{1,3}\.){3}\d{1,3})?(?:%\w+)?(?![\w:])", re.IGNORECASE), lambda text: len(text) > 4 and _network_address(text)),
    Rule("mac", EntityType.NETWORK_ADDRESS, re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}(?![\w:-])|(?<!\w)[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}(?!\w)", re.IGNORECASE), score=1.0),
    Rule("cn.mobile", EntityType.PHONE, re.compile(r"(?<![\dA-Za-z.])(?:(?:\+|00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![\dA-Za-z])"), score=0.95),
    Rule("cn.landline", EntityType.PHONE, re.compile(r"(?<![\d.])(?:0\d{2,3}|\(0\d{2,3}\)|（0\d{2,3}）)[- ]?[2-9]\d{6,7}(?:[-转]\d{1,5})?(?!\d)"), None, words(r"\w*电话\w*", r"\w*座机", r"\w*传真", "tel", "phone", "fax")),
    Rule("handle", EntityType.URL, re.compile(r"(?<![\w@./])@[A-Za-z_][\w.]{2,29}(?!\w)"), score=0.7),
    Rule("cn.account_name", EntityType.URL, re.compile(r"(?:微信号?|QQ号?|WeChat(?: ID)?|微博)\s*[:：是为]?\s*(?P<it>[A-Za-z0-9][\w-]{4,24})", re.IGNORECASE), score=0.9),
)  # fmt: skip

_CALLED: Final = words(
    "(?:tele)?phones?(?: number)?", "tel", "mobile", "cell(?:phone)?", "fax", "call(?:ed|ing)?", "ring", "sms", "text(?:ed)?(?: me)?", "whatsapp",
    "reach(?:ed)?", "dial", "contact", "desk", "office", "home", "pager", "extension", "answering(?: at)?", "messages? to", "voicemail", "hotline", "ph",
    "telefon\\w*", "téléphone", "teléfono", "handy", "móvil", "telephone_number", "fax_number", "电话.{0,4}", "手机.{0,4}", "联系.{0,4}",
)  # fmt: skip
# What digits with separators mostly are when no telephone is spoken of.
_CANDIDATE: Final = re.compile(
    r"(?<![\w.,/@#=&-])(?:\+|00)?\(?\d{1,4}\)?(?:[ .\-/()\u2013]{0,3}\d{1,5}){1,6}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w@]|[.,/-]\d)"
)
_LABELLED: Final = re.compile(r"(?<==)(?:\+|00)?\(?\d{1,4}\)?(?:[ .\-()]{0,2}\d{1,5}){1,6}(?!\w)")
_REGIONS: Final = ("US", "GB", "AU", "DE", "FR", "IT", "ES", "CN", "IN")
_GROUPED: Final = re.compile(
    r"^(?:\(\d{2,4}\)[ -]?\d{3,4}[ -]?\d{3,4}|\d{3}[-. ]\d{3}[-. ]\d{4})(?:\s?(?:x|ext\.?)\s?\d+)?$"
)
_YEARS: Final = re.compile(r"^\(?(?:19|20)\d\d\)?[\s.,/–-]+\(?(?:19|20)?\d\d\)?$")
_DATE_LIKE: Final = re.compile(r"^(?:\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}){1,2}|(?:19|20)\d{2}[-/.]\d{1,2}[-/.]\d{1,2}.*)$")


def phones(text: str) -> Iterator[Finding]:
    """Find telephone numbers: in international form anywhere, in a national form that is usual or where words tell it.

    Other digits with separators (doses, ranges, ratios) are left alone.
    """
    for pattern in (_CANDIDATE, _LABELLED):
        for match in pattern.finditer(text):
            found = match.group()
            count = sum(character.isdigit() for character in found)
            if not 7 <= count <= 17 or _DATE_LIKE.match(found) or _YEARS.match(found):
                continue
            score = _phone_score(text, match.start(), match.end(), found)
            if score:
                start = match.start()
                yield Finding(start, match.end(), EntityType.PHONE, score, "phone")


def _phone_score(text: str, start: int, end: int, found: str) -> float:
    if found.startswith(("+", "00")):
        return 0.95 if _possible(found.replace("00", "+", 1) if found.startswith("00") else found, None) else 0.6
    near = _CALLED.search(around(text, start, end)) is not None
    if near:
        return 0.85
    if _GROUPED.match(found):
        return 0.75
    separated = sum(character in " .-()" for character in found) >= 2
    national = any(_valid(found, region) for region in _REGIONS)
    return 0.5 if separated and national and found.startswith(("0", "(")) else 0.0


def _possible(found: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(found, region))
    except phonenumbers.NumberParseException:
        return False


def _valid(found: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(found, region))
    except phonenumbers.NumberParseException:
        return False
