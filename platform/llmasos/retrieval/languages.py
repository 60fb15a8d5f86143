"""What a language means for lexical search: which one it is, and the terms of unspaced scripts."""

from __future__ import annotations

import re
from collections import Counter

BIGRAM_WEIGHT = 0.5
DETECTION_CHARACTERS = 4000

_UNSPACED = "぀-ヿ㐀-䶿一-鿿豈-﫿가-힯\U00020000-\U0003134f"
_RUNS = re.compile(f"[{_UNSPACED}]+")

# Words and characters that carry the grammar of a Chinese question rather than its subject.
_FUNCTION_WORDS = re.compile(
    "为什么|什么|怎么样|怎么|怎样|如何|请问|可不可以|可以|能不能|是不是|有没有|多少|哪里|哪儿|哪个|一下|一个|这个|那个"
    "|我们|你们|他们|咱们|自己|因为|所以|如果|但是|或者|以及|时候"
    "|為什麼|什麼|怎麼樣|怎麼|怎樣|請問|是不是|有沒有|哪裡|一個|這個|那個|我們|你們|他們|時候"
)
_FUNCTION_CHARACTERS = frozenset(
    "的了吗呢吧啊呀嘛么着过地得之其此这那哪谁我你您他她它们和与及或但而且就都也还又很太更最把被让给对向从于以为因所如若则是在有能会要想请可"
    "嗎麼著過這誰們與還對從為則會請"
)


def spaced_part(text: str) -> str:
    """Return the text without its unspaced scripts: the part that PostgreSQL's parser splits into words."""
    return _RUNS.sub(" ", text.replace("\x00", " "))


def unspaced_terms(text: str) -> Counter[str]:
    """Count the characters and bigrams of Chinese, Japanese and Korean runs, function words left out."""
    terms: Counter[str] = Counter()
    for run in _RUNS.findall(text):
        for part in _FUNCTION_WORDS.split(run):
            terms.update(character for character in part if character not in _FUNCTION_CHARACTERS)
            pairs = (part[start : start + 2] for start in range(len(part) - 1))
            terms.update(pair for pair in pairs if not _FUNCTION_CHARACTERS.issuperset(pair))
    return terms


def term_weight(term: str) -> float:
    """Return how much an unspaced term of a query counts: a bigram half as much as a character."""
    return BIGRAM_WEIGHT if len(term) > 1 else 1.0


def detect(text: str) -> str:
    """Return the language of a text as an ISO 639-1 code, or an empty string where there is too little of it."""
    sample = text[:DETECTION_CHARACTERS]
    if len(sample.strip()) < 2:
        return ""
    unspaced = "".join(_RUNS.findall(sample))
    if len(unspaced) * 3 > len(sample):
        if re.search("[぀-ヿ]", unspaced):
            return "ja"
        return "ko" if re.search("[가-힯]", unspaced) else "zh"
    from py3langid import langid

    return str(langid.classify(sample)[0])
