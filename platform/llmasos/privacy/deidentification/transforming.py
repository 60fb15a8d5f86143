"""From findings to a text without them: each type by the action that the policy names, with the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from llmasos.privacy.deidentification.surrogates import Scope, hashed, masked, surrogate
from llmasos.privacy.deidentification.types import EntityType, Finding


class Treatment(models.TextChoices):
    SURROGATE = "surrogate", _("Replace by a made-up value")
    REDACT = "redact", _("Replace by the type")
    MASK = "mask", _("Replace by asterisks")
    HASH = "hash", _("Replace by a keyed hash")
    KEEP = "keep", _("Leave as it is")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the result: text that was left alone, or what stands for a finding."""

    text: str = field(repr=False)
    finding: Finding | None = None
    treatment: str = ""


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A text without what was found in it. ``originals`` gives back what a replacement stands for."""

    text: str = field(repr=False)
    findings: tuple[Finding, ...]
    pieces: tuple[Piece, ...] = field(repr=False)
    originals: Mapping[str, str] = field(repr=False, default_factory=dict)


class Replacements:
    """What stands for what over one or several texts: the same for the same, and never one for two."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._made: dict[tuple[EntityType, str], str] = {}
        self.originals: dict[str, str] = {}

    def of(self, kind: EntityType, original: str, treatment: str, *, text: str) -> str:
        if treatment == Treatment.REDACT:
            return f"[{kind.value}]"
        if treatment == Treatment.MASK:
            return masked(original)
        if treatment == Treatment.HASH:
            return hashed(self._scope, kind, original)
        if treatment == Treatment.KEEP:
            return original
        key = (kind, original)
        if key not in self._made:
            self._made[key] = self._surrogate(kind, original, text)
        return self._made[key]

    def _surrogate(self, kind: EntityType, original: str, text: str) -> str:
        for turn in range(32):
            made = surrogate(self._scope, kind, original, turn=turn)
            if made.startswith("["):
                return made
            if kind is EntityType.DATE or (self.originals.get(made, original) == original and made not in text):
                self.originals.setdefault(made, original)
                return made
        return f"[{kind.value}]"


def transform(
    text: str, findings: Sequence[Finding], *, treatments: Mapping[str, str], replacements: Replacements
) -> Deidentified:
    """Replace each finding by what its type's treatment gives; a type without one is replaced by a surrogate."""
    pieces: list[Piece] = []
    end = 0
    for finding in sorted(findings):
        if finding.start > end:
            pieces.append(Piece(text[end : finding.start]))
        treatment = treatments.get(finding.type, Treatment.SURROGATE)
        made = replacements.of(finding.type, text[finding.start : finding.end], treatment, text=text)
        pieces.append(Piece(made, finding, treatment))
        end = finding.end
    if end < len(text):
        pieces.append(Piece(text[end:]))
    return Deidentified(
        text="".join(piece.text for piece in pieces),
        findings=tuple(sorted(findings)),
        pieces=tuple(pieces),
        originals=dict(replacements.originals),
    )


_BOUNDED: Final = r"(?<!\w){}(?!\w)"


class Restorer:
    """Puts originals back into a text that comes in pieces; what could be the beginning of a surrogate waits."""

    def __init__(self, originals: Mapping[str, str]) -> None:
        self._originals = dict(originals)
        ordered = sorted(self._originals, key=len, reverse=True)
        self._pattern = re.compile("|".join(_bounded(made) for made in ordered)) if ordered else None
        self._longest = len(ordered[0]) if ordered else 0
        self._waiting = ""

    def feed(self, piece: str) -> str:
        """Return what may be shown now."""
        if self._pattern is None:
            return piece
        text = self._waiting + piece
        kept = self._beginning(text)
        self._waiting = text[kept:]
        return self._restored(text[:kept])

    def end(self) -> str:
        """Return the rest."""
        text, self._waiting = self._waiting, ""
        return self._restored(text)

    def _beginning(self, text: str) -> int:
        """Return where a surrogate might begin that is not there in full, or whose last word may go on."""
        for start in range(max(0, len(text) - self._longest), len(text)):
            tail = text[start:]
            if any(made.startswith(tail) for made in self._originals):
                return start
        return len(text)

    def _restored(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: self._originals[match.group()], text)


def _bounded(made: str) -> str:
    plain = re.escape(made)
    return _BOUNDED.format(plain) if made[0].isascii() and made[-1].isalnum() and made[0].isalnum() else plain


def restored(text: str, originals: Mapping[str, str]) -> str:
    """Put originals back into a whole text."""
    restorer = Restorer(originals)
    return restorer.feed(text) + restorer.end()
