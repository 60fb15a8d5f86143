"""Whether a file is what its name says: by its first bytes, before anything parses it."""

from __future__ import annotations

import puremagic
from puremagic.main import PureMagicWithConfidence

from llmasos.retrieval.parsing import docx

_HEAD = 8_192
# A reader looks for the mark in the first kilobyte.
_PDF_HEAD = 1_024
_PDF_MARK = b"%PDF-"
_ARCHIVE = b"PK\x03\x04"
# The part that every Word document has, as the archive's directory names it.
_DOCX_PART = b"word/document.xml"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = tuple(set(range(32)) - set(b"\t\n\r\f\x1b"))
_MOST_CONTROL = 0.01
# Shorter marks, where they are letters, are words as well ("BM" begins a picture and many a sentence).
_LEAST_MARK = 5
_OTHER_KINDS = ("image/", "audio/", "video/", "font/", "application/")
_TEXTS = frozenset({"image/svg+xml", "application/xml", "application/json", "application/xhtml+xml"})


def agrees(content: bytes, *, media_type: str) -> bool:
    """Say whether the content can be of the media type that the file's name promised."""
    if media_type == "application/pdf":
        return _PDF_MARK in content[:_PDF_HEAD]
    if media_type == docx.MEDIA_TYPE:
        return content.startswith(_ARCHIVE) and _DOCX_PART in content
    return _is_text(content[:_HEAD])


def _is_text(head: bytes) -> bool:
    if head.startswith(_WIDE_MARKS):
        return True
    if head.startswith(_PDF_MARK) or b"\x00" in head:
        return False
    if sum(head.count(code) for code in _CONTROL) > _MOST_CONTROL * len(head):
        return False
    return not any(_is_of_other_kind(match) for match in _known_marks(head))


def _is_of_other_kind(match: PureMagicWithConfidence) -> bool:
    mark = match.byte_match or b""
    tells = len(mark) >= _LEAST_MARK or not mark.isascii() or any(code < 32 for code in mark)
    kind = match.mime_type
    return tells and kind.startswith(_OTHER_KINDS) and kind not in _TEXTS and not mark.startswith(b"<")


def _known_marks(head: bytes) -> list[PureMagicWithConfidence]:
    try:
        return [match for match in puremagic.magic_string(head) if match.offset == 0]
    except (puremagic.PureError, ValueError):
        return []
