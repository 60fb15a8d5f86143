"""Walking QTI documents whatever their version: names without namespace, prefix, hyphens and case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

from selectolax.lexbor import LexborHTMLParser

_BLOCKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "pre", "blockquote", "mattext", "material"})
_UNSEEN = frozenset({"script", "style"})
_SPACE = re.compile(r"[ \t\r\f\v\u00a0]+")
_LINES = re.compile(r" *\n\s*")
LONGEST = 20_000
MOST_POINTS = Decimal(10_000)


def name_of(element: Element) -> str:
    """Return "simplechoice" for ``<simpleChoice>`` and for ``<qti-simple-choice>``."""
    return _folded(str(element.tag).rpartition("}")[2].removeprefix("qti-"))


def get(element: Element, name: str) -> str:
    """Return an attribute, whether it is written ``responseIdentifier`` or ``response-identifier``; "" if it is not."""
    wanted = _folded(name)
    return next((value for key, value in element.attrib.items() if _folded(key.rpartition("}")[2]) == wanted), "")


def every(element: Element, *names: str) -> list[Element]:
    """Return the elements of these names below an element, in the document's order."""
    return [one for one in element.iter() if one is not element and name_of(one) in names]


def first(element: Element, *names: str) -> Element | None:
    return next(iter(every(element, *names)), None)


def text_of(element: Element | None, *, without: frozenset[str] = frozenset()) -> str:
    """Return an element's text as people read it, a line a block, without the elements named."""
    return "" if element is None else tidy("".join(_pieces(element, without)))


def html_text(text: str) -> str:
    """Return the text of markup that stands escaped in a document."""
    if "<" not in text and "&" not in text:
        return tidy(text)
    marked = re.sub(r"(?i)<(/p|/div|br|/li|/tr|/h\d)\b", r"\n<\1", text)
    document = LexborHTMLParser(marked)
    document.strip_tags(sorted(_UNSEEN))
    body = document.body
    return tidy(body.text() if body is not None else "")


def tidy(text: str) -> str:
    return _LINES.sub("\n", _SPACE.sub(" ", text)).strip()[:LONGEST]


def number(text: str) -> float | None:
    """Return a finite number, None for anything else."""
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if abs(value) < 1e300 else None


def points(text: str) -> Decimal:
    """Return points as a question has them; 1 where nothing usable stands."""
    try:
        value = Decimal(text.strip()).quantize(Decimal("0.01"))
    except InvalidOperation:
        return Decimal(1)
    return value if 0 < value <= MOST_POINTS else Decimal(1)


def _pieces(element: Element, without: frozenset[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = name_of(child)
        if name not in without | _UNSEEN:
            if name in _BLOCKS:
                yield "\n"
            yield from _pieces(child, without)
            if name in _BLOCKS:
                yield "\n"
        yield child.tail or ""


def _folded(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()
