"""HTML by its headings; scripts, navigation and other furniture are left out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from selectolax.lexbor import LexborHTMLParser, LexborNode

from llmasos.retrieval.parsing.types import ParsedDocument, Section, UnreadableError

_FURNITURE = "script, style, noscript, template, nav, footer, header nav, aside, form, svg, iframe, [hidden]"
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "hr", "li"}
    | {"main", "ol", "p", "pre", "section", "summary", "table", "tr", "ul"}
)
# The parser needs the square of the depth in time: no page that people read is nested like this.
_MAX_DEPTH = 1_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that never hold others, or that end where the next begins.
_FLAT = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
    | {"body", "dd", "dt", "head", "html", "li", "option", "p", "rp", "rt", "td", "th", "tr", "tbody"}
)
# As browsers do, in the first kilobyte; Latin-1 means Windows' superset of it, and so do the names of Chinese.
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)""", re.IGNORECASE)
_CHARSET_HEAD = 1_024
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
# Python knows more that turns bytes into text, such as "idna", and some of it takes its time.
_OF_THE_WEB = re.compile(r"cp125\d|iso8859-\d+|koi8-[ru]|gb18030|big5|euc_(jp|kr)|shift_jis")
_SPACE = re.compile(r"[ \t\f\v\u00a0]+")
_LINES = re.compile(r"\s*\n\s*")


def declared_encoding(content: bytes) -> str:
    """Return the encoding that the page names for itself, as Python calls it; nothing where it names none."""
    named = _CHARSET.search(content[:_CHARSET_HEAD])
    try:
        name = codecs.lookup(named[1].decode()).name if named else ""
    except LookupError:
        return ""
    name = _SUPERSETS.get(name, name)
    return name if _OF_THE_WEB.fullmatch(name) else ""


def read(content: str, *, fallback_title: str) -> ParsedDocument:
    """Parse a page. Its title is the first h1, else the title element. Raises ``UnreadableError`` for a maze."""
    _refuse_maze(content)
    tree = LexborHTMLParser(content)
    named = tree.css_first("title")
    title = named.text(strip=True) if named else ""
    for node in tree.css(_FURNITURE):
        node.decompose()
    root = tree.css_first("main") or tree.css_first("article") or tree.body
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    parts: list[str] = []
    heading_title = ""

    def close() -> None:
        text = _LINES.sub("\n", _SPACE.sub(" ", "".join(parts))).strip()
        if text or path:
            sections.append(Section(text, tuple(name for _, name in path)))
        parts.clear()

    for kind, value in _walk(root) if root else ():
        if kind == "text":
            parts.append(value)
            continue
        level = _HEADINGS[kind]
        if level == 1 and not heading_title:
            heading_title = value
            continue
        close()
        path = [entry for entry in path if entry[0] < level] + [(level, value)]
    close()
    return ParsedDocument(heading_title or title or fallback_title, tuple(sections))


def _refuse_maze(content: str) -> None:
    depth = 0
    for match in _TAG.finditer(content):
        if match[2].lower() not in _FLAT:
            depth = max(0, depth - 1) if match[1] else depth + 1
            if depth > _MAX_DEPTH:
                raise UnreadableError(_("The page is nested too deeply to be read."))


def _walk(root: LexborNode) -> Iterator[tuple[str, str]]:
    """Yield ("text", ...) and (heading tag, its text) in the order of the page."""
    waiting: list[LexborNode | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield "text", node
            continue
        tag = node.tag or ""
        if tag == "-text":
            yield "text", (node.text_content or "").replace("\x00", "")
            continue
        if tag in _HEADINGS:
            name = _SPACE.sub(" ", node.text(deep=True, separator=" ", strip=True)).strip()
            if name:
                yield tag, name
            continue
        block = tag in _BLOCKS
        if block:
            yield "text", "\n"
            waiting.append("\n")
        elif tag in {"td", "th"}:
            waiting.append(" ")
        waiting.extend(reversed(list(node.iter(include_text=True))))
