"""Word documents (DOCX) by their headings, with the rows of their tables."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing.apart import read_apart
from llmasos.retrieval.parsing.types import ParsedDocument, Section, UnreadableError

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# The process ends itself after less time of computing; this is for one that only waits.
_SECONDS = 60
_PROCESS = Path(__file__).with_name("docx_process.py")


def read(content: bytes, *, fallback_title: str, seconds: float = _SECONDS) -> ParsedDocument:
    """Parse a Word document, in ``seconds`` at most. Its title is the title or heading that it begins with.

    Raises:
        UnreadableError: it is damaged, or unpacks to more than can be read.
    """
    found = read_apart(_PROCESS, content, seconds=seconds)
    if found.get("refused") in ("size", "length"):
        raise UnreadableError(_("The Word document unpacks to more than can be read."))
    lines = found.get("lines")
    if not isinstance(lines, list):
        raise UnreadableError(_("The Word document is damaged and cannot be read."))
    title = ""
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    texts: list[str] = []

    def close() -> None:
        if path or any(text.strip() for text in texts):
            sections.append(Section("\n".join(texts), tuple(name for _, name in path)))
        texts.clear()

    for level, text in lines:
        if level is None:
            texts.append(text)
        elif level <= 1 and not title and not sections and not "".join(texts).strip():
            title = text
        else:
            close()
            path = [entry for entry in path if entry[0] < level] + [(level, text)]
    close()
    return ParsedDocument(title or fallback_title, tuple(sections))
