from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import PurePath

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing import docx, html, markdown, pdf, table
from llmasos.retrieval.parsing.types import ParsedDocument, Section, UnreadableError

RECORD = "application/json"
LINES = "application/x-ndjson"
# How many of a Chinese text's characters the common set (GB 2312) holds at least.
_COMMON = 0.5
# The kinds of file that can be imported, by suffix.
MEDIA_TYPES = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".txt": "text/plain", ".text": "text/plain",
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html", ".pdf": "application/pdf", ".jsonl": LINES,
    ".docx": docx.MEDIA_TYPE, ".csv": "text/csv",
}  # fmt: skip


def media_type_of(name: str) -> str:
    """Return the media type that a file's name promises, or an empty string for one that cannot be imported."""
    return MEDIA_TYPES.get(PurePath(name).suffix.lower(), "")


def read(content: bytes, *, media_type: str, name: str) -> ParsedDocument:
    """Parse a document. ``name`` gives the title where the document has none of its own.

    Raises:
        UnreadableError: with a sentence about what is wrong with the document.
    """
    reader = _READERS.get(media_type)
    if reader is None:
        raise UnreadableError(_("Files of this kind cannot be imported."))
    document = reader(content, name)
    if not any(section.text.strip() for section in document.sections) and not document.is_question:
        raise UnreadableError(_("The document holds no text. A scanned document needs text recognition first."))
    return document


def decoded(content: bytes, *, declared: str = "") -> str:
    """Return text of an unknown but common encoding, normalised, without NUL characters.

    ``declared`` is what the document itself says of its encoding; it is believed where the text is no UTF-8.
    """
    for encoding in ("utf-8-sig", "utf-16", declared, "gb18030", "cp1252"):
        if not encoding or (encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            text = content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        if encoding == "gb18030" and declared != encoding and not _is_chinese(text):
            continue
        return normalised(text)
    raise UnreadableError(_("The text's encoding is not known. Save it as UTF-8."))


def _is_chinese(text: str) -> bool:
    """Tell Chinese from an umlaut and its neighbour, which make a character too, but seldom one of the common ones."""
    foreign = "".join(letter for letter in text if not letter.isascii())
    return len(foreign.encode("gb2312", "ignore")) >= _COMMON * 2 * len(foreign)


def normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n"))


def _plain(content: bytes, name: str) -> ParsedDocument:
    return ParsedDocument(PurePath(name).stem, (Section(decoded(content)),))


def _markdown(content: bytes, name: str) -> ParsedDocument:
    return markdown.read(decoded(content), fallback_title=PurePath(name).stem)


def _html(content: bytes, name: str) -> ParsedDocument:
    return html.read(decoded(content, declared=html.declared_encoding(content)), fallback_title=PurePath(name).stem)


def _pdf(content: bytes, name: str) -> ParsedDocument:
    document = pdf.read(content, fallback_title=PurePath(name).stem)
    sections = tuple(Section(normalised(section.text), section.heading_path) for section in document.sections)
    return ParsedDocument(normalised(document.title), sections)


def _docx(content: bytes, name: str) -> ParsedDocument:
    document = docx.read(content, fallback_title=PurePath(name).stem)
    sections = tuple(Section(normalised(section.text), section.heading_path) for section in document.sections)
    return ParsedDocument(normalised(document.title), sections)


def _table(content: bytes, name: str) -> ParsedDocument:
    return ParsedDocument(PurePath(name).stem, (Section(table.read(decoded(content))),))


def _record(content: bytes, name: str) -> ParsedDocument:
    """A line of JSONL, checked when it was imported: {id, title, text, url} or {id, question, answer}."""
    values = json.loads(content)
    url = str(values.get("url") or "")
    if "question" in values:
        return ParsedDocument(
            normalised(str(values["question"])).strip(), (Section(normalised(str(values.get("answer") or ""))),),
            url, is_question=True,
        )  # fmt: skip
    text = normalised(str(values.get("text") or ""))
    parsed = markdown.read(text, fallback_title="", keep_title=True)
    return ParsedDocument(normalised(str(values.get("title") or "")).strip(), parsed.sections, url)


_READERS: dict[str, Callable[[bytes, str], ParsedDocument]] = {
    "text/plain": _plain,
    "text/markdown": _markdown,
    "text/html": _html,
    "text/csv": _table,
    "application/pdf": _pdf,
    docx.MEDIA_TYPE: _docx,
    RECORD: _record,
}
