"""PDF: the text of each page; a document without a text layer is refused with the reason."""

from __future__ import annotations

import re
from pathlib import Path

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing.apart import read_apart
from llmasos.retrieval.parsing.types import ParsedDocument, Section, UnreadableError

MAX_PAGES = 2_000
# The process ends itself after less time of computing; this is for one that only waits.
_SECONDS = 300
_PROCESS = Path(__file__).with_name("pdf_process.py")
# A word that the line broke.
_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")


def read(content: bytes, *, fallback_title: str, seconds: float = _SECONDS) -> ParsedDocument:
    """Parse a PDF, in ``seconds`` at most. Raises ``UnreadableError`` for an encrypted, damaged or excessive one."""
    found = read_apart(_PROCESS, content, seconds=seconds)
    refused = found.get("refused")
    if refused == "protected":
        raise UnreadableError(_("The PDF is protected by a password."))
    if refused == "pages":
        raise UnreadableError(_("The PDF has more than %(number)s pages.") % {"number": MAX_PAGES})
    if refused == "length":
        raise UnreadableError(_("The PDF holds more text than can be read."))
    pages = found.get("pages")
    if not isinstance(pages, list):
        raise UnreadableError(_("The PDF is damaged and cannot be read."))
    sections = tuple(Section(_HYPHEN.sub("", str(page))) for page in pages)
    return ParsedDocument(str(found.get("title") or "") or fallback_title, sections)
