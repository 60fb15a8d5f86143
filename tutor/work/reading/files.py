"""What kind of file it is, by its content, and the text that it holds."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

from llmasos.retrieval.parsing import docx, kinds, pdf
from llmasos.retrieval.parsing.reading import decoded
from llmasos.retrieval.parsing.types import UnreadableError
from tutor.work.errors import UploadError
from tutor.work.writing import LONGEST_TEXT, cleaned

PDF: Final = "application/pdf"
DOCX: Final = docx.MEDIA_TYPE
TEXT: Final = "text/plain"
ACCEPTED: Final = ".txt,.md,.pdf,.docx"
MAX_BYTES: Final = 10 * 1024 * 1024
# The page waits for it: a healthy document takes a second.
_SECONDS = 20


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
    if kinds.agrees(content, media_type=DOCX):
        return DOCX
    if kinds.agrees(content, media_type=TEXT):
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
    document = docx.read(content, fallback_title="", seconds=_SECONDS)
    headed = ("\n".join((*section.heading_path[-1:], section.text)) for section in document.sections)
    return "\n".join((document.title, *headed)).strip()


_READERS = {PDF: _pdf, DOCX: _docx, TEXT: decoded}
