"""The faces of papers: a Latin one that every viewer has, and one for all other letters, Chinese above all.

The latter is a TrueType face of this machine, of which the letters that are used are put into the paper. Where the
machine has none it is the Adobe-GB1 face "STSong-Light", which is named only: viewers bring their own for it.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

LATIN: Final = "Helvetica"
BOLD: Final = "Helvetica-Bold"
NAMED: Final = "STSong-Light"
_EMBEDDED: Final = "Wide"
_FOLDERS: Final = (
    "/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts",
    "/System/Library/Fonts/Supplemental",
)  # fmt: skip
# Faces with TrueType outlines, which can be embedded, that hold Simplified Chinese; the first that is there is taken.
_FILES: Final = (
    "wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "uming.ttc",
    "simsun.ttc", "Arial Unicode.ttf",
)  # fmt: skip
_log = logging.getLogger(__name__)


def wide() -> str:
    """Return the name of the face for letters that the Latin one lacks."""
    return _registered(settings.PDF_FONT)


@cache
def _registered(chosen: str) -> str:
    for path in [Path(chosen)] if chosen else _found():
        try:
            registerFont(TTFont(_EMBEDDED, str(path)))
        except (TTFError, OSError):
            _log.warning("The font %s cannot be embedded: it is missing, or has no TrueType outlines.", path)
        else:
            return _EMBEDDED
    registerFont(UnicodeCIDFont(NAMED))
    return NAMED


def _found() -> list[Path]:
    there = {path.name: path for folder in _FOLDERS for path in Path(folder).rglob("*.tt[cf]")}
    return [there[name] for name in _FILES if name in there]
