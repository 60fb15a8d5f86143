"""PDF: the text of each page; a document without a text layer is refused with the reason."""

from __future__ import annotations

import io
import re

from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from llmasos.retrieval.parsing.types import ParsedDocument, Section, UnreadableError

MAX_PAGES = 2_000
# A word that the line broke.
_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")


def read(content: bytes, *, fallback_title: str) -> ParsedDocument:
    """Parse a PDF. Raises ``UnreadableError`` for an encrypted or damaged one."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableError(_("The PDF is protected by a password."))
        if len(reader.pages) > MAX_PAGES:
            raise UnreadableError(_("The PDF has more than %(number)s pages.") % {"number": MAX_PAGES})
        sections = tuple(Section(_HYPHEN.sub("", page.extract_text())) for page in reader.pages)
        title = str((reader.metadata.title if reader.metadata else "") or "").strip()
    except (PyPdfError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, OSError) as error:
        raise UnreadableError(_("The PDF is damaged and cannot be read.")) from error
    return ParsedDocument(title or fallback_title, sections)
