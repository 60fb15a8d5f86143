"""A signed note as a PDF: identity, page number and digest on every page.

The same note gives the same bytes on one machine.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from clinical_assist.models import Note, NoteAddendum, Patient
from clinical_assist.notes import saying
from clinical_assist.notes.faces import BOLD, LATIN, wide
from clinical_assist.notes.gathering import identity_of
from clinical_assist.notes.sections import NAMES, Origin, Section, Sentence, sections_of
from llmasos.answering.words import is_chinese

_MARGIN: Final = 20 * mm
# What the Latin face has, and signs for which every viewer has a face beside it ("Symbol").
_OWN: Final = "\x20-\x7e\xa0-\xff–—‘’“”„•…€™ŒœŠšŽžŸƒ≤≥≠≈→←↑↓∞√ΔΩαβγδλπσω₀-₉"
_FOREIGN: Final = re.compile(f"[^{_OWN}]+")
_LOW: Final = str.maketrans({chr(ord("₀") + digit): f"<sub>{digit}</sub>" for digit in range(10)})


def note_pdf(note: Note, patient: Patient, addenda: Sequence[NoteAddendum]) -> bytes:
    """Return a signed note with its addenda as a PDF of A4 pages, in the reader's language."""
    content = BytesIO()
    document = SimpleDocTemplate(
        content,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN + 8 * mm,
        bottomMargin=_MARGIN + 8 * mm,
        title=pgettext("clinical", "Note"),
        invariant=1,
    )
    who = saying.identity(identity_of(patient), localtime(note.encounter.starts_at).date())
    document.build(_story(note, addenda), canvasmaker=_numbered(who, note.digest))
    return content.getvalue()


def _story(note: Note, addenda: Sequence[NoteAddendum]) -> list[Flowable]:
    visit = _("Visit of %(day)s") % {"day": date_format(localtime(note.encounter.starts_at), "DATE_FORMAT")}
    story: list[Flowable] = [_paragraph(pgettext("clinical", "Note"), 16, bold=True), _paragraph(visit, 10)]
    sections = sections_of(note.sections)
    for name in NAMES:
        story.append(_paragraph(str(Section(name).label), 12, bold=True, before=10))
        story += [_sentence(one) for one in sections[name] if one.text]
    if note.pasted:
        story.append(_paragraph(_("Dictated or pasted text"), 12, bold=True, before=10))
        story += [_paragraph(line, 10) for line in note.pasted.split("\n")]
    story.append(_paragraph(_signature(note), 10, before=12))
    for number, one in enumerate(addenda, 1):
        story.append(_paragraph(_("Addendum %(number)s") % {"number": number}, 12, bold=True, before=10))
        story += [_paragraph(line, 10) for line in one.text.split("\n")]
        signed = _("%(name)s, %(moment)s, digest %(digest)s") % {
            "name": one.signed_by or "—",
            "moment": _moment(one.signed_at),
            "digest": one.digest,
        }
        story.append(_paragraph(signed, 8))
    return story


def _sentence(one: Sentence) -> Paragraph:
    origins = {Origin.HAND: _("the clinician's own words"), Origin.MODEL: _("worded by a model")}
    parts = [origins[one.origin]] if one.origin in origins else []
    parts += dict.fromkeys(f"{source.label} {source.on}" for source in one.sources)
    about = f' <font size="7" color="#57534b">[{_marked("; ".join(parts))}]</font>' if parts else ""
    return Paragraph(f"{_marked(one.text)}{about}", _style(one.text, 10))


def _signature(note: Note) -> str:
    return _("Signed by %(name)s, %(moment)s; digest (SHA-256): %(digest)s") % {
        "name": note.signed_by or "—",
        "moment": _moment(note.signed_at),
        "digest": note.digest,
    }


def _moment(moment: Any) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


def _paragraph(text: str, size: int, *, bold: bool = False, before: int = 0) -> Paragraph:
    return Paragraph(_marked(text) or "&nbsp;", _style(text, size, bold=bold, before=before))


def _style(text: str, size: int, *, bold: bool = False, before: int = 0) -> ParagraphStyle:
    return ParagraphStyle(
        name=f"{size}{bold}{before}",
        fontName=BOLD if bold else LATIN,
        fontSize=size,
        leading=size * 1.4,
        spaceBefore=before,
        spaceAfter=2,
        alignment=TA_LEFT,
        wordWrap="CJK" if is_chinese(text) else None,
    )


def _marked(text: str) -> str:
    """Escape a text, with the letters that the Latin face lacks in the wide one, and small digits ("SpO₂") set low."""
    parts, end = [], 0
    for found in _FOREIGN.finditer(text):
        parts.append(escape(text[end : found.start()]))
        parts.append(f'<font name="{wide()}">{escape(found.group())}</font>')
        end = found.end()
    return "".join([*parts, escape(text[end:])]).translate(_LOW)


def _numbered(who: str, digest: str) -> type[Canvas]:
    """Return a canvas that knows how many pages there are when it writes the first."""

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self._edge(number, len(self._pages))
                super().showPage()
            super().save()

        def _edge(self, number: int, count: int) -> None:
            width, height = A4
            self._line(who, _MARGIN, height - _MARGIN, 9)
            pages = _("Page %(number)s of %(count)s") % {"number": number, "count": count}
            self._line(f"{pages} · SHA-256 {digest}", _MARGIN, _MARGIN, 7)
            research = _("Research software on synthetic data, not a medical device.")
            self._line(research, _MARGIN, _MARGIN - 9, 7)
            self.line(_MARGIN, height - _MARGIN - 4, width - _MARGIN, height - _MARGIN - 4)

        def _line(self, text: str, x: float, y: float, size: int) -> None:
            """Write one line, letter runs in the face that has them."""
            line = self.beginText(x, y)
            for run in re.findall(f"[{_OWN}]+|[^{_OWN}]+", text):
                line.setFont(wide() if _FOREIGN.match(run) else LATIN, size)
                line.textOut(run)
            self.drawText(line)

    return Numbered
