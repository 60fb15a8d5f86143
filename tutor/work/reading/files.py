"""What kind of file it is, by its content, and the text that it holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing import kinds, pdf
from llmasos.retrieval.parsing.reading import decoded
from llmasos.retrieval.parsing.types import UnreadableError
from tutor.work.errors import UploadError
from tutor.work.writing import LONGEST_TEXT, cleaned

PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEXT: Final = "text/plain"
ACCEPTED: Final = ".txt,.md,.pdf,.docx"
MAX_BYTES: Final = 10 * 1024 * 1024
_PROCESS = Path(__file__).with_name("docx_process.py")
# The page waits for it: a healthy document takes a second.
_SECONDS = 20
_ARCHIVE = b"PK\x03\x04"
# The part that every DOCX has, as the archive's directory names it.
_DOCX_PART = b"word/document.xml"


def media_type_of(content: bytes) -> str:
    """Return the media type by the content, whatever the file is called.

    Raises:
        UploadError: it is empty, too large, or of no kind that is taken.
    """
    if not content:
        raise UploadError(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise UploadError(_("The file is larger than %(number)s MB.") % {"number": MAX_BYTES // 2**20})
    if kinds.agrees(content, media_type=PDF):
        return PDF
    if content.startswith(_ARCHIVE):
        if _DOCX_PART in content:
            return DOCX
    elif kinds.agrees(content, media_type=TEXT):
        return TEXT
    raise UploadError(_("This is no text, PDF or Word document (.docx). Save it as one of these."))


def text_of(content: bytes, media_type: str) -> str:
    """Return the text that a file holds; nothing where it holds only pictures.

    Raises:
        UploadError: it is protected, damaged or too long.
    """
    try:
        text = cleaned(_READERS[media_type](content)).strip()
    except UnreadableError as error:
        raise UploadError(str(error)) from None
    if len(text) > LONGEST_TEXT:
        raise UploadError(_("The file holds more text than an answer can take."))
    return text


def _pdf(content: bytes) -> str:
    document = pdf.read(content, fallback_title="", seconds=_SECONDS)
    return "\n\n".join(section.text.strip() for section in document.sections)


def _docx(content: bytes) -> str:
    try:
        ended = subprocess.run(  # noqa: S603 - our own interpreter and file
            [sys.executable, "-I", str(_PROCESS)],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            cwd="/",
            check=False,
        )
        found = json.loads(ended.stdout) if ended.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        found = {}
    if "text" in found:
        return str(found["text"])
    if found.get("refused") in ("size", "length"):
        raise UploadError(_("The Word document unpacks to more than can be read."))
    raise UploadError(_("The Word document is damaged and cannot be read."))


_READERS = {PDF: _pdf, DOCX: _docx, TEXT: decoded}
