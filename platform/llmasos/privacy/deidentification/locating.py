"""Where findings come from: the models service, which stands above this package, registers itself here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from llmasos.accounts.principals import Principal
from llmasos.privacy.deidentification.types import EntityType, Finding


@dataclass(frozen=True, slots=True)
class Asked:
    """Texts in which to look, with the identifiers of the person concerned. They travel sealed."""

    texts: tuple[str, ...] = field(repr=False)
    known: tuple[str, ...] = field(repr=False, default=())
    types: tuple[str, ...] | None = None
    threshold: float = 0.5


class NotLocatedError(Exception):
    """The texts could not be searched, so that nothing may be said or sent of them."""


class Locator(Protocol):
    def __call__(self, principal: Principal, asked: Asked) -> list[list[Finding]]:
        """Return the findings of each text. Raises NotLocatedError where that cannot be had."""


_locator: Locator | None = None


def register_locator(locator: Locator) -> None:
    """Have findings come from ``locator``. Call it in AppConfig.ready."""
    global _locator
    _locator = locator


def locator() -> Locator:
    """Return the registered locator. Raises RuntimeError without one: text never passes unsearched."""
    if _locator is None:
        raise RuntimeError("nothing is registered that finds personal data")
    return _locator


def packed(findings: Sequence[Finding]) -> list[list[object]]:
    """Findings as JSON, without any text."""
    return [[one.start, one.end, one.type.value, one.score, one.rule] for one in findings]


def unpacked(values: Sequence[Sequence[object]]) -> list[Finding]:
    return [
        Finding(int(str(start)), int(str(end)), EntityType(str(kind)), float(str(score)), str(rule))
        for start, end, kind, score, rule in values
    ]
