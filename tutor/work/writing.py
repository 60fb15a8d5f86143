"""The written forms of answers: clean text, words, numbers with their unit."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

LONGEST_TEXT = 100_000
"""Characters of one answer: about thirty printed pages."""
# A word between spaces; where none are written (Chinese, Japanese), each character.
_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_WORD = re.compile(rf"[{_HAN}]|[^\s{_HAN}]*\w[^\s{_HAN}]*")
_NUMBER = re.compile(
    r"\s*([+\-\u2212]?(?:\d+(?:[ '\u00a0\u202f]\d{3})*(?:[.,]\d+)*|[.,]\d+)"
    r"(?:\s*(?:[eE][+\-\u2212]?\d+|[x\u00d7*\u00b7]\s*10\s*\^?\s*[+\-\u2212]?\d+))?)\s*(.*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody answered to one question."""

    text: str = ""
    choices: tuple[str, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and not self.choices


def cleaned(text: str) -> str:
    """Return text as it is stored: NFC, line feeds only, nothing that no database or screen can hold."""
    whole = text.encode("utf-8", "replace").decode().replace("\x00", "")
    return unicodedata.normalize("NFC", whole.replace("\r\n", "\n").replace("\r", "\n"))


def count_words(text: str) -> int:
    return sum(1 for _ in _WORD.finditer(text))


def split_quantity(text: str) -> tuple[str, str]:
    """Return number and unit of "9.81 m/s²"; text that begins with no number is all number, for its writer to see."""
    match = _NUMBER.fullmatch(text)
    return (match[1].strip(), match[2].strip()) if match else (text.strip(), "")
