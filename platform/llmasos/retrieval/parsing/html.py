"""HTML by its headings; scripts, navigation and other furniture are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from llmasos.retrieval.parsing.types import ParsedDocument, Section

_FURNITURE = "script, style, noscript, template, nav, footer, header nav, aside, form, svg, iframe, [hidden]"
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "br", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "hr", "li"}
    | {"main", "ol", "p", "pre", "section", "summary", "table", "tr", "ul"}
)
_SPACE = re.compile(r"[ \t\f\v\u00a0]+")
_LINES = re.compile(r"\s*\n\s*")


def read(content: bytes, *, fallback_title: str) -> ParsedDocument:
    """Parse a page. Its title is the first h1, else the title element."""
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
