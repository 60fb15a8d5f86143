"""Markdown by its headings. The text between them stays as it was written."""

from __future__ import annotations

import re

from llmasos.retrieval.parsing.types import ParsedDocument, Section

_HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.+?)[ \t]*#*[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)


def read(text: str, *, fallback_title: str, keep_title: bool = False) -> ParsedDocument:
    """Parse Markdown. The first heading of the first level is the title, unless ``keep_title`` leaves it in place."""
    title = ""
    front = None if keep_title else _FRONT_MATTER.match(text)
    if front:
        named = _FRONT_TITLE.search(front[1])
        title, text = (named[1] if named else ""), text[front.end() :]
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    lines: list[str] = []
    fence = ""

    def close() -> None:
        if path or any(line.strip() for line in lines):
            sections.append(Section("\n".join(lines), tuple(name for _, name in path)))
        lines.clear()

    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark and (not fence or fence == mark[1]):
            fence = "" if fence else mark[1]
        heading = None if fence or mark else _HEADING.match(line)
        if heading is None:
            lines.append(line)
            continue
        level, name = len(heading[1]), heading[2].strip()
        if level == 1 and not title and not keep_title:
            title = name
            continue
        close()
        path = [entry for entry in path if entry[0] < level] + [(level, name)]
    close()
    return ParsedDocument(title or fallback_title, tuple(sections))
