"""Words of a sentence and what each one weighs: numbers, names, polarity, content, and the rest.

English and Chinese in one stream: a Han character is a word of its own, a run of Chinese numerals is a number.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    NUMBER = "number"
    NAME = "name"
    POLARITY = "polarity"  # turns, limits or obliges: not, only, unless, at least, must
    CONTENT = "content"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Word:
    """One word in comparable form; `stem` is its form without English endings."""

    form: str
    stem: str
    kind: Kind


_NEGATIONS = "not no never none nobody nothing nowhere neither nor cannot without unable 不 没 无 未 非 别 勿 否"
_LIMITS = (
    "only unless except excluding exclude excludes until till if before after more less over under above below least"
    " most fewer greater exceed exceeds minimum maximum up than beyond within always all every any some"
    " sometimes usually"
    " 仅 只 除 若 如 超 至 最 每 均 都 前 后 内 外 以"
)
_OBLIGATIONS = (
    "must may might should shall could would required require requires mandatory optional prohibited forbidden"
    " need needs allowed permitted 必 须 需 应 可 能 禁 勿 准 许"
)
POLARITY = frozenset(f"{_NEGATIONS} {_LIMITS} {_OBLIGATIONS}".split())

_FUNCTION = (
    "a an the this that these those and or but so as of to in on at by for from with into onto about between through"
    " during against is are was were be been being am do does did doing done have has had having will can it its he she"
    " they them their his her him our ours us we you your yours i me my mine who whom whose which what when where why"
    " how there here then also too very just such other another each both either own same s t re ve ll d m etc e g"
    " 的 了 是 在 和 与 及 或 而 也 就 着 过 之 其 此 这 那 您 你 我 他 她 它 们 请 会 将 把 被 对 为"
    " 于 从 到 由 吗 呢 吧 啊 什 么 怎 样 哪 谁"
)
FUNCTION = frozenset(_FUNCTION.split())

_WORD = re.compile(
    r"(?P<number>\d+(?:[.,:/]\d+)*)"
    r"|(?P<numeral>[一二三四五六七八九十百千万亿两〇零半]+)"
    r"|(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])"
    r"|(?P<word>[^\W\d_]+(?:'[^\W\d_]+)?)"
    r"|(?P<unit>[%‰$€£¥°])"
)
_CONTRACTED = re.compile(r"^(.*)n't$")
# Chinese numerals that are mostly parts of ordinary words when they stand alone.
_LONE_NUMERALS = frozenset("一万千百零半")


def normalise(text: str) -> str:
    """Fold width and quotes and remove invisible characters, so that equal words compare equal."""
    folded = unicodedata.normalize("NFKC", text).replace("’", "'").replace("‘", "'")
    return "".join(c for c in folded if unicodedata.category(c) != "Cf")


def words(text: str) -> list[Word]:
    """Return the words of a sentence or passage in order."""
    found: list[Word] = []
    opening = True  # the next word begins a sentence: its capital says nothing
    plain = normalise(text)
    end = 0
    for match in _WORD.finditer(plain):
        opening = opening or bool(re.search(r"[.!?:;。！？；\n#*|\-]\s*$", plain[end : match.start()]))
        end = match.end()
        found += _classify(match, opening=opening)
        opening = False
    return found


def content_forms(text: str) -> list[str]:
    """Return the stems that carry a text's subject: content, names and numbers, in order."""
    return [word.stem for word in words(text) if word.kind in {Kind.CONTENT, Kind.NAME, Kind.NUMBER}]


def is_chinese(text: str) -> bool:
    """Say whether Han characters make up most of a text's letters."""
    han = sum(1 for c in text if "\u3400" <= c <= "\u9fff")
    letters = sum(1 for c in text if c.isalpha())
    return han * 2 > letters - han if letters else False


def stem(form: str) -> str:
    """Remove the commonest English endings; never returns less than three letters."""
    if len(form) < 5 or not form.isascii():
        return form[:-1] if len(form) == 4 and form.endswith("s") and not form.endswith("ss") else form
    for ending, replacement in (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", "")):
        if form.endswith(ending) and not (ending == "s" and form.endswith(("ss", "us", "is"))):
            base = form[: -len(ending)] + replacement
            if len(base) < 3:
                return form
            if ending in {"ing", "ed"} and len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            return base[:-1] if base.endswith("e") and len(base) > 3 else base
    return form[:-1] if form.endswith("e") else form


def _classify(match: re.Match[str], *, opening: bool) -> list[Word]:
    text = match.group()
    if match.lastgroup == "number":
        form = re.sub(r",(?=\d{3}(?!\d))", "", text)
        return [Word(form, form, Kind.NUMBER)]
    if match.lastgroup == "unit":
        return [Word(text, text, Kind.CONTENT)]
    if match.lastgroup == "numeral":
        kind = Kind.CONTENT if text in _LONE_NUMERALS else Kind.NUMBER
        return [Word(text, text, kind)]
    form = text.casefold()
    negated = _CONTRACTED.match(form)
    if negated or form == "cannot":
        base = {"ca": "can", "wo": "will", "sha": "shall", "cannot": "can"}.get(
            negated.group(1) if negated else form, negated.group(1) if negated else form
        )
        kind = Kind.POLARITY if base in POLARITY else Kind.FUNCTION
        return [Word(base, base, kind), Word("not", "not", Kind.POLARITY)]
    form = form.removesuffix("'s").split("'")[0] if match.lastgroup == "word" else form
    if form in POLARITY:
        return [Word(form, form, Kind.POLARITY)]
    if form in FUNCTION:
        return [Word(form, form, Kind.FUNCTION)]
    named = text[0].isupper() and (not opening or not text[1:].islower())
    return [Word(form, stem(form), Kind.NAME if named else Kind.CONTENT)]
